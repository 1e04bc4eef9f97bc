"""A connection to PostgreSQL that is held for long, beside the pool: for a lock, or to listen. Its loss is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import URL, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.waiting import wait

LOOK = 5.0
"""Seconds between looks whether the connection still lives."""
PATIENCE = 10.0
"""Seconds until a server that doesn't answer counts as lost."""
# A machine that vanished says no goodbye: by these the server finds out in half a minute, not in two hours.
_KEEPALIVES = {"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}


@asynccontextmanager
async def line(url: URL) -> AsyncIterator[AsyncConnection]:
    """A connection of its own, outside of any transaction. Raises what the driver raises when it can't be had."""
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
    connection = await engine.connect()
    try:
        for name, value in _KEEPALIVES.items():
            await connection.execute(
                text("SELECT set_config(:name, :value, false)"), {"name": name, "value": value}
            )
        yield connection
    finally:
        await _hang_up(connection)


async def lost(connection: AsyncConnection) -> None:
    """Return once the connection is gone: at once when the server says so, else at the next look."""
    closed = asyncio.Event()
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is not None:
        driver.add_termination_listener(lambda _: closed.set())
    while not closed.is_set():
        await wait(closed, LOOK)
        try:
            async with asyncio.timeout(PATIENCE):
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError):
            return


async def _hang_up(connection: AsyncConnection) -> None:
    """Close the connection; one that is lost has closed already."""
    try:
        async with asyncio.timeout(1):
            await connection.close()
            await connection.engine.dispose()
    except (SQLAlchemyError, OSError):
        pass
