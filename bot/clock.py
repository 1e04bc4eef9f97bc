"""Time and random ids, injected: nothing else in the house asks the machine for either."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, in UTC, aware."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when told; ships with the package so that users can test with it."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by

    def set(self, to: datetime) -> None:
        self._now = to.astimezone(UTC)


class Ids(Protocol):
    """Gives random ids that can't be guessed."""

    def token(self, length: int = 16) -> str:
        """`length` characters of [A-Z2-9] without look-alikes."""


_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class RandomIds:
    """Ids from the operating system's random source."""

    def token(self, length: int = 16) -> str:
        return "".join(secrets.choice(_ALPHABET) for _ in range(length))
