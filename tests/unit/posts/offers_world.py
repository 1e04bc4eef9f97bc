"""A small city with staff, readers and offers, for the tests of offers that are called off."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from bot.agenda.service import Agenda
from bot.clock import ManualClock, RandomIds
from bot.contract import Capabilities, Facts, Line, Outgoing, Paragraph
from bot.delivery.chats import chat_for, lane_for
from bot.delivery.model import Delivery, State, StoredText
from bot.delivery.outbox import Outbox
from bot.delivery.wire import from_wire
from bot.digests.service import Digests
from bot.digests.writing import Writer
from bot.language import Languages, strip_controls
from bot.offers.service import Offers
from bot.people.model import Pace, Person, Role
from bot.people.roles import Roles
from bot.people.service import People
from bot.posts.service import Posts
from bot.quartiere.service import Quartiere
from bot.storage import Database
from tests.unit.quartiere.samples import small

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY_TEN = datetime(2026, 11, 23, 9, tzinfo=UTC)
THURSDAY = date(2026, 11, 26)
SATURDAY = date(2026, 11, 28)
CAFE, STAMMTISCH, FEST = 1, 2, 3
NORD, SUED = 1, 2
NORDTREFF = 1


class World:
    """The small city with two staff of the Nordtreff, a coordinator, and readers."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock(MONDAY_TEN)
        languages = Languages.load(Languages.find())
        outbox = Outbox(self.clock, lambda: None)
        self.people = People(self.clock, outbox)
        self.roles = Roles(self.clock, RandomIds())
        self.quartiere = Quartiere(self.clock)
        self.agenda = Agenda(self.clock, self.quartiere)
        self.lane = 0
        self.posts = Posts(
            self.clock, outbox, self.people, self.roles, self.quartiere, languages,
            lambda: {self.lane: Capabilities()}, lambda: BERLIN, lambda: "de",
        )  # fmt: skip
        writer = Writer(self.agenda, self.quartiere, self.posts.voices, lambda: "")
        self.digests = Digests(self.clock, outbox, writer, self.posts.spread.waits, lambda: BERLIN)
        self.offers = Offers(self.clock, self.quartiere, self.posts, languages, lambda: BERLIN)

    async def settle(self) -> None:
        async with self.database.write() as session:
            await self.quartiere.load(session, small())
            self.lane = (await lane_for(session, "memory")).id
        self.petra = await self.person("petra", quartier=None)
        self.paul = await self.person("paul", quartier=None)
        self.kim = await self.person("kim", quartier=None)
        async with self.database.write() as session:
            for person in (self.petra, self.paul):
                await self.roles.grant(session, person, Role.STAFF, NORDTREFF)
            await self.roles.grant(session, self.kim, Role.COORDINATOR, 0)

    async def person(
        self, name: str, *, language: str = "de", quartier: int | None = NORD, pace: Pace = Pace.NOW
    ) -> int:
        async with self.database.write() as session:
            chat = await chat_for(session, self.lane, name)
            person = (await self.people.agree(session, chat.id, language)).person
            if quartier is not None:
                await self.people.subscribe(session, person, quartier)
            await self.people.set_pace(session, person, pace)
            return person

    async def call_off(self, person: int, offer: int, day: date, reason: str = "") -> int:
        async with self.database.write() as session:
            done = await self.offers.call_off(session, person, offer, day, reason=reason, language="de")
        return done.item

    async def arrive(self) -> None:
        """What is due reaches its readers."""
        async with self.database.write() as session:
            due = update(Delivery).where(
                Delivery.state == State.PENDING,
                Delivery.due_at <= self.clock.now(),
                Delivery.wanted_text.is_not(None),
            )
            await session.execute(
                due.values(
                    state=State.HELD, held_text=Delivery.wanted_text, ref=["1"], held_at=self.clock.now()
                )
            )

    async def copies(self, item: int | None = None) -> list[Delivery]:
        async with self.database.read() as session:
            rows = select(Delivery).order_by(Delivery.id)
            return list(
                (await session.scalars(rows if item is None else rows.where(Delivery.item == item))).all()
            )

    async def read_by(self, person: int, item: int) -> Outgoing:
        async with self.database.read() as session:
            rows = select(StoredText).join(Delivery, Delivery.wanted_text == StoredText.id)
            rows = rows.join(Person, Person.preferred_chat == Delivery.chat_id)
            rows = rows.where(Person.id == person, Delivery.item == item)
            return from_wire((await session.scalars(rows)).one().body)

    async def state(self, item: int) -> str:
        async with self.database.read() as session:
            found = await self.posts.find(session, item)
            assert found is not None
            return found.item.state

    async def cancelled(self, offer: int, day: date) -> bool:
        async with self.database.read() as session:
            found = await self.quartiere.occurrence(session, offer, day)
            assert found is not None
            return found.cancelled


def said(message: Outgoing) -> list[str]:
    """Every line but the facts, names without their isolates."""
    return [plain(line) for block in message.body if isinstance(block, Paragraph) for line in block.lines]


def values(message: Outgoing) -> list[str]:
    """The facts without their labels."""
    return [plain(value) for block in message.body if isinstance(block, Facts) for _, value in block.pairs]


def plain(line: Line) -> str:
    return strip_controls("".join(run.text for run in line))
