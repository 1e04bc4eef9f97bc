"""Server-sent events: an open page hears at once what is new, and ends its stream as soon as the program stops."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import StreamingResponse

from adapters.web.bubbles import Bubble, bubbles
from adapters.web.site import Site
from bot.language import M

if TYPE_CHECKING:
    from adapters.web.chat import Room

_HEARTBEAT = 20.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def changes_stream(site: Site, request: Request, account: str, room: Room) -> StreamingResponse:
    """A stream of all that changes in a chat, beginning after what the page has seen."""
    seen = request.headers.get("last-event-id") or request.query_params.get("since", "0")
    since = int(seen) if seen.isdecimal() and len(seen) < 19 else 0
    changes = _counted(site, site.client(request), room, _changes(site, account, room, since))
    return StreamingResponse(changes, media_type="text/event-stream", headers=_HEADERS)


async def _counted(
    site: Site, client: str, room: Room, changes: AsyncGenerator[str, None]
) -> AsyncIterator[str]:
    """`changes`, unless this address has too many open: then one event that says so.

    An event, because a page can't read the body of a refused stream; counted here, because a stream that never
    begins never ends either.
    """
    if not site.streams.enter(client):
        # Translators: too many chats are open at this internet connection; this page is not live.
        sentence = site.words(room.reader, M("web.chat.crowded"))
        yield _event("refused", json.dumps(sentence), 0)
        return
    try:
        async with aclosing(changes):
            async for change in changes:
                yield change
    finally:
        site.streams.leave(client)


async def _changes(site: Site, account: str, room: Room, since: int) -> AsyncGenerator[str, None]:
    template = site.templates.get_template("_bubble.html")

    def markup(bubble: Bubble) -> str:
        if not bubble.markup:
            return ""
        wording = {"text": site.wording(room.reader), "moment": site.moments(room.reader)}
        return template.render(bubble=bubble, room=room, reader=room.reader, **wording)

    yield "retry: 2000\n\n"
    # What the page showed already when it began to listen.
    seen = {entry.rev for entry in await site.threads.entries(account) if entry.rev <= since}
    while not site.threads.closing:
        fresh = await site.threads.changes(account, since, _HEARTBEAT, seen)
        if fresh is None:
            yield _event("emptied", "", since)
            return
        if not fresh:
            yield ": still here\n\n"
            continue
        known = await site.threads.entries(account)
        for entry, bubble in zip(fresh, bubbles(fresh, site.seals, known), strict=True):
            since = max(since, entry.rev)
            seen.add(entry.rev)
            yield _event("bubble", json.dumps({"id": bubble.id, "html": markup(bubble)}), entry.rev)


def _event(name: str, data: str, number: int) -> str:
    return f"event: {name}\nid: {number}\ndata: {data}\n\n"
