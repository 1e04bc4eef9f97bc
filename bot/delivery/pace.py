"""How fast one sending account may send: overall, to one chat, to one room. Pure arithmetic on the loop's seconds.

Sends are spread evenly and idle time earns no credit: a burst is what strict platforms punish. After a refusal the
rate climbs slowly, because a burst on release is how the next storm begins.
"""

from __future__ import annotations

from collections import deque

from bot.contract import Limits

RAMP = 10.0
"""Seconds from the end of a halt to full speed."""
RAMP_FROM = 0.25
"""Share of the full rate right after a halt."""
ROOM_WINDOW = 60.0
TIMER_SLACK = 0.01
"""Seconds by which a timer may be late. Made up for only at rates whose interval is shorter than that."""
PRUNE_AT = 2000


class Pace:
    """The limits of one lane, and how much of them is used. `now` is the event loop's time throughout."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.learned: float | None = None
        self._next = float("-inf")
        self._halted_until = float("-inf")
        self._chat_free: dict[int, float] = {}
        self._rooms: dict[int, deque[tuple[float, int]]] = {}

    def rate(self, now: float) -> float:
        """Messages a second at this moment."""
        full = self._limits.per_second
        since = now - self._halted_until
        if since >= RAMP:
            return full
        return full * (RAMP_FROM + (1 - RAMP_FROM) * max(0.0, since) / RAMP)

    def free_at(self) -> float:
        """When the next message may leave, to whichever chat."""
        return max(self._next, self._halted_until)

    def is_halted(self, now: float) -> bool:
        return now < self._halted_until

    def chat_free_at(self, chat: int) -> float:
        """When the next message may go to this chat."""
        return self._chat_free.get(chat, float("-inf"))

    def room_for(self, now: float, chat: int, parts: int) -> bool:
        """Whether a room's minute has room for so many parts; an album larger than the limit goes alone."""
        sent = self._window(now, chat)
        return not sent or sum(part for _, part in sent) + parts <= self._limits.per_room_per_minute

    def spend(self, now: float, chat: int, *, is_room: bool, parts: int) -> None:
        """A message of so many parts leaves now."""
        interval = 1 / self.rate(now)
        slack = TIMER_SLACK if interval < TIMER_SLACK else 0.0
        self._next = max(self._next, now - slack) + parts * interval
        self._chat_free[chat] = now + parts / self._limits.per_chat_per_second
        if is_room:
            self._window(now, chat).append((now, parts))
            if not self.room_for(now, chat, 1):
                self.hold_room(now, chat)
        if len(self._chat_free) > PRUNE_AT:
            self.busy(now)

    def hold_room(self, now: float, chat: int) -> None:
        """No message to this room until the oldest of its minute is out of the window."""
        sent = self._window(now, chat)
        if sent:
            self._chat_free[chat] = max(self.chat_free_at(chat), sent[0][0] + ROOM_WINDOW)

    def halt(self, now: float, seconds: float) -> None:
        """The platform asks the whole account to wait."""
        self._halted_until = max(self._halted_until, now + seconds)

    def halt_chat(self, now: float, chat: int, seconds: float) -> None:
        """The platform asks for patience with this chat only."""
        self._chat_free[chat] = max(self.chat_free_at(chat), now + seconds)

    def busy(self, now: float) -> set[int]:
        """Chats that can't take a message now."""
        self._chat_free = {chat: free for chat, free in self._chat_free.items() if free > now}
        self._rooms = {chat: sent for chat, sent in self._rooms.items() if self._window(now, chat)}
        return set(self._chat_free)

    def next_chat_free(self, since: float) -> float:
        """When the first of the chats that were busy at `since` is free, be it past; infinity when none was busy."""
        return min((free for free in self._chat_free.values() if free > since), default=float("inf"))

    def _window(self, now: float, chat: int) -> deque[tuple[float, int]]:
        sent = self._rooms.setdefault(chat, deque())
        while sent and sent[0][0] <= now - ROOM_WINDOW:
            sent.popleft()
        return sent


class Setbacks:
    """How long to leave a platform alone that can't be reached: longer each time, and one try before all follow."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._pause = 0.0
        self._until = float("-inf")

    @property
    def is_probing(self) -> bool:
        """The last thing heard was a failure: only one request goes out until one succeeds."""
        return self._pause > 0

    def failed(self, now: float) -> float:
        """Seconds to wait. Many failures at once are one."""
        if now >= self._until:
            self._pause = min(self._longest, max(self._first, self._pause * 2))
            self._until = now + self._pause
        return self._until - now

    def succeeded(self) -> None:
        self._pause = 0.0
