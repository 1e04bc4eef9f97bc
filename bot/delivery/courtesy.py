"""How long bulk waits for an answer that may be on its way. Pure arithmetic on the loop's seconds, like the pace.

Two things announce one: somebody wrote, so an answer is being written; and something new was stored, perhaps just that
answer. Neither uses up what the other may ask for, but what both ask for together is at most half of the time.
"""

from __future__ import annotations

import math

WRITING, STORED = 2.0, 1.0
"""Slots that are kept while an answer is being written, and from when something was stored until it is read."""
MOST_OWED = 4.0
"""Slots that bulk may be behind when it is asked to wait once more."""


class Courtesy:
    """What one lane's bulk waits for."""

    def __init__(self) -> None:
        self._writing = self._stored = -math.inf
        self._writing_again = self._stored_again = -math.inf
        """From when on the same may be asked again."""
        self._even = -math.inf
        """When bulk, left alone from now on, has had as much time as it waited."""

    @property
    def until(self) -> float:
        """Until when bulk waits."""
        return max(self._writing, self._stored)

    def is_writing(self, now: float) -> bool:
        """Whether an answer is being written, as far as one can say."""
        return now < self._writing

    def writing(self, now: float, slot: float) -> None:
        """An answer is being written. `slot`: seconds from one message to the next."""
        if now >= self._writing_again and self._may_wait(now, slot):
            self._writing = self._wait(now, WRITING * slot)
            self._writing_again = now + 2 * WRITING * slot

    def stored(self, now: float, slot: float) -> None:
        """Something new is there."""
        if now >= self._stored_again and self._may_wait(now, slot):
            self._stored = self._wait(now, STORED * slot)
            self._stored_again = now + 2 * STORED * slot

    def answered(self, now: float) -> None:
        """An answer has left."""
        self._writing = min(self._writing, now)

    def read(self, now: float) -> None:
        """What was stored is known, so nobody need wait for it any more."""
        self._stored = min(self._stored, now)

    def _may_wait(self, now: float, slot: float) -> bool:
        return self._even - now <= MOST_OWED * slot

    def _wait(self, now: float, seconds: float) -> float:
        until = now + seconds
        more = max(0.0, until - max(now, self.until))
        self._even = max(self._even, now) + 2 * more
        return until
