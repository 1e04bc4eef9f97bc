"""How a platform stands with us: there, down, or losing one answer after the other.

A lost answer may be one message's fault (it makes the platform stumble each time) or the platform's. Lost in several
chats, with not one answer in between, it is the platform's: then it is left alone as if it were down. Otherwise a
broadcast would run into an outage at full speed, and nobody could say of thousands of copies whether they arrived.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable

from bot.contract import PlatformError, Unsure
from bot.delivery.job import Fate, Outcome
from bot.delivery.pace import Setbacks

log = logging.getLogger(__name__)

ENOUGH = 3
"""Chats whose answers got lost in a row, until it is the platform's fault."""
SPARED = 3600.0
"""Seconds for which that is believed without a single answer; from then on each message answers for itself again."""
TOLD_EVERY = 60.0
"""Seconds between two lines about copies that ended badly, however many there are."""


class Standing(Setbacks):
    """One platform's, as its lane hears of it; what changes is logged once, when it begins and when it is over."""

    def __init__(self, platform: str, first: float, longest: float) -> None:
        super().__init__(first, longest)
        self._platform = platform
        self._lost: set[int] = set()
        self._losing_since = float("inf")
        self._ended: Counter[Fate] = Counter()
        self._told_at = float("-inf")

    def down(self, now: float, complaint: PlatformError) -> float:
        """It can't be reached, or doesn't take our login. Seconds to wait."""
        if not self.is_probing:
            log.warning("%s: nothing goes out (%s); trying on", self._platform, type(complaint).__name__)
        return self.failed(now)

    def lost(self, now: float, chat_id: int) -> float:
        """An answer got lost. Seconds to wait; 0: go on, it concerns this chat alone."""
        self._lost.add(chat_id)
        if len(self._lost) >= ENOUGH:
            self._losing_since = min(self._losing_since, now)
        return self.down(now, Unsure()) if len(self._lost) >= ENOUGH or self.is_probing else 0.0

    def heard(self) -> None:
        """It answered, whatever it said."""
        self._lost.clear()
        self._losing_since = float("inf")
        if self.is_probing:
            log.info("%s: messages go out again", self._platform)
        self.succeeded()

    def ended(self, now: float, outcomes: Iterable[Outcome]) -> None:
        """Tell how many copies ended badly; never whose."""
        self._ended.update(o.fate for o in outcomes if o.fate in (Fate.REJECTED, Fate.UNSURE))
        if self._ended and now - self._told_at >= TOLD_EVERY:
            refused, unsure = self._ended[Fate.REJECTED], self._ended[Fate.UNSURE]
            log.warning("%s: messages refused: %d, perhaps arrived: %d", self._platform, refused, unsure)
            self._ended.clear()
            self._told_at = now

    def spares(self, now: float) -> bool:
        """So many answers got lost that no single message is to blame."""
        return 0 <= now - self._losing_since < SPARED
