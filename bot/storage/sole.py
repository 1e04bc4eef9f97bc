"""One program runs at a time on a database: two would take the same messages in, and send everything twice.

The lock dies with its holder: with SQLite it is the operating system's, on a file beside the database, with
PostgreSQL it belongs to a connection that is held for the program's life.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import URL, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

LOCK = 0x51756172746965
"""The lock's number in PostgreSQL ("Quartie" in ASCII); each database of a server has its own locks."""
LOOK = 5.0
"""Seconds between looks whether the connection still lives."""
PATIENCE = 10.0
"""Seconds until a server that doesn't answer counts as lost."""
# A machine that vanished says no goodbye: by these the server finds out in half a minute, not in two hours.
_KEEPALIVES = {"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}


class AlreadyRunningError(Exception):
    """Another program runs on this database; the message says so in words for whoever started the second one."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"Quartierbote is already running on {database}. Stop that one first, or give this one another database."
        )


class LockLostError(Exception):
    """The connection that held the lock is gone, so another program may have begun; the message is the operator's."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"The connection to the database {database} was lost, so Quartierbote ended: another one may run there by"
            " now. Start it again once the database answers."
        )


@asynccontextmanager
async def sole_program(url: URL) -> AsyncIterator[None]:
    """Be the only running program on this database.

    Raises `AlreadyRunningError`, and what the driver raises when the server can't be reached. If the lock is lost,
    the block is cancelled and `LockLostError` raised in its place.
    """
    if url.get_backend_name() == "sqlite":
        with _sole_on_file(url):
            yield
    else:
        async with _sole_on_server(url):
            yield


@contextmanager
def _sole_on_file(url: URL) -> Iterator[None]:
    if url.database in (None, "", ":memory:"):
        yield
        return
    database = Path(str(url.database))
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_name(database.name + ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise AlreadyRunningError(str(database)) from taken
        yield


@asynccontextmanager
async def _sole_on_server(url: URL) -> AsyncIterator[None]:
    place = f"{url.host}/{url.database}"
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
    connection = await engine.connect()
    try:
        for name, value in _KEEPALIVES.items():
            await connection.execute(
                text("SELECT set_config(:name, :value, false)"), {"name": name, "value": value}
            )
        if not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
            raise AlreadyRunningError(place)
        async with _while_it_lives(connection, place):
            yield
    finally:
        await _hang_up(connection)


@asynccontextmanager
async def _while_it_lives(connection: AsyncConnection, place: str) -> AsyncIterator[None]:
    """Cancel the block when the connection is gone. Works as `asyncio.timeout` does."""
    owner = asyncio.current_task()
    watch = asyncio.create_task(_lost(connection))
    is_lost = False

    def lost(_: asyncio.Task[None]) -> None:
        nonlocal is_lost
        is_lost = True
        if owner is not None:
            owner.cancel()

    watch.add_done_callback(lost)
    try:
        yield
    except (asyncio.CancelledError, Exception) as end:
        if is_lost and owner is not None and owner.uncancel() == 0:
            raise LockLostError(place) from end
        raise
    finally:
        watch.remove_done_callback(lost)
        watch.cancel()
        await asyncio.wait([watch])


async def _lost(connection: AsyncConnection) -> None:
    """Return once the connection is gone: at once when the server says so, else at the next look."""
    closed = asyncio.Event()
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is not None:
        driver.add_termination_listener(lambda _: closed.set())
    while not closed.is_set():
        try:
            async with asyncio.timeout(LOOK):
                await closed.wait()
        except TimeoutError:
            pass
        try:
            async with asyncio.timeout(PATIENCE):
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError):
            return


async def _hang_up(connection: AsyncConnection) -> None:
    """Close the connection, and the lock with it; one that is lost has closed already."""
    try:
        async with asyncio.timeout(1):
            await connection.close()
            await connection.engine.dispose()
    except (SQLAlchemyError, OSError):
        pass
