"""A port of its own for the figures of a process that shows no page: `/metrics` and `/healthz`, and nothing else.

Where several processes share a city, only those that serve the page have a web server. What is spoken here is the
little of HTTP that a scrape needs: one GET, one answer, and the connection is closed.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from bot.prepare import NotReadyError
from bot.this_machine import may_read

log = logging.getLogger(__name__)

_LONGEST = 16 * 1024
_PATIENCE = 5.0
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
            500: "Internal Server Error", 503: "Service Unavailable"}  # fmt: skip
_WORDS = "text/plain; charset=utf-8"

Metrics = Callable[[str], Awaitable[tuple[bytes, str]]]
Health = Callable[[], Awaitable[dict[str, object]]]
Answer = tuple[int, bytes, str]


@asynccontextmanager
async def figures_port(
    host: str, port: int, token: str, metrics: Metrics, health: Health
) -> AsyncIterator[None]:
    """Answer on `port` for as long as the block runs; 0: don't. Raises `NotReadyError` if it can't be had."""
    if not port:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_PATIENCE):
                asked = await reader.readuntil(b"\r\n\r\n")
            status, content, kind = await _answer(asked.decode("latin-1"), peer, token, metrics, health)
            head = (
                f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\nCache-Control: no-store\r\n"
                f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + content)
            await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(answer, host.strip("[]"), port, limit=_LONGEST)
    except OSError as fault:
        raise NotReadyError(
            f"The figures can't be shown on port {port} of {host}: {fault.strerror}. Choose another port."
            f" Example: QUARTIERBOTE_WEB__METRICS_PORT={port + 1 if port < 65535 else 9101}"
        ) from fault
    async with server:
        yield


async def _answer(asked: str, peer: str, token: str, metrics: Metrics, health: Health) -> Answer:
    line, *lines = asked.split("\r\n")
    method, _, rest = line.partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)
    }
    if method != "GET":
        return 400, b"Only GET is answered here.\n", _WORDS
    if not may_read(headers, peer, token):
        return (401 if token else 403), b"These figures are not for everybody.\n", _WORDS
    try:
        if path == "/metrics":
            return 200, *await metrics(headers.get("accept", ""))
        if path == "/healthz":
            state = await health()
            return (503 if state.get("ok") is False else 200), json.dumps(state).encode(), "application/json"
    except Exception as fault:
        log.error("the figures could not be gathered: %s", type(fault).__name__)  # noqa: TRY400 - a message may quote rows
        return 500, b"The figures could not be gathered; the log says why.\n", _WORDS
    return 404, b"There are /metrics and /healthz.\n", _WORDS
