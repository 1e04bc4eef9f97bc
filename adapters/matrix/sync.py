"""Our own sync loop, because the library's loses what a crash interrupts and storms a server that is down.

The order is: fetch, read, store (events and token together), then tidy up: enter rooms, tend keys. Killed anywhere in
between, the same comes again and is known by its ids. What a short timeline left out is fetched before anything of it
is stored.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from nio import SyncResponse
from nio.responses import RoomInfo, Timeline

from adapters.matrix.account import Account
from adapters.matrix.conversations import Conversations
from adapters.matrix.errors import DEAD_LOGIN, HomeserverError, LostError, RefusedError
from adapters.matrix.invitations import Invitations
from adapters.matrix.reading import Reader
from adapters.matrix.sealed import Sealed
from adapters.matrix.wire import CLIENT, Json, room
from bot.contract import Address, Happened, Inbound, LoginRefused, PlatformError, Receive

Sleep = Callable[[float], Awaitable[None]]
HOLD = 30
"""Seconds the homeserver waits for something to happen."""
PAGE = 100
MOST_PAGES = 20
"""So much of one room's past is fetched at most: nobody's flood keeps the others waiting."""
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_NONE: Json = {"types": []}
FILTER = json.dumps(
    {
        "presence": _NONE,
        "account_data": _NONE,
        "room": {"timeline": {"limit": PAGE}, "ephemeral": _NONE, "account_data": _NONE},
    }
)
_log = logging.getLogger(__name__)


class Listener:
    """Receives until cancelled. Raises `LoginRefused` when the login is dead, and whatever `receive` raises."""

    def __init__(
        self,
        account: Account,
        conversations: Conversations,
        sealed: Sealed,
        invitations: Invitations,
        reader: Reader,
        sleep: Sleep,
        well: Callable[[str], None],
    ) -> None:
        self._account = account
        self._conversations = conversations
        self._sealed = sealed
        self._invitations = invitations
        self._reader = reader
        self._sleep = sleep
        self._well = well
        self._failures = 0

    async def run(self, receive: Receive, cursor: str | None) -> None:
        since = cursor
        is_tidy = False
        while True:
            try:
                await self._account.open()
                since = since or await self._account.begin()
                if not is_tidy:
                    await self._invitations.accept()
                    await self._conversations.tend_keys()
                response = await self._fetch(since, hold=HOLD if is_tidy else 0)
                events, departures = await self._read(response, since)
            except (HomeserverError, PlatformError) as error:
                await self._wait(error)
                is_tidy = False
                continue
            if events or response.next_batch != since:
                await receive(events, response.next_batch)
            since = response.next_batch
            self._recovered()
            is_tidy = await self._tidy(departures)

    async def _fetch(self, since: str, *, hold: int) -> SyncResponse:
        query = {"filter": FILTER, "timeout": str(hold * 1000)} | ({"since": since} if since else {})
        answer = await self._account.wire.call("GET", f"{CLIENT}/sync", query=query, patience=hold + 60.0)
        response = SyncResponse.from_dict(answer)
        if not isinstance(response, SyncResponse):
            raise LostError("a sync that makes no sense")
        return response

    async def _read(self, response: SyncResponse, since: str) -> tuple[list[Inbound], list[str]]:
        """What happened, in order per room, and the rooms to go from."""
        client = self._account.client
        client.next_batch = ""  # or the library passes over a token it has seen
        await client.receive_response(response)
        events: list[Inbound] = await self._sealed.opened(response, self._read_one)
        departures: list[str] = []
        for room_id in response.rooms.invite:
            await self._invitations.note(room_id)
        for room_id, info in response.rooms.join.items():
            happened, is_over = await self._joined(room_id, info, since)
            events += happened
            if is_over:
                departures.append(room_id)
        for room_id, info in response.rooms.leave.items():
            self._conversations.leave(room_id)
            events += await self._left(room_id, info)
        return events + await self._sealed.overdue(), departures

    async def _joined(self, room_id: str, info: RoomInfo, since: str) -> tuple[list[Inbound], bool]:
        """What happened in a room, and whether it is no place for us (any more): alone, or with several."""
        is_inside = True
        try:
            others = await self._conversations.others(room_id)
        except RefusedError as error:
            if error.status != 403:
                raise
            others, is_inside = [], False  # gone again meanwhile; the next sync tells
        is_room = len(others) > 1
        if is_inside and not is_room:
            raws = await self._timeline(room_id, info.timeline, since)
        else:  # nobody's history is fetched where we don't stay
            raws = [event.source for event in info.timeline.events]
        events = [event for raw in raws if (event := await self._one(room_id, raw, is_room=is_room))]
        if is_room and raws:
            # Somebody else would read along: to its person this conversation is over.
            events.append(_over(room_id, raws[-1]))
        return events, len(others) != 1

    async def _one(self, room_id: str, raw: Json, *, is_room: bool) -> Inbound | None:
        if raw.get("type") == "m.room.encrypted":
            if raw.get("sender") != self._account.user and not is_room:
                try:
                    await self._sealed.keep(room_id, raw)
                except (LookupError, TypeError, ValueError, AttributeError) as error:
                    _log.warning("left out a sealed message from Matrix (%s)", type(error).__name__)
            return None
        return await self._reader.event(room_id, raw, is_room=is_room)

    async def _read_one(self, room_id: str, raw: Json) -> Inbound | None:
        return await self._reader.event(room_id, raw, is_room=False)

    async def _left(self, room_id: str, info: RoomInfo) -> list[Inbound]:
        raws = [event.source for event in (*info.state, *info.timeline.events)]
        mine = [raw for raw in raws if raw.get("state_key") == self._account.user]
        return [event for raw in mine[-1:] if (event := await self._one(room_id, raw, is_room=False))]

    async def _timeline(self, room_id: str, timeline: Timeline, since: str) -> list[Json]:
        """All events of a room since then, oldest first: what was left out is fetched."""
        raws = [event.source for event in timeline.events]
        if not timeline.limited or not since:
            return raws
        older: list[Json] = []
        begin: str | None = timeline.prev_batch
        pages = 0
        while begin:
            if pages == MOST_PAGES:
                _log.warning("Matrix: a room's history is too long; its oldest part is left out")
                break
            pages += 1
            query = {"dir": "b", "from": begin, "to": since, "limit": str(PAGE), "filter": "{}"}
            page = await self._account.wire.call("GET", room(room_id, "messages"), query=query)
            chunk = [raw for raw in page.get("chunk", []) if isinstance(raw, dict)]
            older += chunk
            begin = page.get("end") if chunk else None
        return [self._sealed.open(room_id, raw) for raw in reversed(older)] + raws

    async def _tidy(self, departures: list[str]) -> bool:
        """What follows from what was stored. Left undone by a failure, it is done before the next sync."""
        try:
            for room_id in departures:
                await self._conversations.go(room_id)
            await self._invitations.accept()
            await self._sealed.settle()
            await self._conversations.tend_keys()
        except (HomeserverError, PlatformError) as error:
            _log.info("Matrix: something is left to be done (%s)", type(error).__name__)
            return False
        return True

    def _recovered(self) -> None:
        if self._failures:
            self._failures = 0
            self._well("")
            _log.info("Matrix is there again")

    async def _wait(self, error: Exception) -> None:
        """Say what is wrong, once, and wait longer each time."""
        if isinstance(error, LoginRefused):
            raise error
        if isinstance(error, RefusedError) and error.is_dead_login:
            raise LoginRefused(DEAD_LOGIN) from None
        delay = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(self._failures, 10))
        if isinstance(error, RefusedError) and error.is_too_fast:
            delay = max(delay, error.wait or 0.0)
        if self._failures == 0:
            said = (
                str(error)
                if isinstance(error, PlatformError)
                else f"No answer from Matrix ({error}); trying on."
            )
            _log.warning("%s", said)
            self._well(said)
        self._failures += 1
        await self._sleep(delay)


def _over(room_id: str, raw: Json) -> Inbound:
    at = datetime.fromtimestamp(raw["origin_server_ts"] / 1000, UTC)
    return Inbound(f"{raw['event_id']}:over", Address(room_id), Happened.LEFT, at)
