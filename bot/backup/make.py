"""`quartierbote backup`: everything into one file, beside the running program."""

from __future__ import annotations

import asyncio
import os
from importlib.metadata import version
from pathlib import Path

from bot.backup import parts
from bot.backup.archive import BackupError, Manifest, in_words, sha256, workshop, write
from bot.clock import Clock
from bot.settings import Settings
from bot.storage import Database, schema
from bot.storage.moved import mark_of, refuse_moved


async def take(settings: Settings, file: Path, clock: Clock, *, force: bool = False) -> Manifest:
    """Make a backup of everything in `file`. Raises `BackupError`, and `MovedError` for a file that nobody uses any
    more; then nothing bears the file's name that didn't.

    `force`: in the place of a file that is there.
    """
    file = Path(os.path.abspath(file))  # noqa: PTH100, ASYNC240 - no link is followed; nobody waits yet
    is_sqlite = _may_begin(settings, file, force=force)
    revision = "" if is_sqlite else await _revision(settings)
    return await asyncio.to_thread(_take, settings, file, clock, revision)


def _may_begin(settings: Settings, file: Path, *, force: bool) -> bool:
    """Whether the database is SQLite's. Raises `BackupError` where there is no use in beginning."""
    if not file.parent.is_dir():
        raise BackupError(f"There is no folder {file.parent}. Make it first, best on another disk.")
    if file.is_dir():
        raise BackupError(f"{file} is a folder. Name a file in it. Example: {file / 'quartierbote.tar.gz'}")
    if file.exists() and not force:
        raise BackupError(f"{file} is there already. Name another file, or replace it with --force.")
    refuse_moved(mark_of(settings.database_url))
    is_sqlite = settings.database_url.get_backend_name() == "sqlite"
    if is_sqlite and not Path(str(settings.database_url.database)).is_file():
        raise BackupError(f"There is no database yet at {settings.database_url.database}.")
    return is_sqlite


def _take(settings: Settings, file: Path, clock: Clock, revision: str) -> Manifest:
    with in_words(file), workshop(file, "backup") as work:
        taken_at = clock.now()
        inside = work / "inside"
        inside.mkdir(mode=0o700)
        if revision:
            kind, database = "postgresql", inside / parts.POSTGRES_PART
            parts.dump(settings.database_url, database)
        else:
            kind, database = "sqlite", inside / parts.SQLITE_PART
            parts.snapshot(Path(str(settings.database_url.database)), database)
            revision = parts.check(database)
        for name, folder in parts.folders(settings).items():
            parts.copy_folder(folder, inside / parts.FOLDERS / name)
        packed = {
            path.relative_to(inside).as_posix(): path for path in sorted(inside.rglob("*")) if path.is_file()
        }
        digests = {name: sha256(path) for name, path in packed.items()}
        manifest = Manifest(version("quartierbote"), revision, kind, taken_at, digests)
        write(file, packed, manifest, work)
    return manifest


async def _revision(settings: Settings) -> str:
    database = Database(settings.database_url.render_as_string(hide_password=False))
    try:
        found = await schema.revision(database)
    finally:
        await database.close()
    if found is None:
        raise BackupError("There are no tables yet in this database, so there is nothing to back up.")
    return found
