"""`quartierbote restore`: what was there stays until the very end, and nobody gets twice what may have arrived."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.backup import BackupError
from bot.backup.make import take
from bot.backup.restore import restore
from bot.clock import ManualClock
from bot.settings import DatabaseSettings, DataSettings, Settings
from bot.storage import Database
from bot.storage.moved import MovedError, mark_moved
from bot.storage.sole import AlreadyRunningError, sole_program
from tests.stories.driver import Neighbour, open_town
from tests.stories.sides import MemorySide


def number(settings: Settings, query: str) -> int:
    with closing(sqlite3.connect(str(settings.database_url.database))) as read:
        return int(read.execute(query).fetchone()[0])


async def put(database: Database, value: int) -> None:
    async with database.write() as session:
        await session.execute(
            text(
                "INSERT INTO counter (name, value) VALUES ('x', :v) ON CONFLICT (name) DO UPDATE SET value = :v"
            ),
            {"v": value},
        )


X = "SELECT value FROM counter WHERE name = 'x'"


async def test_what_was_there_is_kept_aside(
    settings: Settings, city: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await put(city, 1)
    await take(settings, tmp_path / "all.tar.gz", clock)
    await put(city, 2)
    await city.close()
    done = await restore(settings, tmp_path / "all.tar.gz", clock)
    assert number(settings, X) == 1
    assert done.aside is not None
    assert ".before-restore-" in done.aside.name
    with closing(sqlite3.connect(done.aside)) as before:
        assert before.execute(X).fetchone() == (2,)
    left = {path.name for path in (tmp_path / "data").iterdir()}
    assert left == {"quartierbote.sqlite3", "quartierbote.sqlite3.lock", done.aside.name}


async def test_not_in_the_place_of_a_city_that_has_moved(
    settings: Settings, city: Database, clock: ManualClock, tmp_path: Path
) -> None:
    """It would be refused at the next start."""
    await put(city, 1)
    await take(settings, tmp_path / "all.tar.gz", clock)
    await put(city, 2)
    await city.close()
    mark_moved(settings.database_url, "db.example.org:5432/town")
    with pytest.raises(MovedError):
        await restore(settings, tmp_path / "all.tar.gz", clock)
    assert number(settings, X) == 2


async def test_not_while_the_program_runs(
    settings: Settings, city: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await put(city, 1)
    await take(settings, tmp_path / "all.tar.gz", clock)
    await put(city, 2)
    async with sole_program(settings.database_url):
        with pytest.raises(AlreadyRunningError):
            await restore(settings, tmp_path / "all.tar.gz", clock)
    assert number(settings, X) == 2


def repacked(file: Path, to: Path, **changes: object) -> Path:
    """The backup with another manifest, or (`database=`) another content."""
    with tarfile.open(file) as old, tarfile.open(to, "w:gz") as new:
        for member in old:
            source = old.extractfile(member)
            assert source is not None
            content = source.read()
            if member.name == "manifest.json":
                rest = {name: value for name, value in changes.items() if name != "database"}
                content = json.dumps(json.loads(content) | rest).encode()
            elif "database" in changes:
                content = content[:-1] + b"?"
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return to


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema": "9999"}, "made by a newer version"),
        ({"database": "changed"}, "is damaged"),
        ({"files": {}}, "is damaged"),
        ({"program": "another"}, "is not a backup of Quartierbote"),
        ({"kind": "postgresql"}, "is a backup of a postgresql database"),
        ({"schema": "0000"}, "its database isn't the one its manifest names"),
    ],
)
async def test_a_wrong_file_changes_nothing(
    settings: Settings,
    city: Database,
    clock: ManualClock,
    tmp_path: Path,
    changes: dict[str, object],
    told: str,
) -> None:
    await put(city, 1)
    await take(settings, tmp_path / "all.tar.gz", clock)
    await put(city, 2)
    wrong = repacked(tmp_path / "all.tar.gz", tmp_path / "wrong.tar.gz", **changes)
    with pytest.raises(BackupError, match=told):
        await restore(settings, wrong, clock)
    assert number(settings, X) == 2


@pytest.mark.usefixtures("city")
async def test_half_a_file_and_none(settings: Settings, clock: ManualClock, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    with pytest.raises(BackupError, match="There is no file"):
        await restore(settings, file, clock)
    await take(settings, file, clock)
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(BackupError, match="is damaged"):
        await restore(settings, file, clock)
    file.write_text("no archive")
    with pytest.raises(BackupError, match="is damaged"):
        await restore(settings, file, clock)


async def test_an_archive_cannot_write_elsewhere(
    settings: Settings, city: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await take(settings, tmp_path / "all.tar.gz", clock)
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(evil, "w:gz") as archive:
        manifest = {
            "program": "quartierbote",
            "version": "1",
            "schema": "0001",
            "kind": "sqlite",
            "taken_at": clock.now().isoformat(),
            "files": {"../../stolen": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        }
        for name, content in (("manifest.json", json.dumps(manifest).encode()), ("../../stolen", b"")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    with pytest.raises(BackupError, match="is damaged"):
        await restore(settings, evil, clock)
    assert not list(tmp_path.rglob("stolen"))


async def test_a_store_that_is_there_stays(
    settings: Settings, city: Database, clock: ManualClock, tmp_path: Path
) -> None:
    store = tmp_path / "data" / "chatty"
    store.mkdir()
    (store / "keys").write_text("old")
    await take(settings, tmp_path / "all.tar.gz", clock)
    (store / "keys").write_text("newer")
    done = await restore(settings, tmp_path / "all.tar.gz", clock)
    assert (done.folders, done.kept_folders) == ((), ("chatty",))
    assert (store / "keys").read_text() == "newer"


async def test_nobody_gets_an_announcement_twice(tmp_path: Path, clock: ManualClock) -> None:
    """The backup was made before two announcements left; both have arrived when it is put back."""
    side = MemorySide(clock)
    folder = tmp_path / "town"
    folder.mkdir()
    settings = Settings(
        database=DatabaseSettings(url=f"sqlite:///{folder / 'town.sqlite3'}"),
        data=DataSettings(folder=folder),
    )
    file = tmp_path / "all.tar.gz"
    async with open_town(side, folder, clock=clock) as town:
        mina = await town.resident("Mina")
        slow = await town.resident("Slow", pace="")
        petra = await town.staff("Petra")
        await petra.says("/ansage")
        await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
        await petra.taps("Senden")
        await town.later(timedelta(seconds=31))
        await petra.says("/ansage")
        await petra.says("Am Freitag 15 Uhr Waffeln im KAISERS, kostet nichts")
        await petra.taps("Senden")
        await petra.says("/ansage")
        await petra.says("Am Donnerstag 10 Uhr Schach im KAISERS, kostet nichts")
        await petra.taps("Später senden")
        await petra.says("heute 14 Uhr")
        await petra.taps("Senden")
        await take(settings, file, clock)
        await town.later(timedelta(hours=3))
        await mina.sees("Waffeln", "Schach")
        await town.at("2026-11-25T18:00")
        await town.at("2026-11-25T19:00")
        assert [("Kaffee" in one.text) for one in await slow.hand.seen()].count(True) == 1
    clock.advance(timedelta(minutes=5))
    done = await restore(settings, file, clock)
    assert (done.settled.drafts, done.settled.unsure) == (1, 2)
    mina_before, slow_before = await mina.hand.seen(), await slow.hand.seen()
    async with open_town(side, folder, clock=clock) as town:
        await town.later(timedelta(hours=2))
        async with town.house.database.read() as session:
            states = await session.execute(
                text("SELECT state FROM delivery WHERE item IS NOT NULL ORDER BY state")
            )
            assert "unsure" in set(states.scalars())
        for before, now in ((mina_before, await mina.hand.seen()), (slow_before, await slow.hand.seen())):
            for what in ("Waffeln", "Kaffee", "Schach"):
                assert [one for one in now if what in one.text] == [one for one in before if what in one.text]
        petra = Neighbour(town, petra.hand, "Petra")
        await petra.says("/beiträge")
        await petra.sees("Schach")


async def test_ids_and_numbers_go_on_beyond_what_may_have_been_given_out(
    settings: Settings, city: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await take(settings, tmp_path / "all.tar.gz", clock)
    await city.close()
    await restore(settings, tmp_path / "all.tar.gz", clock)
    for table in ("delivery", "text", "chat", "item", "person"):
        assert number(settings, f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'") >= 1_000_000  # noqa: S608


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
async def test_what_root_restores_belongs_to_the_program(
    settings: Settings, city: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await take(settings, tmp_path / "all.tar.gz", clock)
    await city.close()
    os.chown(tmp_path / "data", 65534, 65534)
    await restore(settings, tmp_path / "all.tar.gz", clock)
    assert (tmp_path / "data" / "quartierbote.sqlite3").stat().st_uid == 65534
