"""Faults of our own machine: the disk, the database's lock, the clock."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from bot.storage import Database
from tests.unit.delivery.world import World, until

if TYPE_CHECKING:
    from tests.faults.scene import Asked

FULL, FULL_AFTER = "disk full before it goes out", "disk full before the outcome is written down"
LOCKED, LOCKED_AFTER = (
    "database locked before it goes out",
    "database locked before the outcome is written down",
)
BACK, AHEAD = "clock an hour back", "clock a day ahead while it is under way"
KILLED = "disk full, and killed before the outcome is written down"
OF_THE_DATABASE = frozenset({FULL, FULL_AFTER, KILLED, LOCKED, LOCKED_AFTER})
ALL = OF_THE_DATABASE | {BACK, AHEAD}
_LATER = frozenset({FULL_AFTER, LOCKED_AFTER, KILLED, AHEAD})


@asynccontextmanager
async def strikes(fault: str, world: World, asked: Asked) -> AsyncIterator[None]:
    """The fault lasts as long as this; some begin once a request is under way."""
    begun, is_over = asyncio.Event(), asyncio.Event()

    async def last() -> None:
        if fault in _LATER:
            await until(lambda: asked.begun > 0)
        with _lasting(fault, world):
            begun.set()
            await is_over.wait()

    task = asyncio.create_task(last())
    if fault not in _LATER:
        await begun.wait()
    try:
        yield
    finally:
        is_over.set()
        await task


@contextmanager
def _lasting(fault: str, world: World) -> Iterator[None]:
    if fault == BACK:
        world.clock.advance(-timedelta(hours=1))
        yield
        world.clock.advance(timedelta(hours=1))
    elif fault == AHEAD:
        world.clock.advance(timedelta(days=1))
        yield
    else:
        with _full(world.database) if fault in (FULL, FULL_AFTER, KILLED) else _locked(world.database):
            yield


@contextmanager
def _full(database: Database) -> Iterator[None]:
    """What SQLite says when the disk takes no more."""

    def fail(_cursor: Any, statement: str, _parameters: Any, _context: Any) -> None:
        if statement.startswith(("UPDATE", "INSERT", "DELETE")):
            raise sqlite3.OperationalError("database or disk is full")

    kinds = ("do_execute", "do_executemany")
    for kind in kinds:
        event.listen(database.engine.sync_engine, kind, fail)
    try:
        yield
        assert database.is_full
    finally:
        for kind in kinds:
            event.remove(database.engine.sync_engine, kind, fail)


@contextmanager
def _locked(database: Database) -> Iterator[None]:
    """Another program writes, and doesn't come to an end."""
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def impatient(database: Database) -> None:
    """It gives up waiting for the lock at once, so that a test needn't."""

    @event.listens_for(database.engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=10")
        cursor.close()
