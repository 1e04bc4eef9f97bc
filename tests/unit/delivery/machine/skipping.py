"""An event loop whose time passes only in waiting: whoever sleeps wakes at once, and in the right order.

Time stands still while a transaction is open, since the database answers from another thread or another process.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage import Database

_REAL = 0.05
"""Seconds of real time after which is looked again whether the database has answered."""


class _Selector(selectors.DefaultSelector):
    """Waits for the database in real time, and for everything else not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0
        self.open_transactions = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self.open_transactions or timeout is None:
            return super().select(_REAL)
        found = super().select(0)
        if not found:
            self.time += timeout
        return found


class SkippingLoop(asyncio.SelectorEventLoop):
    """`asyncio`'s loop on that selector."""

    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.time


class WatchedDatabase(Database):
    """A database whose transactions hold the loop's time."""

    def __init__(self, url: str, loop: SkippingLoop) -> None:
        super().__init__(url)
        self._selector = loop.selector

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        self._selector.open_transactions += 1
        try:
            async with super().write() as session:
                yield session
        finally:
            self._selector.open_transactions -= 1

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        self._selector.open_transactions += 1
        try:
            async with super().read() as session:
                yield session
        finally:
            self._selector.open_transactions -= 1


class JumpingClock:
    """The wall clock: goes with the loop, and can be set, which the loop's own time can't."""

    def __init__(self, start: datetime, loop: SkippingLoop) -> None:
        self._start = start.astimezone(UTC)
        self._loop = loop
        self.latest = self._start
        """The latest moment it ever showed."""

    def now(self) -> datetime:
        now = self._start + timedelta(seconds=self._loop.time())
        self.latest = max(self.latest, now)
        return now

    def jump(self, by: timedelta) -> None:
        self._start += by
