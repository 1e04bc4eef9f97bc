"""A city's delivery in miniature: an engine on a memory platform, and short words for what tests do with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import literal, null, select

from adapters.memory import MemoryPlatform
from bot.clock import ManualClock
from bot.contract import Outgoing, Paragraph, Text
from bot.delivery.chats import chat_for, lane_for
from bot.delivery.engine import Engine
from bot.delivery.hooks import Hooks
from bot.delivery.model import Chat, Delivery, Priority
from bot.delivery.outbox import Outbox
from bot.delivery.tempo import Tempo
from bot.storage import BigInt, Database, UTCDateTime
from tests.unit.delivery.counts import ItemCounts, counts

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
QUICK = Tempo(
    poll=0.05, first_pause=0.01, longest_pause=0.05, mark_within=0.02, look_again=0.005, farewell=0.2
)


def message(text: str) -> Outgoing:
    """A message of one line."""
    return Outgoing((Paragraph(((Text(text),),)),))


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something that others bring about; the test's own time limit ends a wait in vain."""
    while True:
        if happened():
            return
        await asyncio.sleep(0.002)


@dataclass
class World:
    """One lane, its platform and its chats."""

    database: Database
    clock: ManualClock
    platform: MemoryPlatform
    lane: int
    hooks: Hooks
    engine: Engine
    outbox: Outbox

    @classmethod
    async def make(
        cls, database: Database, platform: MemoryPlatform | None = None, *, tempo: Tempo = QUICK
    ) -> World:
        clock = ManualClock(NOON)
        platform = platform or MemoryPlatform(clock=clock)
        async with database.write() as session:
            lane = (await lane_for(session, platform.name)).id
        hooks = Hooks()
        engine = Engine(database, clock, {lane: platform}, hooks, tempo)
        return cls(database, clock, platform, lane, hooks, engine, Outbox(clock, engine.wake))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The engine at work; stopped in order at the end."""
        task = asyncio.create_task(self.engine.run())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()

    async def deliver(self) -> None:
        """Run the engine until nothing is due."""
        async with self.running():
            await self.engine.settled()

    async def later(self, by: timedelta) -> None:
        """Time passes, and the running engine does what falls due."""
        self.clock.advance(by)
        await self.engine.settled()

    async def chat(self, address: str, *, is_room: bool = False) -> int:
        async with self.database.write() as session:
            return (await chat_for(session, self.lane, address, is_room=is_room)).id

    async def answer(self, address: str, text: str) -> None:
        """The bot answers somebody."""
        chat = await self.chat(address)
        async with self.database.write() as session:
            await self.outbox.send(session, chat, message(text))

    async def publish(
        self,
        item: int,
        text: str,
        addresses: Sequence[str],
        *,
        priority: Priority = Priority.ANNOUNCEMENT,
        quartier: int = 1,
        after: timedelta = timedelta(),
        expires_at: datetime | None = None,
    ) -> int:
        """One copy of an item for each address; returns the text's id."""
        async with self.database.write() as session:
            for address in addresses:
                await chat_for(session, self.lane, address)
        due = self.clock.now() + after
        async with self.database.write() as session:
            text_id = await self.outbox.store_text(session, message(text), item=item)
            recipients = select(
                Chat.id,
                Chat.lane_id,
                literal(quartier, BigInt),
                literal(text_id, BigInt),
                literal(due, UTCDateTime),
                literal(expires_at, UTCDateTime) if expires_at else null(),
            ).where(Chat.address.in_(addresses), Chat.lane_id == self.lane)
            await self.outbox.enqueue(session, item=item, priority=priority, recipients=recipients)
        return text_id

    async def correct(
        self, item: int, old: int, text: str | None, *, priority: Priority | None = None
    ) -> int | None:
        """Every copy shall say something else, or be taken back."""
        async with self.database.write() as session:
            new = None
            if text is not None:
                new = await self.outbox.store_text(session, message(text), item=item, revision=2)
            await self.outbox.replace(session, item=item, texts={old: new}, priority=priority)
        return new

    def sees(self, address: str) -> list[str]:
        return self.platform.phone(address).texts

    async def states(self, item: int) -> dict[str, str]:
        """State of each copy, by address."""
        rows = select(Chat.address, Delivery.state).join(Chat, Chat.id == Delivery.chat_id)
        async with self.database.read() as session:
            found = await session.execute(rows.where(Delivery.item == item))
            return {row.address: row.state for row in found}

    async def counts(self, item: int) -> ItemCounts:
        async with self.database.read() as session:
            return await counts(session, item)

    async def rows(self) -> list[Delivery]:
        async with self.database.read() as session:
            return list((await session.execute(select(Delivery).order_by(Delivery.id))).scalars())
