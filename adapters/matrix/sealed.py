"""Messages that can't be read yet: their key is late, or lost.

They are kept as they came and read when the key arrives. If it doesn't, the person is told once, kindly, and can write
again; nothing vanishes without a word.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from nio import MegolmEvent, RoomKeyEvent, SyncResponse
from nio.events import Event, ForwardedRoomKeyEvent
from nio.exceptions import LocalProtocolError

from adapters.matrix.account import Account
from adapters.matrix.wire import Json, failed
from bot.clock import Clock
from bot.contract import Address, Happened, Inbound, Store

Read = Callable[[str, Json], Awaitable[Inbound | None]]
_PREFIX = "sealed:"
_GRACE = timedelta(seconds=20)
"""How late a key may be before the person hears of it."""
_KEEP = timedelta(days=3)
_log = logging.getLogger(__name__)


class Sealed:
    """Keeps them by their session, which is what a key opens."""

    def __init__(self, account: Account, store: Store, clock: Clock) -> None:
        self._account = account
        self._store = store
        self._clock = clock
        self._done: list[str] = []

    def open(self, room_id: str, raw: Json) -> Json:
        """The event, decrypted if it can be."""
        client = self._account.client
        if raw.get("type") != "m.room.encrypted" or client.olm is None:
            return raw
        event = Event.parse_encrypted_event(raw)
        if not isinstance(event, MegolmEvent):
            return raw
        event.room_id = room_id
        opened = client.olm._decrypt_megolm_no_error(event)
        return raw if opened is None else opened.source

    async def keep(self, room_id: str, raw: Json) -> None:
        """Keep it, and ask for its key."""
        session = str(raw.get("content", {}).get("session_id", ""))
        kept = {"room": room_id, "raw": raw, "at": self._clock.now().isoformat(), "told": False}
        await self._store.put_new(f"{_PREFIX}{session}:{raw['event_id']}", json.dumps(kept))
        event = Event.parse_encrypted_event(raw)
        if isinstance(event, MegolmEvent) and session not in self._account.client.outgoing_key_requests:
            event.room_id = room_id
            await self._ask(event)

    async def opened(self, response: SyncResponse, read: Read) -> list[Inbound]:
        """What the keys of this sync let us read at last."""
        keys = (RoomKeyEvent, ForwardedRoomKeyEvent)
        sessions = {event.session_id for event in response.to_device_events if isinstance(event, keys)}
        events: list[Inbound] = []
        for session in sorted(sessions):
            for name, stored in await self._store.listing(f"{_PREFIX}{session}:"):
                kept = json.loads(stored)
                raw = self.open(kept["room"], kept["raw"])
                if raw.get("type") == "m.room.encrypted":
                    continue
                self._done.append(name)
                if (event := await read(kept["room"], raw)) is not None:
                    events.append(event)
        return events

    async def forget_opened(self) -> None:
        """What was opened is stored as an event by now."""
        while self._done:
            await self._store.delete(self._done.pop())

    async def overdue(self) -> list[Inbound]:
        """What to tell people whose words are still sealed: once for each key that is missing."""
        now = self._clock.now()
        told: dict[str, Inbound] = {}
        after = ""
        while page := await self._store.listing(_PREFIX, after=after):
            for name, stored in page:
                after = name
                kept = json.loads(stored)
                at = datetime.fromisoformat(kept["at"])
                if name in self._done:
                    continue
                if now - at > _KEEP:
                    self._done.append(name)
                elif not kept["told"] and now - at >= _GRACE:
                    await self._store.put(name, json.dumps(kept | {"told": True}))
                    session = name.split(":")[1]
                    told.setdefault(session, _unreadable(kept["room"], session, at))
        return list(told.values())

    async def _ask(self, event: MegolmEvent) -> None:
        try:
            refusal = failed(await self._account.client.request_room_key(event))
        except LocalProtocolError:
            return
        except Exception as error:  # the library raises its HTTP's own; the person is told anyway
            _log.info("Matrix: a key could not be asked for (%s)", type(error).__name__)
            return
        if refusal is not None:
            _log.info("Matrix: a key could not be asked for (%s)", refusal)


def _unreadable(room_id: str, session: str, at: datetime) -> Inbound:
    return Inbound(f"sealed:{session}", Address(room_id), Happened.UNREADABLE, at.astimezone(UTC))
