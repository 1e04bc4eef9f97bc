"""A strict platform in virtual time: what a lane sends through its `Pace`, when it arrives, and what is refused."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.delivery.pace import Pace, Sent
from tests.fakes.botapi.limits import Limiter
from tests.fakes.botapi.state import ApiError, Chat

BETWEEN_PARTS = 1.05
"""Seconds from the answer to one part of a message to the next part."""
TIMER = 0.002
"""Seconds by which a timer is late at most."""


@dataclass(order=True)
class _Event:
    at: float
    number: int
    happens: Callable[[], None] = field(compare=False)


class Line:
    """Sends to one chat after another without a pause, as early as the pace allows, over a line with jitter."""

    def __init__(self, pace: Pace, *, per_second: float, model: str = "strict", latency: float = 0.05,
                 jitter: float = 0.0, back: float = 0.0, seed: int = 1,
                 parts: Callable[[int], int] = lambda number: 1, told: bool = True) -> None:  # fmt: skip
        """`parts`: of how many requests the n-th message is; `told`: whether the pace hears so."""
        self.now = 0.0
        self._parts, self._told = parts, told
        self.pace = pace
        self.limiter = Limiter(per_second, model=model, now=lambda: self.now)
        self.limiter.on = True
        self.accepted: list[float] = []
        self.refused: list[float] = []
        self._latency, self._jitter, self._back = latency, jitter, back
        self._random = random.Random(seed)
        self._events: list[_Event] = []
        self._numbers: Iterator[int] = iter(range(10**9))
        self._sent = 0

    def run(self, seconds: float, *, idle: bool = False) -> Line:
        end = self.now + seconds
        while self.now < end:
            slot = math.inf if idle else self.pace.free_at(self.now, self._counts_as(self._sent + 1))
            if slot <= self.now:
                self._launch()
                continue
            if self._events and self._events[0].at <= slot:
                self.now = max(self.now, self._events[0].at)
                heapq.heappop(self._events).happens()
            else:
                self.now = min(slot, end) + self._random.uniform(0.0, TIMER)
        return self

    def rate(self, last: float) -> float:
        """Messages a second that arrived within the last so many seconds."""
        return sum(at > self.now - last for at in self.accepted) / last

    def _launch(self) -> None:
        self._sent += 1
        sent = self.pace.spend(self.now, self._sent, is_room=False, parts=self._counts_as(self._sent))
        self._go(sent, self._parts(self._sent))

    def _counts_as(self, number: int) -> int:
        return self._parts(number) if self._told else 1

    def _go(self, sent: Sent, left: int) -> None:
        """A part leaves; so many are left with it."""
        self._later(self._latency + self._random.uniform(0.0, self._jitter), lambda: self._arrive(sent, left))

    def _arrive(self, sent: Sent, left: int) -> None:
        try:
            self.limiter.admit(Chat(sent.chat), 1)
        except ApiError as refusal:
            self.refused.append(self.now)
            seconds = float((refusal.parameters or {})["retry_after"])
            self._later(self._back, lambda: self._is_refused(sent, seconds))
        else:
            self.accepted.append(self.now)
            if left > 1:
                self._later(self._back + BETWEEN_PARTS, lambda: self._go(sent, left - 1))
            else:
                self._later(self._back, lambda: self.pace.answered(self.now, sent, arrived=True))

    def _is_refused(self, sent: Sent, seconds: float) -> None:
        self.pace.answered(self.now, sent, arrived=False)
        self.pace.refused(self.now, sent, seconds, chat_only=False)

    def _later(self, delay: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self._events, _Event(self.now + delay, next(self._numbers), happens))
