"""Messages that can't be read yet: their key is late, or lost.

They are kept as they came and read when the key arrives. If it doesn't, the person is told once, kindly, and can write
again; nothing vanishes without a word.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

from nio import MegolmEvent, RoomKeyEvent, SyncResponse
from nio.events import Event, ForwardedRoomKeyEvent
from nio.exceptions import LocalProtocolError

from adapters.matrix.account import Account
from adapters.matrix.wire import Json, failed
from bot.clock import Clock
from bot.contract import Address, Happened, Inbound
from bot.host import Store
from bot.ports import everything

Read = Callable[[str, Json], Awaitable[Inbound | None]]
_PREFIX = "sealed:"
_GRACE = timedelta(seconds=20)
"""How late a key may be before the person hears of it."""
_KEEP = timedelta(days=3)
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
_log = logging.getLogger(__name__)


class Sealed:
    """Keeps them by their session, which is what a key opens."""

    def __init__(self, account: Account, store: Store, clock: Clock) -> None:
        self._account = account
        self._store = store
        self._clock = clock
        self._done: list[str] = []
        self._told: dict[str, str] = {}
        self._is_open_due = True
        self._next = _ALWAYS

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
        session, now = _session(raw), self._clock.now()
        # Whatever a stranger calls a session: the name has one length and no sign of theirs.
        name = f"{_PREFIX}{_hashed(session)}:{_hashed(str(raw['event_id']))}"
        kept = {"room": room_id, "raw": raw, "at": now.isoformat(), "told": False}
        await self._store.put_new(name, json.dumps(kept))
        self._next = min(self._next, now + _GRACE)
        event = Event.parse_encrypted_event(raw)
        if isinstance(event, MegolmEvent) and session not in self._account.client.outgoing_key_requests:
            event.room_id = room_id
            await self._ask(event)

    async def opened(self, response: SyncResponse, read: Read) -> list[Inbound]:
        """What can be read at last. A key comes only once: until what it opened is stored, all is tried again."""
        if self._done or self._told:
            self._next = _ALWAYS  # an earlier reading came to nothing
        self._done.clear()
        self._told.clear()
        keys = (RoomKeyEvent, ForwardedRoomKeyEvent)
        if any(isinstance(event, keys) for event in response.to_device_events):
            self._is_open_due = True
        events: list[Inbound] = []
        if not self._is_open_due:
            return events
        async for name, kept in self._all():
            raw = self.open(kept["room"], kept["raw"])
            if raw.get("type") == "m.room.encrypted":
                continue
            self._done.append(name)
            if (event := await read(kept["room"], raw)) is not None:
                events.append(event)
        return events

    async def settle(self) -> None:
        """What was opened or told is stored as an event by now."""
        for name, kept in self._told.items():
            await self._store.put(name, kept)
        for name in self._done:
            await self._store.delete(name)
        self._told.clear()
        self._done.clear()
        self._is_open_due = False

    async def overdue(self) -> list[Inbound]:
        """What to tell people whose words are still sealed: once for each key that is missing."""
        now = self._clock.now()
        told: dict[str, Inbound] = {}
        if now < self._next:
            return []
        self._next = _NEVER
        async for name, kept in self._all():
            at = datetime.fromisoformat(kept["at"])
            if name in self._done:
                continue
            if now - at > _KEEP:
                self._done.append(name)
                continue
            if not kept["told"] and now - at >= _GRACE:
                kept["told"] = True
                self._told[name] = json.dumps(kept)
                session = _hashed(_session(kept["raw"]))
                told.setdefault(session, _unreadable(kept["room"], session, at))
            self._next = min(self._next, at + (_KEEP if kept["told"] else _GRACE))
        return list(told.values())

    async def _all(self) -> AsyncIterator[tuple[str, Json]]:
        async for name, stored in everything(self._store, _PREFIX):
            yield name, json.loads(stored)

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


def _session(raw: Json) -> str:
    content = raw.get("content")
    return str(content.get("session_id", "")) if isinstance(content, dict) else ""


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _unreadable(room_id: str, session: str, at: datetime) -> Inbound:
    return Inbound(f"sealed:{session}", Address(room_id), Happened.UNREADABLE, at.astimezone(UTC))
