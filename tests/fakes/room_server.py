"""A homeserver in memory that keeps what is said in its rooms, so that a test can count it, and fails as it is told.

Like a real one it answers a transaction id that it knows with the event it made then. What it does not do: people,
syncing, encryption. For those there is a real homeserver (`synapse.py`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.fakes.answering import answering
from tests.fakes.broken_homeserver import Answer, Broken

_PUT = re.compile(r"/rooms/(?P<room>[^/]+)/(?P<kind>send|redact)/(?P<what>[^/]+)/(?P<key>[^/]+)$")


@dataclass
class Strike:
    """What goes wrong with every request until the test calms it: in its place, or after it was taken in."""

    instead: Answer | None = None
    afterwards: Answer | None = None
    slow: float = 0.0
    """Seconds the answer takes, once the request was taken in."""


@dataclass
class RoomServer(Broken):
    """`strike`: what happens to what is said or taken back; None: nothing."""

    strike: Strike | None = None
    rooms: dict[str, dict[str, str]] = field(default_factory=dict)
    """What stands in each room, by event."""
    said: dict[str, int] = field(default_factory=dict)
    """How many messages were put into each room, edits and deletions apart: how often it rang there."""
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        found = _PUT.search(request.rel_url.raw_path)
        if found is None or found["what"] == "m.reaction":
            return await super().handle(request)
        self.asked[found["kind"]] += 1
        strike = self.strike or Strike()
        if strike.instead is not None:
            return await strike.instead(request)
        event = self._take_in(found, await request.json())
        if strike.afterwards is not None:
            return await strike.afterwards(request)
        await asyncio.sleep(strike.slow)
        return web.json_response({"event_id": event})

    def _take_in(self, found: re.Match[str], content: dict[str, Any]) -> str:
        room, key = unquote(found["room"]), unquote(found["key"])
        if (room, key) in self._known:
            return self._known[room, key]
        event = self._known[room, key] = f"$event{len(self._known)}"
        standing = self.rooms.setdefault(room, {})
        relation = content.get("m.relates_to", {})
        if found["kind"] == "redact":
            standing.pop(unquote(found["what"]), None)
        elif relation.get("rel_type") == "m.replace":
            if relation["event_id"] in standing:
                standing[relation["event_id"]] = content["m.new_content"]["body"]
        else:
            standing[event] = content["body"]
            self.said[room] = self.said.get(room, 0) + 1
        return event


@asynccontextmanager
async def room_server() -> AsyncIterator[RoomServer]:
    server = RoomServer()
    async with answering(server.handle) as server.url:
        yield server


async def cut_off(_: web.Request) -> web.StreamResponse:
    """An answer that ends in the middle of a word."""
    return web.Response(text='{"event_id": "$ev', content_type="application/json")
