"""A homeserver that answers as a test wants, as a real one does on its worst days only. It counts what it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.answering import answering

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
USER = "@bot:hameln.test"
ROOM = "!room:hameln.test"


@dataclass
class Broken:
    """`answers`: what a kind of request gets (login, sync, send, …); without one it is answered well."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        kind = _kind(request.path)
        self.asked[kind] += 1
        if kind in self.answers:
            return await self.answers[kind](request)
        return web.json_response(_WELL[kind])


def error(status: int, code: str, **more: Any) -> Answer:
    """Matrix's own kind of error."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"errcode": code, "error": "words of the server"} | more, status=status)

    return answer


def page(status: int) -> Answer:
    """What a proxy says that finds nobody behind it."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="<html>Bad Gateway</html>", content_type="text/html")

    return answer


async def hang_up(request: web.Request) -> web.StreamResponse:
    """The line goes dead in mid-answer."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


@asynccontextmanager
async def broken_homeserver() -> AsyncIterator[Broken]:
    broken = Broken()
    async with answering(broken.handle) as broken.url:
        yield broken


def _kind(path: str) -> str:
    for kind in ("login", "whoami", "sync", "state", "send", "redact", "keys/upload", "join"):
        if f"/{kind}" in path:
            return kind
    return "other"


def _member(user: str) -> dict[str, Any]:
    return {"type": "m.room.member", "state_key": user, "content": {"membership": "join"}}


_WELL: dict[str, Any] = {
    "login": {"user_id": USER, "device_id": "DEVICE", "access_token": "the-secret-token"},
    "whoami": {"user_id": USER, "device_id": "DEVICE"},
    "sync": {"next_batch": "s1"},
    "state": [_member(USER), _member("@anna:hameln.test")],
    "send": {"event_id": "$event"},
    "redact": {"event_id": "$redaction"},
    "keys/upload": {"one_time_key_counts": {"signed_curve25519": 50}},
    "join": {"room_id": ROOM},
    "other": {},
}
