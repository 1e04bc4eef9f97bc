"""An open page of the chat: hears what is pushed to it, as its script does."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx

from tests.fakes.web_reader import WebReader


class LivePage:
    """What was pushed, as plain words, oldest first; `hears` looks at what came since the last call."""

    def __init__(self) -> None:
        self.bubbles: list[str] = []
        self._read = 0
        self._news = asyncio.Event()

    def came(self, data: str) -> None:
        words = re.sub(r"<[^>]+>", " ", json.loads(data)["html"])
        self.bubbles.append(html.unescape(" ".join(words.split())))
        self._news.set()

    async def hears(self, words: str, *, seconds: float = 30.0) -> str:
        """Wait for a bubble that contains these words."""
        async with asyncio.timeout(seconds):
            while True:
                for place in range(self._read, len(self.bubbles)):
                    if words in self.bubbles[place]:
                        self._read = place + 1
                        return self.bubbles[place]
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def live(reader: WebReader) -> AsyncIterator[LivePage]:
    """The page of a reader who has pressed start, live until the block ends."""
    page, begun = LivePage(), asyncio.Event()
    listening = asyncio.create_task(_listen(reader.browser, page, begun))
    await asyncio.wait([listening, asyncio.ensure_future(begun.wait())], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield page
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


async def _listen(browser: httpx.AsyncClient, page: LivePage, begun: asyncio.Event) -> None:
    async with browser.stream("GET", "/chat/events?since=0", timeout=None) as stream:
        begun.set()
        is_bubble = False
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                is_bubble = line == "event: bubble"
            elif line.startswith("data: ") and is_bubble:
                page.came(line.removeprefix("data: "))
