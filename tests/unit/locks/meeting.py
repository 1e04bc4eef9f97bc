"""Two transactions at once, in a fixed order: the first has acted but not committed, while the second begins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage import Database

Act = Callable[[AsyncSession], Awaitable[Any]]


async def meet(database: Database, first: Act, second: Act) -> tuple[Any, Any]:
    """What each of them returned or raised. The second begins when the first has acted, and before it commits."""
    async with database.write() as session:
        one = await outcome(first(session))
        other = asyncio.create_task(outcome(alone(database, second)))
        await waits(database, other)
    return one, await other


async def alone(database: Database, act: Act) -> Any:
    """An act in a transaction of its own."""
    async with database.write() as session:
        return await act(session)


async def waits(database: Database, other: asyncio.Task[Any]) -> bool:
    """Return once `other` waits for a lock (True), or has ended."""
    waiting = text(
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
        " WHERE NOT l.granted AND a.datname = current_database()"
    )
    while not other.done():
        async with database.read() as session:
            if await session.scalar(waiting):
                return True
        await asyncio.sleep(0.005)
    return False


async def outcome(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except Exception as fault:
        return fault
