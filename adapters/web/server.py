"""uvicorn inside our own program: it takes no signals, prints nothing of readers, and stops when we say."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator

import uvicorn
from starlette.types import ASGIApp

from bot.contract import PlatformDown

_LAST_WORDS = 2
"""Seconds that answers under way get when the program stops."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals belong to the program, not to its web server."""
        yield


async def serve(app: ASGIApp, host: str, port: int, closing: Callable[[], None]) -> None:
    """Serve until cancelled. `closing` is called before the last answers are waited for. Raises `PlatformDown`."""
    listener = await _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_LAST_WORDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        await asyncio.shield(serving)
    finally:
        closing()
        server.should_exit = True
        await serving


async def _listen(host: str, port: int) -> socket.socket:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as fault:
        raise PlatformDown(
            f"The page can't listen on {host}: there is no such address on this machine. "
            "Set QUARTIERBOTE_WEB__HOST, for example to 127.0.0.1."
        ) from fault
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.setblocking(False)
    except OSError as fault:
        listener.close()
        raise PlatformDown(
            f"The page can't listen on port {port} of {host}: {fault.strerror}. Stop the program that uses it, "
            "or choose another port, for example QUARTIERBOTE_WEB__PORT=8090."
        ) from fault
    return listener
