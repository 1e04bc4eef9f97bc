"""The page for the contract suite: readers fill in its forms and read its HTML, as a browser without a script does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from html.parser import HTMLParser

from adapters.web.platform import WebPlatform
from bot.clock import RandomIds, SystemClock
from bot.contract import Address, Receive
from bot.host import Host
from bot.settings import WebSettings
from tests.contract.harness import Inbox
from tests.fakes.web_reader import WebReader

_BLOCKS = frozenset({"p", "li", "dl"})


class WithoutSocket(WebPlatform):
    """The page, reached directly: what it listens on is tested elsewhere."""

    async def run(self, receive: Receive, cursor: str | None) -> None:
        before, self._receive = self._receive, receive
        try:
            await asyncio.Event().wait()
        finally:
            self._receive = before

    def greets(self, receive: Receive | None) -> None:
        self._receive = receive


@dataclass
class WebPerson:
    reader: WebReader
    address: Address

    async def types(self, text: str) -> None:
        await self.reader.opens("/chat")
        answer = await self.reader.says(text)
        assert answer.status_code == 303

    async def taps(self, label: str) -> None:
        await self.reader.opens("/chat")
        await self.reader.taps(label)

    async def hands_in(self, content: bytes, name: str, mime: str, caption: str) -> None:
        await self.reader.opens("/chat")
        await self.reader.hands_in(name, content, caption)

    async def sees(self) -> list[str]:
        return (await self._screen()).words

    async def is_offered(self) -> list[str]:
        return (await self._screen()).offered

    async def _screen(self) -> Screen:
        await self.reader.opens("/chat")
        screen = Screen()
        screen.feed(self.reader.page)
        return screen


@dataclass
class WebSide:
    platform: WithoutSocket
    stack: AsyncExitStack

    async def person(self, *, language: str = "de") -> WebPerson:
        reader = await self.stack.enter_async_context(WebReader(self.platform))
        hello = Inbox()
        self.platform.greets(hello.receive)
        await reader.starts()
        self.platform.greets(None)
        return WebPerson(reader, hello.events[0].conversation)

    def nobody(self) -> Address:
        return Address("AAAAAAAAAAAAAAAAAAAAAAAAAA")


@asynccontextmanager
async def web_side(host: Host) -> AsyncIterator[WebSide]:
    async with AsyncExitStack() as stack:
        yield WebSide(WithoutSocket(host, WebSettings(), SystemClock(), RandomIds(), patience=0), stack)


class Screen(HTMLParser):
    """What stands in the chat: the bot's words, a line per line, and the newest choices."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.offered: list[str] = []
        self._open: list[str] = []
        self._theirs = False
        self._in_choice = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = dict(attrs).get("class") or ""
        if kind.startswith("bubble"):
            self._theirs = "bot" in kind.split()
            if self._theirs:
                self.words.append("")
        elif kind == "under":
            self._theirs = False
        elif kind == "choices":
            self.offered = []
        elif kind == "choice":
            self.offered.append("")
            self._in_choice = True
        elif kind == "number":
            self._in_choice = False
        elif tag in _BLOCKS:
            self._open.append(tag)
            if self._theirs and self.words[-1]:
                self.words[-1] += "\n\n"
        elif tag == "br" and self._open and self._theirs:
            self.words[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == self._open[-1]:
            self._open.pop()
        elif tag == "span" and self.offered and not self.offered[-1]:
            self._in_choice = True
        elif tag in ("button", "a"):
            self._in_choice = False

    def handle_data(self, data: str) -> None:
        if self._in_choice:
            self.offered[-1] += data
        elif self._open and self._theirs:
            self.words[-1] += data
