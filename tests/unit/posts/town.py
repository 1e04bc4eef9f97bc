"""Hameln without a chat: people with habits and languages, staff, and the posts' use cases, on a real database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from adapters.memory import MemoryPlatform
from bot.agenda.service import Agenda
from bot.clock import ManualClock, RandomIds
from bot.contract import Capabilities, Outgoing, Paragraph, Text
from bot.delivery.chats import chat_for, lane_for
from bot.delivery.engine import Engine
from bot.delivery.hooks import Hooks
from bot.delivery.model import Delivery, StoredText
from bot.delivery.outbox import Outbox
from bot.delivery.wire import from_wire
from bot.digests.service import Digests
from bot.digests.writing import Writer
from bot.files import shipped
from bot.language import Languages, plain
from bot.people.model import Pace, Person, Role
from bot.people.roles import Roles
from bot.people.service import People
from bot.posts.announcement import Announcement
from bot.posts.service import Posts
from bot.quartiere import cityfile
from bot.quartiere.service import Quartiere
from bot.storage import Database
from tests.unit.delivery.world import QUICK

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+01:00")
LANGUAGES = Languages.load(Languages.find())
AGAIN = Paragraph(((Text("Noch einmal:"),),))


def at(text: str) -> datetime:
    """A moment in Hameln."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@dataclass
class PostsTown:
    """The posts room with all that is below it."""

    database: Database
    clock: ManualClock
    platform: MemoryPlatform
    lane: int
    web: int
    """A lane that rings for nobody."""
    posts: Posts
    people: People
    roles: Roles
    quartiere: Quartiere
    suedstadt: int
    kaisers: int
    able: dict[int, Capabilities]
    digests: Digests
    names: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    async def make(cls, database: Database) -> PostsTown:
        clock = ManualClock(MONDAY_NOON)
        platform = MemoryPlatform(clock=clock)
        quartiere, roles = Quartiere(clock), Roles(clock, RandomIds())
        async with database.write() as session:
            await quartiere.load(session, cityfile.read(shipped("cities") / "hameln.toml"))
            lane = (await lane_for(session, platform.name)).id
            web = (await lane_for(session, "web")).id
            kaisers = await quartiere.treffpunkt_by_slug(session, "kaisers")
        assert kaisers is not None
        outbox = Outbox(clock, lambda: None)
        people = People(clock, outbox)
        able = {lane: platform.capabilities, web: Capabilities(pushes=False, roles=False)}
        posts = Posts(
            clock, outbox, people, roles, quartiere, LANGUAGES, lambda: able, lambda: BERLIN, lambda: "de"
        )
        writer = Writer(Agenda(clock, quartiere), quartiere, posts.voices, lambda: "")
        digests = Digests(clock, outbox, writer, posts.spread.waits, lambda: BERLIN)
        return cls(
            database, clock, platform, lane, web, posts, people, roles, quartiere,
            kaisers.quartier_id, kaisers.id, able, digests,
        )  # fmt: skip

    # --- people ----------------------------------------------------------------------------------------------

    async def resident(
        self, language: str = "de", pace: Pace = Pace.NOW, *, second: str | None = None, web: bool = False,
        quartier: int | None = None,
    ) -> str:  # fmt: skip
        """Somebody who reads the Südstadt; returns their address."""
        address = f"resident-{next(self.names)}"
        async with self.database.write() as session:
            chat = await chat_for(session, self.web if web else self.lane, address)
            speaker = await self.people.agree(session, chat.id, language)
            await self.people.set_pace(session, speaker.person, pace)
            await self.people.subscribe(
                session, speaker.person, self.suedstadt if quartier is None else quartier
            )
            if second:
                await self.people.speak(session, speaker.person, language, second=second)
        return address

    async def staff(self, treffpunkt: int | None = None, role: Role = Role.STAFF) -> int:
        """Somebody with a role at the KAISERS, who reads nothing; returns their id."""
        address = f"staff-{next(self.names)}"
        async with self.database.write() as session:
            chat = await chat_for(session, self.lane, address)
            speaker = await self.people.agree(session, chat.id, "de")
            scope = 0 if role is Role.COORDINATOR else treffpunkt or self.kaisers
            await self.roles.grant(session, speaker.person, role, scope)
        return speaker.person

    # --- posts -----------------------------------------------------------------------------------------------

    async def draft(self, author: int, text: str) -> Announcement:
        async with self.database.write() as session:
            return await self.posts.drafts.draft(session, author, self.kaisers, text, "de")

    async def send(self, author: int, draft: Announcement) -> None:
        async with self.database.write() as session:
            await self.posts.publishing.send(session, author, draft.id, revision=draft.item.revision)

    async def published(self, author: int, text: str) -> Announcement:
        """Sent, and its 30 seconds are over; nothing was delivered yet."""
        draft = await self.draft(author, text)
        await self.send(author, draft)
        self.clock.advance(timedelta(seconds=30))
        return await self.load(draft.id)

    async def load(self, item: int) -> Announcement:
        async with self.database.read() as session:
            found = await self.posts.find(session, item)
        assert found is not None
        return found

    async def wake(self) -> None:
        """What the alarm clock does."""
        async with self.database.write() as session:
            await self.posts.publish_due(session, self.clock.now())
        await self.digests.due(self.database)
        async with self.database.write() as session:
            await self.posts.receipts_due(session)

    async def deliver(self) -> None:
        """Everything due goes out; each time an engine of its own, as after a restart."""
        engine = Engine(self.database, self.clock, {self.lane: self.platform}, Hooks(repeat=_marked), QUICK)
        task = asyncio.create_task(engine.run())
        try:
            await engine.settled()
        finally:
            task.cancel()
            await asyncio.wait([task])

    # --- what is there ---------------------------------------------------------------------------------------

    def sees(self, address: str) -> list[str]:
        """What stands in somebody's chat."""
        return self.platform.phone(address).texts

    async def copies(self, item: int) -> list[Delivery]:
        async with self.database.read() as session:
            rows = select(Delivery).where(Delivery.item == item).order_by(Delivery.id)
            return list((await session.scalars(rows)).all())

    async def wanted(self, item: int) -> list[str]:
        """What each copy is to say."""
        rows = select(StoredText.body).join(Delivery, Delivery.wanted_text == StoredText.id)
        async with self.database.read() as session:
            bodies = (await session.scalars(rows.where(Delivery.item == item).order_by(Delivery.id))).all()
        return [plain(from_wire(body).body) for body in bodies]

    async def change_habit(self, **columns: int) -> None:
        """Everybody gets these quiet hours or slots."""
        async with self.database.write() as session:
            await session.execute(update(Person).values(**columns))


def _marked(message: Outgoing) -> Outgoing:
    """As the house marks what is sent once more."""
    return replace(message, body=(AGAIN, *message.body))
