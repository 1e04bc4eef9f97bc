"""A door in front of a server, which a test can shut: whoever knocks then is refused, as by a machine that is down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Gate:
    """Passes everything on to the server at `url` while it is open."""

    def __init__(self, url: str) -> None:
        self._behind = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._lines: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        """At the same port as before."""
        self._server = await asyncio.start_server(self._knock, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Nobody gets in, and whoever is inside is cut off."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _knock(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            within = await asyncio.open_connection(self._behind.hostname, self._behind.port)
            try:
                await asyncio.gather(_pass_on(reader, within[1]), _pass_on(within[0], writer))
            finally:
                within[1].close()
        except (OSError, asyncio.CancelledError):
            pass  # cut off, by one side or by the test
        finally:
            writer.close()
            self._lines.discard(line)


@asynccontextmanager
async def gate(url: str) -> AsyncIterator[Gate]:
    """An open one."""
    opened = Gate(url)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.shut()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
