"""Choices as reactions: 1️⃣ 2️⃣ … seeded under a message, for who would rather tap than type.

What each stands for lies in the message itself, so it outlives a restart, is as old as the message and goes with it.
Seeds come after the message, one by one, and a missing one is no loss: the number can always be typed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from typing import Any

from adapters.matrix.conversations import Conversations
from adapters.matrix.errors import HomeserverError, RefusedError
from adapters.matrix.rendering import choices
from bot.contract import Outgoing, PlatformError

FIELD = "quartierbote.choices"
"""In an event's content: what each seeded reaction stands for."""
MOST = 6
"""Choices; under more of them a row of reactions would only confuse."""
_SEEDS_AHEAD = 400
_log = logging.getLogger(__name__)


def seeds(message: Outgoing) -> dict[str, str]:
    """Reaction and the value it stands for, in order; empty where there are too many choices.

    A single digit is its own reaction; a number that names its message ("117 1") has the one of its place.
    """
    listed = [(number, choice) for number, choice in choices(message) if not choice.url and choice.value]
    if not listed or len(listed) > MOST:
        return {}
    digits = [number for number, _ in listed]
    own = all(len(digit) == 1 and digit in "123456789" for digit in digits)
    signs = digits if own else [str(place) for place in range(1, len(listed) + 1)]
    return {keycap(sign): choice.value for sign, (_, choice) in zip(signs, listed, strict=True)}


def keycap(digit: str) -> str:
    return f"{digit}\ufe0f\u20e3"


def chosen(content: Mapping[str, Any], reaction: str) -> str:
    """The value a reaction to an event with this content stands for; empty if none. Some programs send "1⃣"."""
    offered = content.get(FIELD)
    if not isinstance(offered, dict):
        return ""
    bare = {str(sign).replace("\ufe0f", ""): value for sign, value in offered.items()}
    value = bare.get(reaction.replace("\ufe0f", ""), "")
    return value if isinstance(value, str) else ""


class Seeder:
    """Puts the reactions under what was sent, behind everything else that goes out."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._waiting: deque[tuple[str, str, str, str]] = deque()
        self._task: asyncio.Task[None] | None = None

    def plant(self, room_id: str, event_id: str, signs: Mapping[str, str], key: str) -> None:
        """Soon. When very much is going out, the newest do without."""
        if len(self._waiting) >= _SEEDS_AHEAD:
            return
        for number, sign in enumerate(signs):
            self._waiting.append((room_id, event_id, sign, f"{key}-s{number}"))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    def uproot(self, event_id: str) -> None:
        """The message changes or goes: what isn't planted yet stays away."""
        self._waiting = deque(one for one in self._waiting if one[1] != event_id)

    async def planted(self) -> None:
        """Return when nothing waits; for tests."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        while self._waiting:
            room_id, event_id, sign, key = self._waiting.popleft()
            content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": sign}}
            try:
                await self._conversations.put(room_id, "m.reaction", content, key)
            except RefusedError as error:
                if error.is_too_fast:
                    # What people wait for needs the room more than these do.
                    self._waiting.clear()
                elif error.code != "M_DUPLICATE_ANNOTATION":
                    self.uproot(event_id)
            except (HomeserverError, PlatformError) as error:
                _log.info("reactions were not seeded (%s)", type(error).__name__)
                self._waiting.clear()
