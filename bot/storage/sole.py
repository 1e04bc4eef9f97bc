"""Who may be at a database at the same time.

SQLite: one running program, since two would take the same messages in and send everything twice; the lock is the
operating system's, on a file beside the database. PostgreSQL: any number of them, which share the work by leases; but
none while a backup is put back, and one at a time while it makes the tables ready. Every lock dies with its holder.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import URL, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.line import line, lost

log = logging.getLogger(__name__)

LOCK = 0x51756172746965
"""The lock's number in PostgreSQL ("Quartie" in ASCII); each database of a server has its own locks."""
TURN = LOCK + 1
"""The lock of who makes the tables ready."""
LOOKED = 0.05
"""Seconds after which whoever only looked has let go of the lock again."""
AGAIN = 1.0
"""Seconds between attempts to reach a server that is gone."""


class AlreadyRunningError(Exception):
    """A program runs on this database; the message says so in words for whoever started the second one."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"Quartierbote is already running on {database}. Stop that one first, or give this one another database."
        )


class BeingRestoredError(Exception):
    """A backup is being put back; the message is the operator's."""

    def __init__(self, database: str) -> None:
        super().__init__(f"A backup is being restored on {database}. Start again when that is done.")


class LockLostError(Exception):
    """The connection that held the lock is gone, so a program may have begun; the message is the operator's."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"The connection to the database {database} was lost, so this ended: a program may run there by now."
            " Start it again once the database answers."
        )


@asynccontextmanager
async def sole_program(url: URL) -> AsyncIterator[None]:
    """Be the only one at this database: no program runs meanwhile.

    Raises `AlreadyRunningError`, and what the driver raises when the server can't be reached. If the lock is lost,
    the block is cancelled and `LockLostError` raised in its place.
    """
    if url.get_backend_name() == "sqlite":
        with _sole_on_file(url):
            yield
        return
    async with line(url) as connection:
        if not await _try(connection, "pg_try_advisory_lock", LOCK):
            raise AlreadyRunningError(_place(url))
        async with _unless(lambda: lost(connection), LockLostError(_place(url))):
            yield


@asynccontextmanager
async def running_program(url: URL) -> AsyncIterator[None]:
    """Be one of the programs that run on this database; on SQLite the only one.

    Raises `AlreadyRunningError` (SQLite), `BeingRestoredError` (PostgreSQL), and what the driver raises when the server
    can't be reached. A connection that is lost later is made anew; if a restore has begun meanwhile, the block is
    cancelled and `BeingRestoredError` raised in its place.
    """
    if url.get_backend_name() == "sqlite":
        with _sole_on_file(url):
            yield
        return
    held = asyncio.get_running_loop().create_future()
    holding = asyncio.create_task(_hold_shared(url, held))
    try:
        await asyncio.wait([holding, held], return_when=asyncio.FIRST_COMPLETED)
        if holding.done():
            holding.result()  # raises what kept us from it
            raise BeingRestoredError(_place(url))
        async with _unless(lambda: asyncio.shield(holding), BeingRestoredError(_place(url))):
            yield
    finally:
        holding.cancel()
        await asyncio.wait([holding])


@asynccontextmanager
async def in_turn(url: URL) -> AsyncIterator[None]:
    """Of several processes that start on PostgreSQL, one goes on and the others wait. SQLite needs none of this."""
    if url.get_backend_name() == "sqlite":
        yield
        return
    async with line(url) as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": TURN})
        yield


@contextmanager
def _sole_on_file(url: URL) -> Iterator[None]:
    if url.database in (None, "", ":memory:"):
        yield
        return
    file = _lock_file(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lock:
        if not _locked(lock, fcntl.LOCK_EX) and not _locked(lock, fcntl.LOCK_EX, after=LOOKED):
            raise AlreadyRunningError(str(url.database))
        yield


def program_runs(url: URL) -> bool:
    """Whether a program runs on this SQLite file, or a backup is being put back there."""
    try:
        with _lock_file(url).open() as lock:
            return not _locked(lock, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _lock_file(url: URL) -> Path:
    database = Path(str(url.database))
    return database.with_name(database.name + ".lock")


def _locked(lock: IO[str], kind: int, *, after: float = 0.0) -> bool:
    """Take the lock, which ends when its file is closed, if nobody has it."""
    time.sleep(after)
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _hold_shared(url: URL, held: asyncio.Future[None]) -> None:
    """Hold the lock beside other programs, over lost connections. Returns when a restore has it."""
    while True:
        try:
            async with line(url) as connection:
                if not await _try(connection, "pg_try_advisory_lock_shared", LOCK):
                    return
                if held.done():
                    log.info("the database %s answers again", _place(url))
                else:
                    held.set_result(None)
                await lost(connection)
            log.warning("the connection to the database %s was lost; trying again", _place(url))
        except (SQLAlchemyError, OSError):
            if not held.done():
                raise
        await asyncio.sleep(AGAIN)


async def _try(connection: AsyncConnection, function: str, lock: int) -> bool:
    return bool(await connection.scalar(text(f"SELECT {function}(:lock)"), {"lock": lock}))


def _place(url: URL) -> str:
    return f"{url.host}/{url.database}"


@asynccontextmanager
async def _unless(happens: Callable[[], Awaitable[None]], error: Exception) -> AsyncIterator[None]:
    """Cancel the block when something happens, and raise `error` in its place. Works as `asyncio.timeout` does."""
    owner = asyncio.current_task()
    has_happened = False

    async def watching() -> None:
        await happens()

    def tell(_: asyncio.Task[None]) -> None:
        nonlocal has_happened
        has_happened = True
        if owner is not None:
            owner.cancel()

    watch = asyncio.create_task(watching())
    watch.add_done_callback(tell)
    try:
        yield
    except (asyncio.CancelledError, Exception) as end:
        if has_happened and owner is not None and owner.uncancel() == 0:
            raise error from end
        raise
    finally:
        watch.remove_done_callback(tell)
        watch.cancel()
        await asyncio.wait([watch])
