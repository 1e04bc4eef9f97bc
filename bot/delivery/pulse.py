"""How a lane is doing, for whoever looks: how fast it sends, what waits, what became of its requests.

Read-only. Counters only ever grow while the program runs; whoever wants a rate takes the difference of two looks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from bot.contract import PlatformError
from bot.delivery.job import Outcome
from bot.delivery.model import Priority

BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds in seconds; what took longer is in the last count alone."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Durations sorted into buckets. `counts` has one more entry than `buckets`; each counts its own bucket only."""

    buckets: tuple[float, ...]
    counts: list[int]
    total: float
    """The sum of all durations, in seconds."""
    count: int


@dataclass(frozen=True, slots=True)
class LanePulse:
    """One lane at this moment."""

    lane_id: int
    platform: str
    rate: float
    """Messages a second it allows itself now; infinity where the platform has no limit."""
    learned: float | None
    """The limit that the platform's refusals taught it; None: they taught none below the known one."""
    halted: float
    """Seconds until anything may leave; 0: now."""
    in_flight: int
    ready: dict[Priority, int]
    """What is marked `sending` and waits for its slot. What waits in the database is not in it."""
    outcomes: dict[tuple[str, str], int]
    """Requests made so far by act ("send", "edit", "delete") and fate ("held", "gone", "returned", …)."""
    complaints: dict[str, int]
    """The platform's complaints so far by kind ("RateLimited", "PlatformDown", …)."""
    reply_seconds: Histogram
    """From the moment a reply was due until the platform had taken it."""


@dataclass(slots=True)
class Tally:
    """What a lane counts, kept as long as the program runs, whoever works on the lane."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)
    _replies: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    _reply_seconds: float = 0.0

    def count(self, outcome: Outcome, complaint: PlatformError | None) -> None:
        """A request was answered."""
        self.outcomes[str(outcome.job.act), str(outcome.fate)] += 1
        if complaint is not None:
            self.complaints[type(complaint).__name__] += 1

    def replied(self, seconds: float) -> None:
        """A reply is with the platform, so long after it was due."""
        self._replies[bisect_left(BUCKETS, seconds)] += 1
        self._reply_seconds += max(0.0, seconds)

    def reply_seconds(self) -> Histogram:
        return Histogram(BUCKETS, list(self._replies), self._reply_seconds, sum(self._replies))
