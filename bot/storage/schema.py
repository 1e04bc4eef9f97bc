"""Brings the database to the shape this version needs, and says in words where it stands.

Whether there is anything to do is decided without Alembic, so that an ordinary start doesn't wait for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.files import shipped
from bot.storage.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

RESTORING = "quartierbote_restoring"
"""On PostgreSQL this table stands beside ours while a backup is put back; no dump knows it, so none removes it."""
_VERSION_FILE = re.compile(r"(\d{4})_\w+\.py")


class Standing(StrEnum):
    """How the database's shape relates to this version of the program."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"
    """A newer version of the program was here."""
    HALF = "half"
    """A backup was being put back, and that was broken off: nobody knows what is there."""


class BrokenReferencesError(Exception):
    """A migration left rows that point nowhere; nothing of it was kept. The message names the tables."""


def head(folder: Path | None = None) -> str:
    """The newest migration: they are numbered in one line, and the number is the revision."""
    found = [
        _VERSION_FILE.fullmatch(path.name)
        for path in ((folder or shipped("migrations")) / "versions").glob("*.py")
    ]
    return max(match.group(1) for match in found if match)


async def standing(database: Database) -> Standing:
    """Where the database stands."""
    if not database.is_sqlite and await _is_half(database):
        return Standing.HALF
    found = await revision(database)
    if found is None:
        return Standing.EMPTY
    if found == head():
        return Standing.CURRENT
    return Standing.AHEAD if found > head() else Standing.BEHIND


async def begin_restoring(database: Database) -> None:
    """From now on no program starts here, until `end_restoring`."""
    async with database.write() as session:
        await session.execute(
            text(f"CREATE TABLE IF NOT EXISTS {RESTORING} (since timestamptz DEFAULT now())")
        )


async def end_restoring(session: AsyncSession) -> None:
    """In the transaction that leaves everything as a program may find it."""
    await session.execute(text(f"DROP TABLE IF EXISTS {RESTORING}"))


async def _is_half(database: Database) -> bool:
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda sync: inspect(sync).has_table(RESTORING))


async def revision(database: Database) -> str | None:
    """The newest migration the database has; None when it has no tables of ours."""
    async with database.engine.connect() as connection:
        return await _revision(connection)


async def upgrade(database: Database, to: str = "head", *, folder: Path | None = None) -> None:
    """Run the migrations that are missing, all in one transaction: all of them or none.

    SQLite alters a table by copying it and dropping the old one. With foreign keys on, the drop would delete every
    row that refers to it, so they are off meanwhile and checked before the commit. Raises `BrokenReferencesError`.
    """
    await beside(database, lambda connection: _upgrade(connection, to, folder or shipped("migrations")))


async def beside(database: Database, work: Callable[[Connection], None]) -> None:
    """Do Alembic's `work` in a transaction without foreign keys; they are checked at its end."""
    async with database.engine.connect() as connection:
        await connection.execution_options(quartierbote_begin="BEGIN IMMEDIATE")
        await _foreign_keys(connection, database, on=False)
        try:
            async with connection.begin():
                await connection.run_sync(work)
                await _check_references(connection, database)
        finally:
            await _foreign_keys(connection, database, on=True)


async def integrity(database: Database) -> str:
    """ "ok", or what SQLite's own check finds first. PostgreSQL has none that could run beside the program."""
    if not database.is_sqlite:
        return "ok"
    async with database.read() as session:
        return str(await session.scalar(text("PRAGMA quick_check(1)")))


def _upgrade(connection: Connection, to: str, folder: Path) -> None:
    from alembic import command  # slow to import, and seldom needed

    command.upgrade(configuration(connection, folder), to)


def configuration(connection: Connection, folder: Path) -> Config:
    """Alembic's configuration for a connection that is in a transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def _revision(connection: AsyncConnection) -> str | None:
    """The migration the database has; None when it has no tables of ours."""
    has_table = await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version"))
    return await connection.scalar(text("SELECT version_num FROM alembic_version")) if has_table else None


async def _foreign_keys(connection: AsyncConnection, database: Database, *, on: bool) -> None:
    """Switched on the driver's connection: inside a transaction SQLite ignores the switch."""
    if not database.is_sqlite:
        return
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is not None:
        await driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


async def _check_references(connection: AsyncConnection, database: Database) -> None:
    if not database.is_sqlite:
        return
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
    if broken:
        tables = ", ".join(sorted({f"{row[0]} → {row[2]}" for row in broken}))
        raise BrokenReferencesError(f"the migration would leave rows that point nowhere: {tables}")
