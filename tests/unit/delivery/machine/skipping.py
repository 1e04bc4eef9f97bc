"""An event loop whose time passes only in waiting: whoever sleeps wakes at once, and in the right order.

Time stands still while a database of another process is at work.
"""

from __future__ import annotations

import asyncio
import selectors
from datetime import UTC, datetime, timedelta

_REAL = 0.05
"""Seconds of real time after which is looked again whether another process has answered."""


class _Selector(selectors.DefaultSelector):
    """Waits for other processes in real time, and for everything else not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0
        self.awaited = 0
        """So many answers of another process are awaited."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self.awaited or timeout is None:
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


class JumpingClock:
    """The wall clock: goes with the loop, and can be set, which the loop's own time can't."""

    def __init__(self, start: datetime, loop: SkippingLoop) -> None:
        self._start = start.astimezone(UTC)
        self._loop = loop
        self.latest = self._start
        """The latest moment it ever showed."""
        self.set_back: list[float] = []
        """When that was, by the loop's time."""

    def now(self) -> datetime:
        now = self._start + timedelta(seconds=self._loop.time())
        self.latest = max(self.latest, now)
        return now

    def jump(self, by: timedelta) -> None:
        self._start += by
        if by < timedelta():
            self.set_back.append(self._loop.time())
