"""How fast one sending account may send: overall, to one chat, to one room. Pure arithmetic on the loop's seconds.

Sends are spread evenly and idle time earns no credit: a burst is what strict platforms punish. After a refusal the
rate climbs slowly, because a burst on release is how the next storm begins. `window.py` keeps the strict second,
`learned.py` the limit that nobody told us.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from bot.contract import Limits
from bot.delivery.learned import Learned
from bot.delivery.window import Window

RAMP = 5.0
"""Seconds from the end of a halt to full speed. A new owner begins so, too: the last may just have sent."""
RAMP_FROM = 0.5
"""Share of the full rate right after a halt."""
FULL_PACE = 0.8
"""With this share of the last second used, the rate is in use: going well says something about it."""
ROOM_WINDOW = 60.0
TIMER_SLACK = 0.01
"""Seconds by which a timer may be late."""
PRUNE_AT = 2000
TOGETHER = 3.0
"""Seconds within which refusals in several chats are one refusal of the account."""
SEVERAL, SEVERAL_ROOMS = 2, 3
"""So many chats. A room has limits of its own and so its refusal says less."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that left."""

    chat: int
    at: float
    parts: int
    is_room: bool
    before: int
    """How many the platform had probably counted in the second before it."""


class Pace:
    """The limits of one lane, and how much of them is used. `now` is the event loop's time throughout."""

    def __init__(self, limits: Limits, *, begins: float = -math.inf, learned: float | None = None) -> None:
        self._limits = limits
        self._learned = Learned(limits.per_second, learned, since=begins)
        self._window = Window()
        self._next = -math.inf
        self._halted_until = begins
        self._refused: dict[int, tuple[float, Sent]] = {}
        """The last refusal of each chat that was refused lately."""
        self._chat_free: dict[int, float] = {}
        self._rooms: dict[int, deque[tuple[float, int]]] = {}

    # --- the account ---------------------------------------------------------------------------------------------

    @property
    def learned(self) -> float | None:
        """The limit that refusals taught, as a restart should begin."""
        return self._learned.known

    def rate(self, now: float) -> float:
        """Messages a second at this moment."""
        full = self._learned.ceiling
        since = now - self._halted_until
        if since >= RAMP:
            return full
        return full * (RAMP_FROM + (1 - RAMP_FROM) * max(0.0, since) / RAMP)

    @property
    def at_once(self) -> float:
        """Requests that may be under way together."""
        return max(1.0, min(self._limits.in_flight, self._learned.ceiling))

    def free_at(self, now: float, parts: int = 1) -> float:
        """When the next message may leave, to whichever chat. Infinity: after an answer."""
        ceiling = self._learned.ceiling
        room = max(1, int(min(ceiling, 1e9)))
        free = self._window.free_at(now, parts, room, max(1.0, room / ceiling)) if ceiling < math.inf else now
        return max(self._next, self._halted_until, free)

    def spend(self, now: float, chat: int, *, is_room: bool, parts: int) -> Sent:
        """A message of so many parts leaves now."""
        interval = 1 / self.rate(now)
        # A timer that was late keeps its place in the row; who had nothing to send begins a new one.
        was_waiting = now - self._next <= max(interval, TIMER_SLACK)
        self._next = (self._next if was_waiting else now) + parts * interval
        sent = Sent(chat, now, parts, is_room, self._window.likely(now))
        self._window.launch(parts)
        if sent.before + parts >= self._learned.ceiling * FULL_PACE:
            self._learned.went_well(now, parts)
        self._chat_free[chat] = now + parts / self._limits.per_chat_per_second
        if is_room:
            self._minute(now, chat).append((now, parts))
            if not self.room_for(now, chat, 1):
                self.hold_room(now, chat)
        if len(self._chat_free) > PRUNE_AT:
            self.busy(now)
        return sent

    def answered(self, now: float, sent: Sent, *, arrived: bool) -> None:
        """A message is answered. Only now it is known when it arrived at the latest; `arrived`: see `Window`."""
        self._window.answer(now, sent.at, sent.parts, arrived=arrived)
        latest = max(sent.at, now - self._window.shortest)
        self.halt_chat(latest, sent.chat, sent.parts / self._limits.per_chat_per_second)
        if sent.is_room:
            minute = self._minute(now, sent.chat)
            if minute:
                minute[-1] = (latest, sent.parts)
                if not self.room_for(now, sent.chat, 1):
                    self.hold_room(now, sent.chat)

    def refused(self, now: float, sent: Sent, seconds: float, *, chat_only: bool) -> None:
        """The platform asks for patience; whether with this chat or with the account, it doesn't always say."""
        self.halt_chat(now, sent.chat, seconds)
        self._refused = {c: one for c, one in self._refused.items() if one[0] >= now - TOGETHER}
        self._refused[sent.chat] = (now, sent)
        if not self._is_the_accounts(chat_only=chat_only):
            return
        # What left before the last halt was over belongs to the same refusal and teaches nothing new.
        is_news = sent.at >= self._halted_until
        self.halt(now, seconds)
        if is_news:
            self._learned.refused(now, min(one.before for _, one in self._refused.values()))

    def halt(self, now: float, seconds: float) -> None:
        """Nothing leaves for so long."""
        self._halted_until = max(self._halted_until, now + seconds)

    def is_halted(self, now: float) -> bool:
        return now < self._halted_until

    @property
    def halted_until(self) -> float:
        return self._halted_until

    def _is_the_accounts(self, *, chat_only: bool) -> bool:
        """One chat refused while others go through is that chat's own affair, unless the rate is on trial."""
        if chat_only:
            return len(self._refused) >= SEVERAL_ROOMS
        return self._learned.is_trying or len(self._refused) >= SEVERAL

    # --- its chats -----------------------------------------------------------------------------------------------

    def chat_free_at(self, chat: int) -> float:
        """When the next message may go to this chat."""
        return self._chat_free.get(chat, -math.inf)

    def room_for(self, now: float, chat: int, parts: int) -> bool:
        """Whether a room's minute has room for so many parts; an album larger than the limit goes alone."""
        sent = self._minute(now, chat)
        return not sent or sum(part for _, part in sent) + parts <= self._limits.per_room_per_minute

    def hold_room(self, now: float, chat: int) -> None:
        """No message to this room until the oldest of its minute is out of the window."""
        sent = self._minute(now, chat)
        if sent:
            self._chat_free[chat] = max(self.chat_free_at(chat), sent[0][0] + ROOM_WINDOW)

    def halt_chat(self, now: float, chat: int, seconds: float) -> None:
        """The platform asks for patience with this chat only."""
        self._chat_free[chat] = max(self.chat_free_at(chat), now + seconds)

    def busy(self, now: float) -> set[int]:
        """Chats that can't take a message now."""
        self._chat_free = {chat: free for chat, free in self._chat_free.items() if free > now}
        self._rooms = {chat: sent for chat, sent in self._rooms.items() if self._minute(now, chat)}
        return set(self._chat_free)

    def next_chat_free(self, since: float) -> float:
        """When the first of the chats that were busy at `since` is free, be it past; infinity when none was busy."""
        return min((free for free in self._chat_free.values() if free > since), default=math.inf)

    def _minute(self, now: float, chat: int) -> deque[tuple[float, int]]:
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
