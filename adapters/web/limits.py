"""How much one account or one address may do: a bucket each that empties by use and fills with time.

In memory, because a restart may forgive. Counts nothing about anyone who stays below.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then `per_hour`."""

    burst: int
    per_hour: float


# A Treffpunkt's computers share one address, so an address gets more than one reader needs.
NEW_ACCOUNTS = Rate(20, 60)
MESSAGES = Rate(30, 1200)
MESSAGES_OF_ADDRESS = Rate(120, 4800)
UPLOADS = Rate(6, 30)
UPLOADS_OF_ADDRESS = Rate(20, 100)
CODES = Rate(5, 10)
CODES_OF_ADDRESS = Rate(10, 30)

OPEN_STREAMS = 40
"""Pages that one address may keep live at once: a Treffpunkt's computers and telephones, and some more."""

_MOST = 50_000


class Buckets:
    """Says whether something is still within its rate."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: OrderedDict[tuple[Rate, str], tuple[float, datetime]] = OrderedDict()

    def take(self, rate: Rate, who: str) -> bool:
        """Take one; False if there is none left."""
        now = self._clock.now()
        left, since = self._left.pop((rate, who), (float(rate.burst), now))
        left = min(rate.burst, left + (now - since).total_seconds() * rate.per_hour / 3600)
        enough = left >= 1
        self._left[rate, who] = (left - 1 if enough else left, now)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)
        return enough


class Streams:
    """Counts what each address keeps open, and forgets an address that keeps nothing."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, who: str) -> bool:
        """Open one; False if `who` has enough. Whoever got True must `leave`."""
        if self._open[who] >= OPEN_STREAMS:
            return False
        self._open[who] += 1
        return True

    def leave(self, who: str) -> None:
        self._open[who] -= 1
        if not self._open[who]:
            del self._open[who]
