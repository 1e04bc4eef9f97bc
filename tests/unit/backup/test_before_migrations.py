"""Before the tables change there is a copy of what they were; without one they don't change."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import prepare
from bot.backup import BackupError, parts
from bot.prepare import NotReadyError, migrate, prepare_tables
from bot.settings import DatabaseSettings, DataSettings, Settings
from bot.storage import Database, schema


async def as_it_was_earlier(settings: Settings) -> None:
    """The first version's tables, with a row that will be missed."""
    database = Database(settings.database_url.render_as_string(hide_password=False))
    await schema.upgrade(database, "0001")
    async with database.write() as session:
        await session.execute(text("INSERT INTO counter (name, value) VALUES ('kept', 7)"))
    await database.close()


def revision(file: Path) -> str:
    with closing(sqlite3.connect(file)) as read:
        assert read.execute("SELECT value FROM counter WHERE name = 'kept'").fetchone() == (7,)
        return str(read.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.mark.parametrize("how", [prepare_tables, migrate])
async def test_the_embedded_database_is_copied_first(settings: Settings, tmp_path: Path, how: object) -> None:
    await as_it_was_earlier(settings)
    await (prepare_tables(settings) if how is prepare_tables else migrate(settings))
    kept = tmp_path / "data" / f"quartierbote.before-{schema.head()}.sqlite3"
    assert revision(kept) == "0001"
    assert revision(tmp_path / "data" / "quartierbote.sqlite3") == schema.head()
    assert oct(kept.stat().st_mode)[-3:] == "600"


async def test_the_last_three_copies_stay(settings: Settings, tmp_path: Path) -> None:
    await as_it_was_earlier(settings)
    database = tmp_path / "data" / "quartierbote.sqlite3"
    for number in range(1, 6):
        kept = parts.keep_before(database, f"000{number}")
        os.utime(kept, (number, number))
    copies = {path.name for path in (tmp_path / "data").glob("*.before-*")}
    assert copies == {f"quartierbote.before-000{number}.sqlite3" for number in (3, 4, 5)}


async def test_no_room_for_the_copy_no_change(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    await as_it_was_earlier(settings)
    monkeypatch.setattr(parts, "snapshot", full)
    with pytest.raises((BackupError, NotReadyError), match="There is no room left"):
        await prepare_tables(settings)
    assert revision(tmp_path / "data" / "quartierbote.sqlite3") == "0001"


async def test_postgresql_asks_for_a_backup_where_it_can_make_none(
    empty_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(database=DatabaseSettings(url=empty_postgres_url), data=DataSettings(folder=tmp_path))
    await as_it_was_earlier(settings)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReadyError, match="quartierbote migrate --backup-done"):
        await prepare.migrate(settings)
    database = Database(empty_postgres_url)
    assert await schema.revision(database) == "0001"
    await prepare.migrate(settings, backup_done=True)
    assert await schema.revision(database) == schema.head()
    await database.close()
