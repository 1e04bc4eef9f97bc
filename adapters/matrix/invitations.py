"""Invitations: noted before the token moves past them, taken up afterwards, so that none is lost to a crash."""

from __future__ import annotations

import logging

from adapters.matrix.conversations import Conversations
from adapters.matrix.errors import RefusedError
from bot.host import Store

_PREFIX = "invite:"
_TRIES = 5
_log = logging.getLogger(__name__)


class Invitations:
    """Rooms we were asked into."""

    def __init__(self, conversations: Conversations, store: Store) -> None:
        self._conversations = conversations
        self._store = store

    async def note(self, room_id: str) -> None:
        await self._store.put(_PREFIX + room_id, "")

    async def accept(self) -> None:
        """Enter every room we are asked into. One that can't be entered is tried a few times, and troubles no other."""
        for key, tries in await self._store.listing(_PREFIX):
            try:
                await self._conversations.join(key.removeprefix(_PREFIX))
            except RefusedError as error:
                if error.is_dead_login or error.is_too_fast:
                    raise
                if error.status >= 500 and int(tries or 0) + 1 < _TRIES:
                    await self._store.put(key, str(int(tries or 0) + 1))
                    continue
                _log.info("Matrix: an invitation could not be taken up (%s)", error)
            await self._store.delete(key)
