"""How many messages a strict platform may have counted within the last second, though nobody sees them arrive there.

A request arrives some time between its launch and its answer. So it is counted from its launch until a second after
the latest moment at which it can have arrived; what possible arrivals never exceed, arrivals never exceed either. The
shortest round trip is taken off both ends: no request is quicker than that, not the next one either.
"""

from __future__ import annotations

import math
from collections import deque

TRIPS = 100
"""So many round trips are remembered; the shortest of fewer than `FEWEST` is not trusted."""
FEWEST = 10
SURE = 0.9
"""Share of the shortest round trip that is counted on, since the next may be shorter still."""


class Window:
    """What was launched, and what of it may still count. Seconds of the event loop throughout."""

    def __init__(self) -> None:
        self._flying = 0
        self._answered: deque[tuple[float, int]] = deque()
        self._counted = 0
        """The parts of all that is in `_answered`."""
        self._trips: deque[float] = deque(maxlen=TRIPS)
        self.shortest = 0.0
        """The part of every round trip that is certain; 0 while too little is known."""
        self._usual = 0.0

    def launch(self, parts: int) -> None:
        self._flying += parts

    def answer(self, now: float, launched: float, parts: int, *, arrived: bool) -> None:
        """A request is answered. `arrived`: the platform itself answered, so that this was a whole round trip.

        Several parts may have been several trips with pauses between them: what they took says nothing of one.
        """
        self._flying -= parts
        self._answered.append((now, parts))
        self._counted += parts
        if arrived and parts == 1:
            self._trips.append(now - launched)
            if len(self._trips) >= FEWEST:
                self.shortest = SURE * min(self._trips)
                self._usual = sum(self._trips) / len(self._trips)

    def used(self, now: float, span: float = 1.0) -> int:
        """Messages that may have arrived within the last `span` seconds, or may still."""
        over = now + self.shortest - span
        while self._answered and self._answered[0][0] <= over:
            self._counted -= self._answered.popleft()[1]
        return self._flying + self._counted

    def likely(self, now: float, span: float = 1.0) -> int:
        """The same as a guess instead of a bound: if all were as long on their way as they usually are."""
        used = self.used(now, span)
        for answered, parts in self._answered:
            if answered > now + self._usual - span:
                break
            used -= parts
        return used

    def free_at(self, now: float, parts: int, room: int, span: float = 1.0) -> float:
        """When so many more fit in; infinity: after an answer. What is larger than the window goes alone."""
        excess = self.used(now, span) + min(parts, room) - room
        if excess <= 0:
            return now
        for answered, count in self._answered:
            excess -= count
            if excess <= 0:
                return answered - self.shortest + span
        return math.inf
