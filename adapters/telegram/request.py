"""The HTTP under python-telegram-bot, made to say what became of a request.

The library's own (httpx) costs several times as much. Its exceptions don't tell "never left" from "perhaps arrived",
it throws away the seconds of a 429 that names them only in words, and it logs what it can't parse. Here failures are
sorted into three kinds, and only what surely never left is said to be unsent. Read timeouts are long: an answer that
comes late is not a loss.
"""

from __future__ import annotations

import io
import json
import logging
import re
import ssl
from collections.abc import Mapping
from typing import Any, cast
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
from telegram import Bot
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

Timeout = Any
"""A number of seconds, None, or the library's own marker for "the default", whose type is private."""

_DEFAULT: Timeout = BaseRequest.DEFAULT_NONE
_NEVER_LEFT = (
    aiohttp.ClientConnectorError,  # refused, no such host, no route, no TLS, no proxy
    aiohttp.ConnectionTimeoutError,  # no connection in time, or none free
    aiohttp.ClientHttpProxyError,  # the proxy doesn't let us through
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)
_SECONDS_IN_WORDS = re.compile(r"retry after (\d+)")
_UNKNOWN_WAIT = 5.0
POLL_SECONDS = 30
READ_SECONDS = 45.0
_CONNECT_SECONDS = 10.0
_IDLE_SECONDS = 15.0
"""How long an unused connection is kept: less than servers keep it, or a message would meet one that just closed."""


class UnsentError(NetworkError):
    """The request never left this machine."""


class LostError(NetworkError):
    """The request went out; what became of it is not known."""


class TooFastError(TelegramError):
    """Refused with 429. `seconds`: how long to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too fast, wait {seconds} s")
        self.seconds = seconds


class Request(BaseRequest):
    """aiohttp, with failures sorted into three kinds. No message carries an address or a body.

    aiohttp repeats a GET by itself when a kept connection turns out to be closed, never a POST.
    """

    def __init__(self, *, connections: int) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._is_shut = False

    @property
    def read_timeout(self) -> float:
        return READ_SECONDS

    async def initialize(self) -> None:
        """Nothing: the first request opens what it needs."""

    async def shutdown(self) -> None:
        self._is_shut = True
        if self._session is not None:
            await self._session.close()

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
        """As the library asks for it. Its timeouts for writing and connecting are not used: ours are fixed."""
        if self._is_shut:
            raise UnsentError("shut down")
        session = self._session or self._open(url)
        timeout = _TIMEOUT if read_timeout is _DEFAULT else _patience(read_timeout)
        body = _body(request_data) if request_data is not None else None
        try:
            # A redirect would send the message to whoever it names, perhaps twice.
            async with session.request(
                method, URL(url, encoded=True), data=body, timeout=timeout, allow_redirects=False
            ) as answer:
                code, payload = answer.status, await answer.read()
        except _NEVER_LEFT as error:
            raise UnsentError(type(error).__name__) from None
        except (
            aiohttp.ClientError,
            OSError,
            ValueError,
            RuntimeError,
        ) as error:  # a TimeoutError is an OSError
            raise LostError(type(error).__name__) from None
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

    def _open(self, url: str) -> aiohttp.ClientSession:
        """All requests of a bot go to one server, so what leads there is looked up once."""
        root = URL(url, encoded=True)
        proxy = _proxy(root)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections,
                keepalive_timeout=_IDLE_SECONDS,
                ssl=_certificates() if root.scheme == "https" else True,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=proxy,
        )
        return self._session


class _Values:
    """Parameters without files, as `RequestData` shows them to a request."""

    contains_files = False

    def __init__(self, values: Mapping[str, object]) -> None:
        self.json_payload = json.dumps(values).encode()


class RawBot(Bot):
    """The library's bot, and what it would cost too much or be too strict for, asked of the Bot API directly."""

    async def call(self, method: str, values: Mapping[str, object]) -> Any:
        """One method by its name; the result as it came.

        For what goes out by the thousand: the library takes more time than the request itself to look up defaults, and
        to build from the answer a message that nobody looks at.
        """
        request_data = cast("RequestData", _Values(values))
        return await self.request.post(f"{self.base_url}/{method}", request_data)

    async def raw_updates(self, offset: int | None, allowed: list[str]) -> list[dict[str, Any]]:
        """Updates from `offset` on; waits up to `POLL_SECONDS` for one. One that can't be parsed must not stop the
        others."""
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
    for name in ("aiohttp", "telegram"):
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


def _patience(read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None, connect=READ_SECONDS, sock_connect=_CONNECT_SECONDS, sock_read=read
    )


_TIMEOUT = _patience(READ_SECONDS)


def _body(request_data: RequestData) -> aiohttp.BytesPayload | aiohttp.FormData:
    """JSON, or a form where there are files. Content in memory is handed over as a stream, to be sent bit by bit."""
    if not request_data.contains_files:
        return aiohttp.BytesPayload(request_data.json_payload, content_type="application/json")
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in request_data.multipart_data.items():
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=re.sub(r"[\r\n]", " ", filename), content_type=mime)
    return form


def _certificates() -> ssl.SSLContext:
    """The operating system's, and those of Mozilla where it has none."""
    context = ssl.create_default_context()
    if not context.get_ca_certs():
        context.load_verify_locations(certifi.where())
    return context


def _proxy(root: URL) -> URL | None:
    """What the environment says (HTTPS_PROXY, ALL_PROXY, NO_PROXY). aiohttp's own look costs a thread per request."""
    proxies = getproxies()
    named = proxies.get(root.scheme) or proxies.get("all")
    if not named or (root.host and proxy_bypass(root.host)):
        return None
    proxy = URL(named)
    if proxy.scheme not in ("http", "https"):
        raise UnsentError(f"a proxy of the kind {proxy.scheme}")
    return proxy
