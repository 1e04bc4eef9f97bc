"""The rooms we are in, known well enough to write there: who is in them, and whether they are encrypted.

A room is asked for when it is first needed, so a restart costs nothing, and a message can leave before the first sync.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote
from weakref import WeakValueDictionary

from nio import MatrixRoom

from adapters.matrix.account import Account
from adapters.matrix.errors import LostError, RefusedError
from adapters.matrix.wire import CLIENT, Json, asked, failed, room

_INSIDE = frozenset({"join", "invite"})


class Conversations:
    """Rooms, their people, and what is encrypted for them."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: set[str] = set()
        self._keys = asyncio.Lock()
        self._sharing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def enter(self, room_id: str) -> MatrixRoom:
        """The room as it is now. Raises `RefusedError` (403) when we aren't in it."""
        client = self._account.client
        if room_id in self._known and room_id in client.rooms:
            return client.rooms[room_id]
        state = await self._state(room_id)
        entered = MatrixRoom(room_id, client.user_id)
        for event in state:
            _take(entered, event)
        if client.user_id not in entered.users or entered.users[client.user_id].invited:
            raise RefusedError(403, "M_FORBIDDEN")
        entered.members_synced = True
        client.rooms[room_id] = entered
        if entered.encrypted and client.olm is not None and client.store is not None:
            client.encrypted_rooms.add(room_id)
            client.store.save_encrypted_rooms([room_id])
            client.olm.update_tracked_users(entered)
        self._known.add(room_id)
        return entered

    async def others(self, room_id: str) -> list[str]:
        """Who is there, or invited, beside us."""
        entered = await self.enter(room_id)
        return [user for user in entered.users if user != self._account.client.user_id]

    async def is_encrypted(self, room_id: str) -> bool:
        return bool((await self.enter(room_id)).encrypted)

    def leave(self, room_id: str) -> None:
        """Forget what we know of it."""
        self._known.discard(room_id)
        self._account.client.rooms.pop(room_id, None)

    async def put(self, room_id: str, kind: str, content: Json, key: str) -> str:
        """Send an event, encrypted where the room is; its id. The same key there gives the same event."""
        kind, content = await self._sealed(room_id, kind, content)
        answer = await self._account.wire.call("PUT", room(room_id, "send", kind, key), content)
        return _event_id(answer)

    async def redact(self, room_id: str, event_id: str, key: str) -> None:
        """Take an event's content away; one that isn't there counts as done."""
        try:
            await self._account.wire.call("PUT", room(room_id, "redact", event_id, key), {})
        except RefusedError as error:
            if error.code != "M_NOT_FOUND":
                raise

    async def join(self, room_id: str) -> None:
        await self._account.wire.call("POST", f"{CLIENT}/join/{_quoted(room_id)}", {}, patience=60.0)

    async def go(self, room_id: str) -> None:
        """Leave a room (or decline to enter) and forget it. One we aren't in counts as left."""
        self.leave(room_id)
        for step in ("leave", "forget"):
            try:
                await self._account.wire.call("POST", room(room_id, step), {})
            except RefusedError as error:
                if error.status not in (400, 403, 404):
                    raise

    # --- encryption ----------------------------------------------------------------------------------------------

    async def tend_keys(self) -> None:
        """What encryption wants done between two syncs."""
        client = self._account.client
        if client.olm is None:
            return
        await self._account.upload_keys()
        await self._query()
        if client.should_claim_keys:
            await asked(client.keys_claim(client.get_users_for_key_claiming()))
        for answer in await asked(client.send_to_device_messages()):
            _raise(answer)

    async def _query(self) -> None:
        async with self._keys:
            if self._account.client.should_query_keys:
                await asked(self._account.client.keys_query())

    async def _sealed(self, room_id: str, kind: str, content: Json) -> tuple[str, Json]:
        entered = await self.enter(room_id)
        client = self._account.client
        if not entered.encrypted or client.olm is None or kind == "m.reaction":
            return kind, content
        await self._account.upload_keys()
        await self._query()
        lock = self._sharing.setdefault(room_id, asyncio.Lock())
        async with lock:
            if client.olm.should_share_group_session(room_id):
                await self._share(room_id)
        sealed: tuple[str, Json] = client.encrypt(room_id, kind, content)
        return sealed

    async def _share(self, room_id: str) -> None:
        """Hand the room's key to every device there. The library takes a lost hand-over for done; we don't."""
        client = self._account.client
        missing = client.get_missing_sessions(room_id)
        if missing:
            await asked(client.keys_claim(missing))
        await self._hand_over(room_id)
        session = client.olm.outbound_group_sessions[room_id]
        wanted = {
            (user, device.id)
            for user in client.rooms[room_id].users
            for device in client.device_store.active_user_devices(user)
            if device.id != client.device_id and client.olm.session_store.get(device.curve25519) is not None
        }
        if not wanted <= session.users_shared_with | session.users_ignored:
            session.shared = False
            raise LostError("the room's key did not reach everybody")

    async def _hand_over(self, room_id: str) -> None:
        """A refusal isn't looked at here: who got the key is counted afterwards."""
        try:
            await asked(self._account.client.share_group_session(room_id, ignore_unverified_devices=True))
        except RefusedError as error:
            if error.is_dead_login or error.is_too_fast:
                raise

    async def _state(self, room_id: str) -> list[Json]:
        content = await self._account.wire.raw("GET", room(room_id, "state"))
        return _events(content)


def _take(entered: MatrixRoom, event: Json) -> None:
    content = event.get("content")
    who = event.get("state_key")
    if not isinstance(content, dict):
        return
    if event.get("type") == "m.room.encryption":
        entered.encrypted = True
    elif (
        event.get("type") == "m.room.member" and isinstance(who, str) and content.get("membership") in _INSIDE
    ):
        entered.add_member(who, None, None, content["membership"] == "invite")


def _events(content: bytes) -> list[Json]:
    try:
        events: Any = json.loads(content)
    except ValueError:
        events = None
    if not isinstance(events, list):
        raise LostError("a room's state that is no list")
    return [event for event in events if isinstance(event, dict)]


def _event_id(answer: Json) -> str:
    event_id = answer.get("event_id")
    if not isinstance(event_id, str):
        raise LostError("an answer without the event's id")
    return event_id


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _raise(answer: Any) -> None:
    refusal = failed(answer)
    if refusal is not None:
        raise refusal
