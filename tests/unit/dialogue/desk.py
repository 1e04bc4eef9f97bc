"""An inbox in miniature: a handler of the test's own, people who agreed or didn't, and what was said to them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.memory import MemoryPlatform
from bot.clock import ManualClock
from bot.contract import Address, Attachment, Happened, Inbound, Paragraph, Platform, Text
from bot.delivery.chats import lane_for
from bot.delivery.model import Chat, Delivery, StoredText
from bot.delivery.outbox import Outbox
from bot.delivery.wire import from_wire
from bot.dialogue import Routes, Speaker, Turn
from bot.dialogue.dispatch import Dispatcher
from bot.dialogue.inbox import Inbox
from bot.dialogue.model import StoredInbound
from bot.dialogue.routes import Handler
from bot.language import Languages
from bot.storage import Database

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PATIENCE = 15.0
"""Seconds until a test gives up; never a measure of anything."""
BROKEN = "Da ist bei mir etwas schiefgegangen. Versuch es bitte noch einmal."


def event(
    id_: str,
    who: str,
    text: str = "",
    *,
    what: Happened = Happened.TEXT,
    is_room: bool = False,
    file: str = "",
) -> Inbound:
    """Something that happened. `file`: an attachment that takes until `Desk.fetched[file]` is set."""
    files = (Attachment("image", source=file),) if file else ()
    return Inbound(id_, Address(who), what, NOON, text=text, is_room=is_room, attachments=files)


async def echo(turn: Turn) -> None:
    """Repeat what was said."""
    turn.say((Paragraph(((Text(turn.text),),)),))


class Directory:
    """Everybody agreed, but those named."""

    def __init__(self) -> None:
        self.strangers: set[str] = set()
        self.broken = False

    async def speaker(self, session: AsyncSession, chat_id: int) -> Speaker | None:
        if self.broken:
            raise LookupError
        chat = await session.get_one(Chat, chat_id)
        return None if chat.address in self.strangers else Speaker(chat_id, "de")


class Desk:
    """One inbox on one lane."""

    def __init__(self, database: Database, lane: int) -> None:
        self.database = database
        self.lane = lane
        self.clock = ManualClock(NOON)
        self.directory = Directory()
        self.handler: Handler = echo
        self.fetched: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.platform = MemoryPlatform(clock=self.clock)
        languages = Languages.load(Languages.find())
        self.routes = Routes(languages)
        self.routes.unknown = self.routes.stranger = self._handle
        self.inbox = Inbox(
            database,
            self.clock,
            Dispatcher(self.routes),
            self.directory,
            languages,
            Outbox(self.clock, lambda: None),
            self._take_in,
            lambda: "de",
            lambda: UTC,
            pauses=(0.0, 0.0),
        )

    @classmethod
    async def make(cls, database: Database) -> Desk:
        async with database.write() as session:
            return cls(database, (await lane_for(session, "memory")).id)

    @asynccontextmanager
    async def running(self, *, on: bool = True) -> AsyncIterator[None]:
        """The inbox at work. `on=False`: with its only platform switched off."""
        task = asyncio.create_task(self.inbox.run({self.lane: self.platform} if on else {}))
        await asyncio.sleep(0)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()

    async def handled(self, *events: Inbound) -> None:
        """Store events and wait until they are handled."""
        await self.inbox.store(self.lane, events, None)
        async with self.running():
            await self.inbox.settled()

    async def said(self) -> dict[str, list[str]]:
        """What is to be sent to each address, in order."""
        rows = (
            select(Chat.address, StoredText.body)
            .join(Delivery, Delivery.chat_id == Chat.id)
            .join(StoredText, StoredText.id == Delivery.wanted_text)
            .order_by(Delivery.id)
        )
        found: defaultdict[str, list[str]] = defaultdict(list)
        async with self.database.read() as session:
            for address, body in (await session.execute(rows)).all():
                found[address].append(_plain(body))
        return dict(found)

    async def until(self, reached: Callable[[dict[str, list[str]]], bool]) -> None:
        """Wait until what was said is so."""
        async with asyncio.timeout(PATIENCE):
            while not reached(await self.said()):
                await asyncio.sleep(0.005)

    async def forgets(self) -> int:
        """Old ids, by the sweep."""
        async with self.database.write() as session:
            return await self.inbox.erase_old(session)

    async def rows(self) -> list[StoredInbound]:
        async with self.database.read() as session:
            return list((await session.scalars(select(StoredInbound).order_by(StoredInbound.id))).all())

    async def _handle(self, turn: Turn) -> None:
        await self.handler(turn)

    async def _take_in(self, platform: Platform, file: Attachment) -> Attachment:
        await self.fetched[file.source].wait()
        return file


def _plain(body: dict[str, object]) -> str:
    first = from_wire(body).body[0]
    assert isinstance(first, Paragraph)
    return "".join(run.text for line in first.lines for run in line)
