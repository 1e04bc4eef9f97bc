"""The database as the machine's loop needs it: nothing of it goes on while the loop doesn't look.

SQLite answers on the loop's own thread, so each run of the same steps is the same; a transaction takes a while of the
loop's time. PostgreSQL is another process: the loop's time stands still until it has answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, literal
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import lease
from bot.storage import Database, UTCDateTime, one_trip
from tests.unit.delivery.machine.skipping import SkippingLoop

TAKES = 0.004
"""Seconds from a transaction's beginning to its end."""


class WatchedDatabase(Database):
    """A database that keeps the loop's time."""

    def __init__(self, url: str, loop: SkippingLoop) -> None:
        super().__init__(url)
        self._selector = loop.selector
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _forgo_the_disk)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        with self._time_stands_still():
            async with super().write() as session:
                yield session
                await self._takes_a_while()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        with self._time_stands_still():
            async with super().read() as session:
                yield session
                await self._takes_a_while()

    async def close(self) -> None:
        with self._time_stands_still():
            await super().close()

    async def _takes_a_while(self) -> None:
        if self.is_sqlite:
            await asyncio.sleep(TAKES)

    @contextmanager
    def _time_stands_still(self) -> Iterator[None]:
        self._selector.awaited += not self.is_sqlite
        try:
            yield
        finally:
            self._selector.awaited -= not self.is_sqlite


def _forgo_the_disk(connection: Any, _record: object) -> None:
    """Nothing pulls the plug here."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


class _AtOnce:
    """Stands for the thread of a connection, and for the queue that leads to it."""

    daemon = False

    def start(self) -> None:
        """There is nothing to start."""

    def put_nowait(self, job: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, work = job
        try:
            result = work()
        except Exception as fault:
            if future is not None:
                future.set_exception(fault)
        else:
            if future is not None:
                future.set_result(result)


def answer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has no threads."""
    open_ = one_trip._open

    def opened(*where: Any, **settings: Any) -> Any:
        connection = open_(*where, **settings)
        connection._tx = connection._thread = _AtOnce()  # type: ignore[assignment]
        return connection

    monkeypatch.setattr(one_trip, "_open", opened)


def keep_leases_by(monkeypatch: pytest.MonkeyPatch, start: datetime, now: Callable[[], float]) -> None:
    """A lease runs by this time, not by the machine's."""

    def from_now(seconds: float) -> Any:
        return literal(start + timedelta(seconds=now() + seconds), UTCDateTime)

    monkeypatch.setattr(lease, "_from_now", from_now)
    monkeypatch.setattr(lease, "uptime", now)
