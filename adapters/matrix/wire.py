"""The HTTP under the adapter: one request, one answer or one failure; no retry, no sleep, no log.

The library's own methods sleep inside a 429 and repeat for ever; the engine must know instead. Its session is used,
so that there is one pool of connections.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
from nio import AsyncClient, ErrorResponse, Response

from adapters.matrix.errors import LostError, RefusedError, UnsentError

PATIENCE = 30.0
"""Seconds a request has."""
_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.InvalidURL, aiohttp.ConnectionTimeoutError)
CLIENT = "/_matrix/client/v3"

Json = dict[str, Any]
T = TypeVar("T")


class Wire:
    """Requests to one homeserver. `token` is set once somebody is logged in."""

    def __init__(self, homeserver: str) -> None:
        self.client = AsyncClient(homeserver)
        self.token = ""

    async def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: dict[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> Json:
        """The answer's JSON. Raises `HomeserverError`."""
        data = None if body is None else json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        content = await self.raw(method, path, data, "application/json", query=query, patience=patience)
        try:
            answer = json.loads(content)
        except ValueError:
            raise LostError("an answer that is not JSON") from None
        if not isinstance(answer, dict):
            raise LostError("an answer that is no object")
        return answer

    async def raw(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        kind: str = "application/octet-stream",
        *,
        query: dict[str, str] | None = None,
        patience: float = PATIENCE,
        most: int | None = None,
    ) -> bytes:
        """The answer's bytes, at most `most`. Raises `HomeserverError`; `ValueError` for more than that."""
        headers = {"Content-Type": kind} if data is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        url = f"{path}?{urlencode(query)}" if query else path
        try:
            answer = await self.client.send(method, url, data, headers, timeout=patience)
            async with answer:
                if answer.status == 200:
                    return await _read(answer, most)
                content = await answer.read()
        except _NEVER_LEFT as error:
            raise UnsentError(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise LostError(type(error).__name__) from None
        raise _refused(answer.status, content, answer.headers.get("Retry-After", ""))

    async def close(self) -> None:
        await self.client.close()


def room(room_id: str, *rest: str) -> str:
    """The path of something in a room."""
    return "/".join([f"{CLIENT}/rooms", quote(room_id, safe=""), *(quote(part, safe="") for part in rest)])


def failed(answer: Response | ErrorResponse) -> RefusedError | None:
    """What a response of the library complains about, if it does."""
    if not isinstance(answer, ErrorResponse):
        return None
    transport = answer.transport_response
    status = transport.status if transport is not None else 500
    wait = answer.retry_after_ms / 1000 if answer.retry_after_ms else None
    code = answer.status_code if isinstance(answer.status_code, str) else ""
    return RefusedError(status, code, wait)


async def asked(request: Awaitable[T]) -> T:
    """A request the library makes by itself, about keys alone: when it fails, nothing was said to anybody yet."""
    try:
        answer = await request
    except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
        raise UnsentError(type(error).__name__) from None
    refusal = failed(answer) if isinstance(answer, ErrorResponse) else None
    if refusal is not None:
        raise refusal
    return answer


async def _read(answer: aiohttp.ClientResponse, most: int | None) -> bytes:
    if most is None:
        return await answer.read()
    if (answer.content_length or 0) > most:
        raise ValueError("too large")
    content = bytearray()
    async for chunk in answer.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > most:
            raise ValueError("too large")
    return bytes(content)


def _refused(status: int, content: bytes, header: str) -> RefusedError:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return RefusedError(status, wait=_seconds(header))
    code = body.get("errcode")
    wait = body.get("retry_after_ms")
    return RefusedError(
        status,
        code if isinstance(code, str) else "",
        wait / 1000 if isinstance(wait, int | float) and wait >= 0 else _seconds(header),
    )


def _seconds(header: str) -> float | None:
    return float(header) if header.isdecimal() else None
