"""What belongs into a backup: the database as it was at one moment, and the folders that adapters keep beside it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from bot.backup.archive import BackupError, settle_folder
from bot.settings import Settings

SQLITE_PART = "database.sqlite3"
POSTGRES_PART = "database.dump"
FOLDERS = "folders"
PATIENCE = 60.0
"""Seconds to wait for a lock of SQLite's."""
_SQLITE = b"SQLite format 3\0"
_BESIDE_SQLITE = ("-wal", "-shm", "-journal")


def folders(settings: Settings) -> dict[str, Path]:
    """Folders of adapters, by adapter: the setting `folder` of its section, else its name in the data folder."""
    found = {}
    for name, section in settings.platforms.items():
        folder = Path(str(section.get("folder") or settings.data.folder / name))
        if folder.is_dir():
            found[name] = folder
    return found


def place_of(settings: Settings, name: str) -> Path:
    """Where the folder of the adapter `name` is, or would be."""
    section = settings.platforms.get(name, {})
    return Path(str(section.get("folder") or settings.data.folder / name))


def snapshot(database: Path, to: Path) -> None:
    """SQLite's state at one moment, whatever is being written meanwhile. It holds up nobody.

    `VACUUM INTO` reads one snapshot in one go; the backup API begins anew with every write and never ends under load.
    """
    with closing(
        sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE)
    ) as source:
        source.execute("VACUUM INTO ?", (str(to),))
    to.chmod(0o600)
    with to.open("rb") as written:
        os.fsync(written.fileno())


def check(database: Path) -> str:
    """The newest migration of a SQLite file that is sound. Raises `BackupError` if it is damaged."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        try:
            verdict = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
            (revision,) = opened.execute("SELECT version_num FROM alembic_version").fetchone()
        except (sqlite3.DatabaseError, TypeError):
            verdict, revision = "unreadable", ""
    if verdict != "ok":
        raise BackupError(
            "The database is damaged, so no backup was made of it. Restore the newest good one."
        )
    return str(revision)


def copy_folder(folder: Path, to: Path) -> None:
    """Copy a folder that is in use: SQLite files by a snapshot, others byte by byte."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.name.endswith(_BESIDE_SQLITE):
            continue
        target = to / path.relative_to(folder)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("rb") as start:
            is_database = start.read(len(_SQLITE)) == _SQLITE
        if is_database:
            snapshot(path, target)
        else:
            shutil.copyfile(path, target)


def keep_before(database: Path, revision: str, *, keep: int = 3) -> Path:
    """A copy of SQLite's file before it gets the tables of `revision`; the last few such copies are kept."""
    kept = database.with_name(f"{database.stem}.before-{revision}{database.suffix}")
    half = kept.with_name(f".{kept.name}.part")
    half.unlink(missing_ok=True)
    try:
        snapshot(database, half)
        half.replace(kept)
    finally:
        half.unlink(missing_ok=True)
    settle_folder(kept.parent)
    copies = sorted(
        database.parent.glob(f"{database.stem}.before-[0-9]*{database.suffix}"), key=_age, reverse=True
    )
    for old in copies[keep:]:
        old.unlink()
    return kept


def _age(path: Path) -> tuple[float, str]:
    return path.stat().st_mtime, path.name


def dump(url: URL, to: Path) -> None:
    """PostgreSQL's own dump. Raises `BackupError` with what to run where its program is missing or fails."""
    by_hand = f"pg_dump --format=custom --file=backup.dump {_shown(url)}"
    _run("pg_dump", ["--format=custom", f"--file={to}"], url, by_hand)
    to.chmod(0o600)
    with to.open("rb") as written:
        os.fsync(written.fileno())


def undump(url: URL, file: Path) -> None:
    """Put a dump in the place of what the database holds: all of it or nothing."""
    by_hand = f"pg_restore --clean --if-exists --single-transaction --dbname={_shown(url)} {POSTGRES_PART}"
    arguments = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error", str(file)]
    _run("pg_restore", arguments, url, by_hand)


def _run(program: str, arguments: list[str], url: URL, by_hand: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise BackupError(
            f"{program} is not on this machine. Install PostgreSQL's client, or run by hand: {by_hand}"
        )
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    where = [f"--dbname={_shown(url)}"]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, with arguments of ours
        [found, *where, *arguments], env=os.environ | password, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        # Its words may quote rows: only what names the program's own trouble is shown.
        mismatch = "server version mismatch" in done.stderr
        why = f"it is older than the server ({found})" if mismatch else f"it ended with {done.returncode}"
        raise BackupError(f"{program} failed: {why}. Run it by hand to see more: {by_hand}")


def _shown(url: URL) -> str:
    """The address as PostgreSQL's programs read it, without the password."""
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return plain.render_as_string(hide_password=False)
