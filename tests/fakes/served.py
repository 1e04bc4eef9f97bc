"""The page on a real socket, in the test's own loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx

from adapters.web.platform import WebPlatform
from bot.clock import RandomIds, SystemClock
from bot.settings import WebSettings
from tests.fakes.web_host import sample_host
from tests.fakes.web_reader import Echo


@dataclass(frozen=True, slots=True)
class Served:
    """A page that answers at `url`, with an echo behind it."""

    url: str
    platform: WebPlatform
    echo: Echo
    running: asyncio.Task[None]


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def listening(url: str, running: asyncio.Task[None]) -> None:
    """Return when the page answers at this address, or its program has ended."""
    async with httpx.AsyncClient() as probe:
        while not running.done():
            with suppress(httpx.TransportError):
                await probe.get(f"{url}/healthz")
                break
            await asyncio.sleep(0.02)


@asynccontextmanager
async def served(*, demo: bool = False) -> AsyncIterator[Served]:
    """Run the page until the block ends."""
    port = free_port()
    echo = Echo()
    host = sample_host(demo=demo, public_url=f"http://127.0.0.1:{port}")
    platform = WebPlatform(host, WebSettings(port=port), SystemClock(), RandomIds())
    echo.platform = platform
    running = asyncio.create_task(platform.run(echo.receive, None))
    url = f"http://127.0.0.1:{port}"
    await listening(url, running)
    try:
        yield Served(url, platform, echo, running)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
