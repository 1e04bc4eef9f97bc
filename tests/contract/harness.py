"""What the suite needs of a platform beside the port itself: people at the other end, and what they see.

One small class per platform; the suite in `test_platforms.py` knows only these protocols.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.contract import Address, Inbound, Outgoing, Paragraph, Platform, Text
from bot.host import Page

PATIENCE = 20.0
"""Seconds until a test gives up waiting; never a measure of anything."""


class Someone(Protocol):
    """A person with the bot open."""

    @property
    def address(self) -> Address: ...

    async def types(self, text: str) -> None: ...

    async def taps(self, label: str) -> None:
        """Tap the newest choice with this label; where there are no buttons, answer with its number."""

    async def hands_in(self, content: bytes, name: str, mime: str, caption: str) -> None: ...

    async def sees(self) -> list[str]:
        """The bot's messages from top to bottom as they stand now, each as plain text. A file without words is ""."""

    async def is_offered(self) -> list[str]:
        """Labels of the choices under the newest message that has any."""


class Side(Protocol):
    """A platform and the world around it."""

    @property
    def platform(self) -> Platform: ...

    async def person(self, *, language: str = "de") -> Someone: ...

    def nobody(self) -> Address:
        """Where nobody can be reached any more, or ever."""


@dataclass
class KeyValues:
    """The adapter's store, in memory."""

    rows: dict[str, str] = field(default_factory=dict)

    async def get(self, key: str) -> str | None:
        return self.rows.get(key)

    async def put(self, key: str, value: str) -> None:
        self.rows[key] = value

    async def put_new(self, key: str, value: str) -> bool:
        if key in self.rows:
            return False
        self.rows[key] = value
        return True

    async def delete(self, key: str) -> None:
        self.rows.pop(key, None)

    async def listing(self, prefix: str, *, after: str = "", limit: int = 100) -> list[tuple[str, str]]:
        keys = sorted(key for key in self.rows if key.startswith(prefix) and key > after)
        return [(key, self.rows[key]) for key in keys[:limit]]


@dataclass
class Files:
    """Stored files, in memory; `loads` lists the ids that were asked for."""

    kept: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    loads: list[int] = field(default_factory=list)

    async def load(self, media: int) -> tuple[bytes, str]:
        self.loads.append(media)
        return self.kept[media]


@dataclass
class Inbox:
    """Stands in for the house's inbox: keeps what `receive` is given, in order, with the cursor."""

    events: list[Inbound] = field(default_factory=list)
    cursor: str | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, events: Sequence[Inbound], cursor: str | None) -> None:
        self.events += events
        if cursor is not None:
            self.cursor = cursor
        self._news.set()

    async def has(self, count: int) -> list[Inbound]:
        """Wait until `count` events are there."""
        async with asyncio.timeout(PATIENCE):
            while len(self.events) < count:
                self._news.clear()
                await self._news.wait()
        return self.events


@asynccontextmanager
async def running(platform: Platform, inbox: Inbox, cursor: str | None = None) -> AsyncIterator[None]:
    """The platform receives into `inbox` meanwhile; a failure of it is the test's."""
    task = asyncio.create_task(platform.run(inbox.receive, cursor))
    await asyncio.sleep(0)  # lets it begin
    try:
        yield
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def plain(text: str) -> Outgoing:
    """A message of one paragraph."""
    return Outgoing((Paragraph(tuple((Text(line),) for line in text.split("\n"))),))


class NoPages:
    """The public pages of a house that has none."""

    async def city(self, language: str) -> Page:
        return Page("", language, rtl=False)

    async def quartier(self, slug: str, language: str) -> Page | None:
        return None

    async def fixed(self, name: str, language: str) -> Page | None:
        return None

    async def quartiere(self) -> Sequence[tuple[str, str]]:
        return ()

    def languages(self) -> Sequence[tuple[str, str, bool]]:
        return (("de", "Deutsch", False), ("ar", "العربية", True))

    def text(self, language: str, key: str, **values: str) -> str:
        return key

    def moment(self, language: str, at: datetime, *, brief: bool = False) -> str:
        return at.isoformat()
