"""`quartierbote restore`: a backup in the place of what is there, which is kept aside."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL

from bot.backup import parts
from bot.backup.archive import BackupError, Manifest, in_words, settle_folder, unpack, workshop
from bot.backup.settle import Settled, settle
from bot.clock import Clock
from bot.settings import Settings
from bot.storage import Database, schema
from bot.storage.moved import mark_of, refuse_moved
from bot.storage.sole import sole_program


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    settled: Settled
    aside: Path | None
    """Where what was there before is kept; None if there was nothing."""
    folders: tuple[str, ...]
    """Adapters whose folder came from the backup."""
    kept_folders: tuple[str, ...]
    """Adapters whose folder was there, and stayed."""


async def restore(settings: Settings, file: Path, clock: Clock) -> Restored:
    """Put a backup back. Raises `BackupError`, `AlreadyRunningError` while the program runs, and `MovedError` in the
    place of a city that has moved: nothing is changed.

    Until the very last step the database that is there stays as it is; that step is a rename.
    """
    if not os.path.isfile(file):  # noqa: PTH113, ASYNC240 - a look before anything begins
        raise BackupError(f"There is no file {file}.")
    url = settings.database_url
    refuse_moved(mark_of(url))
    async with sole_program(url):
        if url.get_backend_name() == "sqlite":
            return await _restore_sqlite(settings, Path(str(url.database)), file, clock)
        return await _restore_postgres(settings, file, clock)


async def _restore_sqlite(settings: Settings, database: Path, file: Path, clock: Clock) -> Restored:
    database.parent.mkdir(parents=True, exist_ok=True)
    with in_words(database), workshop(database, "restore") as work:
        manifest = await asyncio.to_thread(_opened, file, work / "inside", "sqlite")
        new = work / "inside" / parts.SQLITE_PART
        settled = await _settled(URL.create("sqlite+aiosqlite", database=str(new)), manifest, clock)
        came, stayed = _put_folders(settings, work / "inside" / parts.FOLDERS)
        aside = _take_its_place(new, database, clock.now())
    return Restored(manifest, settled, aside, came, stayed)


async def _restore_postgres(settings: Settings, file: Path, clock: Clock) -> Restored:
    url = settings.database_url
    folder = settings.data.folder
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - nothing else runs meanwhile
    aside: Path | None = None
    with in_words(folder / "restore"), workshop(folder / f"{url.database}", "restore") as work:
        manifest = await asyncio.to_thread(_opened, file, work / "inside", "postgresql")
        if await _has_tables(url):
            aside = folder / f"{url.database}.before-restore-{_stamp(clock.now())}.dump"
            await asyncio.to_thread(parts.dump, url, aside)
        # Two transactions of two programs: between them, and while they last, nothing starts on this database.
        await _close(url)
        try:
            await asyncio.to_thread(parts.undump, url, work / "inside" / parts.POSTGRES_PART)
        except BackupError:
            await _open(url)  # all or nothing: it is as it was
            raise
        settled = await _settled(url, manifest, clock)
        came, stayed = _put_folders(settings, work / "inside" / parts.FOLDERS)
    return Restored(manifest, settled, aside, came, stayed)


def _opened(file: Path, inside: Path, kind: str) -> Manifest:
    inside.mkdir(mode=0o700)
    manifest = unpack(file, inside)
    if manifest.kind != kind:
        raise BackupError(
            f"{file} is a backup of a {manifest.kind} database, but the settings name a {kind} database."
        )
    if manifest.schema > schema.head():
        raise BackupError(
            f"{file} was made by a newer version of Quartierbote ({manifest.version}). Install that version first."
        )
    part = parts.SQLITE_PART if kind == "sqlite" else parts.POSTGRES_PART
    if part not in manifest.files:
        raise BackupError(f"{file} holds no database.")
    if kind == "sqlite" and parts.check(inside / part) != manifest.schema:
        raise BackupError(f"{file} is damaged: its database isn't the one its manifest names.")
    return manifest


async def _settled(url: URL, manifest: Manifest, clock: Clock) -> Settled:
    """Bring it to this version's tables, and tell it that time went on."""
    database = Database(url.render_as_string(hide_password=False))
    try:
        if await schema.standing(database) is not schema.Standing.CURRENT:
            await schema.upgrade(database)
        async with database.write() as session:
            settled = await settle(session, manifest.taken_at, clock)
            await schema.end_restoring(session)
        await database.settle()
    finally:
        await database.close()
    return settled


async def _close(url: URL) -> None:
    database = Database(url.render_as_string(hide_password=False))
    try:
        await schema.begin_restoring(database)
    finally:
        await database.close()


async def _open(url: URL) -> None:
    database = Database(url.render_as_string(hide_password=False))
    try:
        async with database.write() as session:
            await schema.end_restoring(session)
    finally:
        await database.close()


async def _has_tables(url: URL) -> bool:
    database = Database(url.render_as_string(hide_password=False))
    try:
        return await schema.revision(database) is not None
    finally:
        await database.close()


def _put_folders(settings: Settings, inside: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A folder that is there stays: its keys went on since the backup, and old ones would be refused."""
    came, stayed = [], []
    for folder in sorted(inside.iterdir()) if inside.is_dir() else []:
        place = parts.place_of(settings, folder.name)
        if place.is_dir() and any(place.iterdir()):
            stayed.append(folder.name)
        else:
            shutil.copytree(folder, place, dirs_exist_ok=True)
            place.chmod(0o700)
            for path in (place, *place.rglob("*")):
                _give_to_owner(path, settings.data.folder)
            came.append(folder.name)
    return tuple(came), tuple(stayed)


def _take_its_place(new: Path, database: Path, now: datetime) -> Path | None:
    """Returns where what was there is kept."""
    parts.check(new)
    for left in (f"{new}-wal", f"{new}-shm"):
        Path(left).unlink(missing_ok=True)  # empty by now: everything is in the file
    new.chmod(0o600)
    _give_to_owner(new, database.parent)
    with new.open("rb") as written:
        os.fsync(written.fileno())
    aside = _set_aside(database, now)
    new.replace(database)
    settle_folder(database.parent)
    return aside


def _give_to_owner(path: Path, folder: Path) -> None:
    """Root restores, but the program runs as another user: whose the folder is, theirs are the files."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _set_aside(database: Path, now: datetime) -> Path | None:
    """A second name for what is there, with everything in it; its own name stays until the new one takes it."""
    if not database.exists():
        return None
    aside = database.with_name(f"{database.stem}.before-restore-{_stamp(now)}{database.suffix}")
    try:
        with closing(sqlite3.connect(database)) as present:
            present.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError:
        pass  # damaged: it is kept as it is, with what lies beside it
    for beside in ("-wal", "-shm"):
        left = Path(f"{database}{beside}")
        if left.exists():
            left.replace(Path(f"{aside}{beside}"))
    os.link(database, aside)
    return aside


def _stamp(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%S")
