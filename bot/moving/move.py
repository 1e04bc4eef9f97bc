"""The move: look at both sides, copy every table, weigh it on both sides, and commit only if they are equal."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy import URL, func, make_url, select
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.backup import parts
from bot.moving import rows, target
from bot.moving.errors import MoveError, in_words, place_of
from bot.settings import DatabaseSettings, Settings
from bot.storage import Database, schema
from bot.storage.moved import mark_moved, mark_of, refuse_moved
from bot.storage.schema import Standing
from bot.storage.sole import sole_program
from bot.tables import metadata


class Progress(Protocol):
    """Hears how far it is."""

    def begins(self, steps: int) -> None: ...

    def went(self, steps: int, table: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved where."""

    rows: int
    tables: int
    source: str
    address: str
    """Of the PostgreSQL, with stars in the place of the password."""
    folders: tuple[str, ...]
    """Folders of adapters, which stay where they are."""


async def move(settings: Settings, to: str, progress: Progress) -> Moved:
    """Move the city of these settings to the PostgreSQL at `to`: all of it, or nothing.

    Raises `MoveError`, `MovedError` for a city that has moved already, and `AlreadyRunningError` while a program runs
    on either side.
    """
    url = target_url(settings, to)
    file = _source_file(settings)
    async with sole_program(settings.database_url), _alone_there(url):
        source, there = _opened(settings.database_url), _opened(url)
        try:
            await _may_leave(source, file)
            async with (
                _beside(source, file) as require_unwritten,
                source.engine.connect() as reading,
                reading.begin(),
            ):
                with in_words(url):
                    async with there.engine.connect() as writing, writing.begin():
                        count = await _move(reading, writing, place_of(url), progress)
                        await require_unwritten()
                _mark(settings.database_url, place_of(url))
        finally:
            await source.close()
            await there.close()
    return Moved(
        count,
        len(metadata().sorted_tables),
        str(file),
        url.set(drivername="postgresql").render_as_string(hide_password=True),
        tuple(str(folder) for folder in parts.folders(settings).values()),
    )


async def _move(source: AsyncConnection, there: AsyncConnection, place: str, progress: Progress) -> int:
    tables = metadata().sorted_tables
    await target.require_empty(there, tables, place, await target.secret_of(source))
    await target.make_tables(there)
    counts = [await source.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    progress.begins(2 * sum(counts))
    sent = [await rows.copy(source, there, table, progress.went) for table in tables]
    await target.go_on_after(there, tables, await target.given_out(source))
    for table, count, was in zip(tables, counts, sent, strict=True):
        arrived = await rows.weigh(there, table, progress.went)
        if not count == was.rows == arrived.rows:
            raise MoveError(
                f"The table {table.name} has {count} rows here, but {arrived.rows} arrived. Nothing was changed"
                " there. Run the same command again; if it stays so, please report it."
            )
        if arrived.weight != was.weight:
            raise MoveError(
                f"What arrived in the table {table.name} is not what was sent. Nothing was changed there."
                " Please report this."
            )
    await target.analyse(there, tables)
    return sum(counts)


@asynccontextmanager
async def _beside(source: Database, file: Path) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Sees whether a command wrote into the file since the block began. Once asked, nobody can until the block ends.

    Raises `MoveError` when asked. It needs a connection of its own: SQLite tells what *others* wrote.
    """
    async with source.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        before = await driver.execute_fetchall(_WRITTEN)

        async def require_unwritten() -> None:
            try:
                await driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as busy:
                raise MoveError(_written(file)) from busy
            if await driver.execute_fetchall(_WRITTEN) != before:
                raise MoveError(_written(file))

        try:
            yield require_unwritten
        finally:
            await driver.rollback()


_WRITTEN = "PRAGMA data_version"


def _written(file: Path) -> str:
    return (
        f"Something was written into {file} while it was copied (by a command such as role or city). Nothing was"
        " changed in PostgreSQL. Run the same command again."
    )


def _mark(source: URL, place: str) -> None:
    try:
        mark_moved(source, place)
    except OSError as fault:
        raise MoveError(
            f"The city is at {place} now; set QUARTIERBOTE_DATABASE__URL to that address. But {mark_of(source)} could"
            f" not be written ({fault.strerror}), so take care that nobody starts the program on the old file again."
        ) from fault


def target_url(settings: Settings, to: str) -> URL:
    """The address with our driver. Raises `MoveError` for what is none, and for the ways that there aren't."""
    try:
        url = make_url(DatabaseSettings(url=to).url)
    except (ValidationError, ArgumentError, ValueError, TypeError):  # ArgumentError: nothing at all was given
        url = None
    if url is None or url.get_backend_name() != "postgresql" or not url.database:
        raise MoveError(
            "--to takes the address of a PostgreSQL database."
            " Example: quartierbote migrate --to postgresql://quartierbote:PASSWORD@localhost/quartierbote"
        )
    if settings.database_url.get_backend_name() != "sqlite":
        raise MoveError(
            "This city is on PostgreSQL already, and --to moves a city from SQLite to PostgreSQL only."
            " From one PostgreSQL to another: quartierbote backup and restore."
        )
    return url


def _source_file(settings: Settings) -> Path:
    file = Path(str(settings.database_url.database))
    if not file.is_file():
        raise MoveError(f"There is no database yet at {file}, so there is nothing to move.")
    # Moved once more, there would be two cities that tell the same people.
    refuse_moved(mark_of(settings.database_url))
    return file


async def _may_leave(source: Database, file: Path) -> None:
    standing = await schema.standing(source)
    if standing is Standing.EMPTY:
        raise MoveError(f"There are no tables in {file}, so there is nothing to move.")
    if standing is Standing.BEHIND:
        raise MoveError(f"{file} has the tables of an older version. Run first: quartierbote migrate")
    if standing is Standing.AHEAD:
        raise MoveError(f"{file} was used by a newer version of Quartierbote. Install that version.")
    if await schema.integrity(source) != "ok":
        raise MoveError(f"{file} is damaged. Restore the newest good backup, then move.")


def _opened(url: URL) -> Database:
    return Database(url.render_as_string(hide_password=False), streams=True)


@asynccontextmanager
async def _alone_there(url: URL) -> AsyncIterator[None]:
    """No program, and no second move, on the target. A server that can't be reached is found out here."""
    async with AsyncExitStack() as held:
        with in_words(url):
            await held.enter_async_context(sole_program(url))
        yield
