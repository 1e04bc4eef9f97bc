"""The HTTP under python-telegram-bot, made to say what became of a request.

Its own exceptions don't tell "never left" from "perhaps arrived", it throws away the seconds of a 429 that names them
only in words, and it logs what it can't parse. Read timeouts are long: an answer that comes late is not a loss.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import httpx
from telegram import Bot
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, HTTPXRequest, RequestData

Timeout = Any
"""A number of seconds, None, or the library's own marker for "the default", whose type is private."""

_DEFAULT: Timeout = BaseRequest.DEFAULT_NONE
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_SECONDS_IN_WORDS = re.compile(r"retry after (\d+)")
_UNKNOWN_WAIT = 5.0
POLL_SECONDS = 30
READ_SECONDS = 45.0


class UnsentError(NetworkError):
    """The request never left this machine."""


class LostError(NetworkError):
    """The request went out; what became of it is not known."""


class TooFastError(TelegramError):
    """Refused with 429. `seconds`: how long to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too fast, wait {seconds} s")
        self.seconds = seconds


class Request(HTTPXRequest):
    """httpx, with failures sorted into three kinds. No message carries an address or a body."""

    def __init__(self, *, connections: int) -> None:
        super().__init__(
            connection_pool_size=connections,
            read_timeout=READ_SECONDS,
            write_timeout=READ_SECONDS,
            media_write_timeout=2 * READ_SECONDS,
            connect_timeout=10.0,
            pool_timeout=READ_SECONDS,
        )

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Timeout = _DEFAULT,
        write_timeout: Timeout = _DEFAULT,
        connect_timeout: Timeout = _DEFAULT,
        pool_timeout: Timeout = _DEFAULT,
    ) -> tuple[int, bytes]:
        try:
            code, payload = await super().do_request(
                url, method, request_data, read_timeout, write_timeout, connect_timeout, pool_timeout
            )
        except NetworkError as error:
            what = type(error.__cause__).__name__
            raise (
                UnsentError(what) if isinstance(error.__cause__, _NEVER_LEFT) else LostError(what)
            ) from None
        if code == 429:
            raise TooFastError(_wait(payload))
        if code >= 500:
            raise LostError(f"HTTP {code}")
        # Too large is a fault of the message, as any 400 is.
        return (400 if code == 413 else code), payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            parsed = json.loads(payload)
        except ValueError:
            raise LostError("an answer that is not JSON") from None
        if not isinstance(parsed, dict):
            raise LostError("an answer that is no object")
        return parsed


class RawBot(Bot):
    """The library's bot, and updates as they came: one that can't be parsed must not stop the others."""

    async def raw_updates(self, offset: int | None, allowed: list[str]) -> list[dict[str, Any]]:
        """Updates from `offset` on; waits up to `POLL_SECONDS` for one."""
        data = {"timeout": POLL_SECONDS, "offset": offset, "allowed_updates": allowed}
        updates = await self._post("getUpdates", data, read_timeout=POLL_SECONDS + 15.0)
        if not isinstance(updates, list):
            raise LostError("updates that are no list")
        return [update for update in updates if isinstance(update, dict)]

    async def hang_up(self) -> None:
        """Close all connections. The library's own `shutdown` does so only after its own `initialize`."""
        for request in self._request:
            await request.shutdown()


def make_bot(token: str, root: str, *, connections: int) -> RawBot:
    """A bot at the Bot API server with this root. Connections: for what goes out; polling has its own."""
    _hush()
    return RawBot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=Request(connections=connections),
        get_updates_request=Request(connections=1),
    )


def _hush() -> None:
    """These libraries log addresses, which carry the token, and parameters, which carry texts."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _wait(payload: bytes) -> float:
    """Seconds a 429 asks for: its `retry_after`, else those in its words, else a guess."""
    try:
        answer = json.loads(payload)
        named = answer.get("parameters", {}).get("retry_after")
        worded = _SECONDS_IN_WORDS.search(str(answer.get("description", "")))
    except (ValueError, AttributeError):
        return _UNKNOWN_WAIT
    if isinstance(named, int | float) and named > 0:
        return float(named)
    return float(worded.group(1)) if worded else _UNKNOWN_WAIT
