"""How the server limits a bot. The real limiter is unpublished, so there are two models; both can be set while it runs.

"strict": a sliding window of one second. "bucket": a burst of as many as a second allows, filled up evenly. A chat and
a group have a sliding window in both. Only what was let through counts.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from tests.fakes.botapi.state import ApiError, Chat

GROUP_WINDOW = 60.0
PAID_PER_SECOND = 1000.0


class Limiter:
    """Off until `on`. `now` in seconds; the clock that tests move gives another."""

    def __init__(
        self,
        per_second: float = 30,
        per_chat: int = 1,
        per_group_minute: int = 20,
        *,
        model: str = "strict",
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.on = False
        self.model = model
        self.per_second = per_second
        self.per_chat = per_chat
        self.per_group_minute = per_group_minute
        self._now = now
        self._all: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}
        self._tokens = per_second
        self._filled_at = now()

    def admit(self, chat: Chat, weight: int, *, paid: bool = False) -> None:
        """Count `weight` messages (an album counts its parts), or refuse with 429. `paid`: as a paid broadcast."""
        if not self.on:
            return
        now = self._now()
        own = self._chats.setdefault(chat.id, deque())
        span, room = (1.0, self.per_chat) if chat.kind == "private" else (GROUP_WINDOW, self.per_group_minute)
        wait = max(self._wait_of_all(now, weight, paid=paid), _wait(own, now, span, room, weight))
        if wait > 0:
            seconds = max(1, round(wait + 0.5))
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
        self._all.extend([now] * weight)
        self._tokens -= weight
        own.extend([now] * weight)

    def _wait_of_all(self, now: float, weight: int, *, paid: bool) -> float:
        if paid:
            return _wait(self._all, now, 1.0, int(PAID_PER_SECOND), weight)
        self._tokens = min(self.per_second, self._tokens + (now - self._filled_at) * self.per_second)
        self._filled_at = now
        strict = _wait(self._all, now, 1.0, int(self.per_second), weight)
        if self.model == "strict":
            return strict
        return max(0.0, (min(weight, self.per_second) - self._tokens) / self.per_second)


def _wait(sent: deque[float], now: float, span: float, room: int, weight: int) -> float:
    """Seconds until so many more fit into the window; what is larger than the window goes alone."""
    while sent and sent[0] <= now - span:
        sent.popleft()
    excess = len(sent) + min(weight, room) - room
    return sent[excess - 1] + span - now if excess > 0 else 0.0
