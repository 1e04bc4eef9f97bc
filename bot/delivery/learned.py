"""The account's limit as the platform's refusals teach it: lower at once where it hurts, higher slowly where not.

A refusal says how many messages the platform had taken within the last second: the new limit. It is held for a while,
then tried a little higher; a refusal there leads back to what was known to be good, and the next trial waits longer.
"""

from __future__ import annotations

import math

LOWERED = 0.9
"""A refusal lowers the limit to this share at the most …"""
HALVED = 0.5
"""… and to this at the least, whatever it seems to say."""
LOWEST = 0.1
"""Messages a second."""
HOLD, LONGEST_HOLD = 60.0, 3600.0
"""Seconds until a higher rate is tried; doubled each time that hurt."""
PROOF = 10.0
"""So many seconds' worth of messages at full pace show that a rate is good."""
STEP = 1 / 30
"""Share of the platform's own limit by which a trial goes higher."""


class Learned:
    """`limit` is the platform's own; `known` what was learned before a restart at `since`."""

    def __init__(self, limit: float, known: float | None = None, *, since: float = -math.inf) -> None:
        self._limit = limit
        self._good = limit if known is None else min(limit, known)
        self.ceiling = self._good
        """Messages a second that may be sent now."""
        self._hold = HOLD
        self._not_before = since + HOLD
        self._proof = 0.0

    @property
    def known(self) -> float | None:
        """The learned limit, as a restart should begin; None while the platform's own holds."""
        return self._good if self._good < self._limit else None

    @property
    def is_trying(self) -> bool:
        """The rate is above what is known to be good."""
        return self.ceiling > self._good

    def refused(self, now: float, taken: int) -> None:
        """The platform refused the account, having taken so many messages within the last second."""
        if self.is_trying:
            self._hold = min(LONGEST_HOLD, self._hold * 2)
        else:
            lowered = max(self.ceiling * HALVED, min(float(taken), self.ceiling * LOWERED))
            self._good = max(min(LOWEST, self._limit), lowered)
        self.ceiling = self._good
        self._not_before = now + self._hold
        self._proof = 0.0

    def went_well(self, now: float, parts: int) -> None:
        """So many messages left at full pace."""
        if self._good >= self._limit:
            return
        self._proof += parts
        if self._proof < self.ceiling * PROOF or now < self._not_before:
            return
        self._proof = 0.0
        if self.is_trying:
            self._good = self.ceiling
            self._hold = HOLD
        self.ceiling = min(self._limit, self.ceiling + self._limit * STEP)
