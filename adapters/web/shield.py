"""What stands before every page: headers that bind the browser, a limit for what comes in, and the demo's closed door.

The demo's accounts hold roles that nobody logged in for. So it answers only who sits at this very machine: a request
that came through a proxy, or under another name than this machine's own, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.this_machine import is_meant_for_here

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
_FIXED: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FORM_LIMIT = 64 * 1024
_DRAINED = 8 * 1024 * 1024
"""What is read on beyond the limit, so that the browser shows our answer and not a broken connection."""


class TooLarge(HTTPException):
    """The request's body is over the limit."""

    def __init__(self) -> None:
        super().__init__(413)


class Shield:
    """Wraps the whole application, error pages too."""

    def __init__(self, app: ASGIApp, *, demo: bool, secure: bool, upload_limit: int) -> None:
        self._app = app
        self._demo = demo
        self._secure = secure
        self._upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._bind(MutableHeaders(scope=message), scope["path"])
            await send(message)

        if self._demo and not is_meant_for_here(Headers(scope=scope)):
            refusal = PlainTextResponse(
                "The demo answers only at this machine itself: open it as http://127.0.0.1 there.\n", 403
            )
            await refusal(scope, receive, send_with_headers)
            return
        limit = self._upload_limit if scope["path"].endswith("/say") else FORM_LIMIT
        await self._app(scope, _limited(receive, limit), send_with_headers)

    def _bind(self, headers: MutableHeaders, path: str) -> None:
        in_frame = self._demo and path.startswith("/demo")
        frames = (
            {"frame-ancestors": "'self'", "frame-src": "'self'"}
            if in_frame
            else {"frame-ancestors": "'none'"}
        )
        policy = "; ".join(f"{name} {value}" for name, value in (_POLICY | frames).items())
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Frame-Options"] = "SAMEORIGIN" if in_frame else "DENY"
        for name, value in _FIXED.items():
            headers.setdefault(name, value)
        if self._secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] != "http.request":
            return message
        seen += len(message.get("body", b""))
        if seen <= limit:
            return message
        while message.get("more_body") and seen <= limit + _DRAINED:
            message = await receive()
            seen += len(message.get("body", b""))
        raise TooLarge

    return counted
