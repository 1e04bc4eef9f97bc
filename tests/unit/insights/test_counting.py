"""Each day is counted once, with whatever can still be known of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import ManualClock
from bot.delivery.chats import chat_for, lane_for
from bot.insights.model import DailyTotal
from bot.insights.service import SUBSCRIBERS, Figures
from bot.items.model import Item, ItemQuartier, ItemState
from bot.people.model import Account, Pace, Person, Subscription
from bot.posts.model import ITEM_KIND, Post
from bot.quartiere.service import Quartiere
from bot.questions.model import Direction, Message
from bot.settings import DatabaseSettings, Settings
from bot.storage import Database
from tests.stories.driver import START
from tests.stories.preparing import prepared

ZONE = ZoneInfo("Europe/Berlin")


class City:
    """A database, its figures, and days that pass."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock
        self.figures = Figures(clock, Quartiere(clock), lambda: ZONE)

    async def counted(self) -> list[date]:
        async with self.database.write() as session:
            return await self.figures.count(session)

    async def totals(self, kind: str, quartier: int = 1) -> dict[date, int | None]:
        async with self.database.read() as session:
            rows = select(DailyTotal.day, DailyTotal.count).where(
                DailyTotal.kind == kind, DailyTotal.quartier == quartier
            )
            return dict((await session.execute(rows)).all())

    async def post(self, at: datetime, *quartiere: int, question: datetime | None = None) -> None:
        async with self.database.write() as session:
            item = Item(kind=ITEM_KIND, state=ItemState.PUBLISHED, created_at=at, published_at=at)
            session.add(item)
            await session.flush()
            session.add(Post(item_id=item.id, kind="news", language="de"))
            session.add_all(ItemQuartier(item_id=item.id, quartier=one) for one in quartiere)
            if question:
                asked = Item(kind="question", state=ItemState.PUBLISHED, created_at=question)
                session.add(asked)
                await session.flush()
                session.add(
                    Message(
                        item_id=asked.id, direction=Direction.QUESTION, about=item.id, language="de", text="?",
                        created_at=question,
                    )
                )  # fmt: skip

    async def readers(self, count: int, quartier: int) -> None:
        """People who read there, each with two accounts."""
        async with self.database.write() as session:
            lane = await lane_for(session, "memory")
            for number in range(count):
                chats = [await chat_for(session, lane.id, f"{quartier}-{number}-{which}") for which in "ab"]
                person = Person(
                    languages=["de"], language="de", pace=Pace.NOW, preferred_chat=chats[0].id,
                    agreed_at=self.clock.now(),
                )  # fmt: skip
                session.add(person)
                await session.flush()
                session.add_all(Account(chat_id=chat.id, person_id=person.id) for chat in chats)
                session.add(Subscription(person_id=person.id, quartier=quartier))


@pytest.fixture(params=["sqlite", "postgresql"])
async def city(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[City]:
    url = f"sqlite:///{tmp_path / 'city.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    settings = Settings(database=DatabaseSettings(url=url))
    clock = ManualClock(START)
    await prepared(settings, clock)
    database = Database(settings.database_url.render_as_string(hide_password=False))
    yield City(database, clock)
    await database.close()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


async def test_a_day_is_counted_once_it_is_over_and_only_once(city: City) -> None:
    await city.post(local("2026-11-22T00:00"), 1, 2, question=local("2026-11-22T23:59"))
    await city.post(local("2026-11-22T23:59:59"), 1)
    await city.post(local("2026-11-23T00:00"), 1)
    assert await city.counted() == [date(2026, 11, 22)]
    assert await city.counted() == []
    assert await city.totals("posts") == {date(2026, 11, 22): 2}
    assert await city.totals("posts", 2) == {date(2026, 11, 22): 1}
    assert await city.totals("questions") == {date(2026, 11, 22): 1}
    assert await city.totals("posts", 3) == {date(2026, 11, 22): 0}


async def test_subscribers_are_people_and_few_are_not_kept(city: City) -> None:
    await city.readers(5, 1)
    await city.readers(4, 2)
    await city.counted()
    assert await city.totals(SUBSCRIBERS) == {date(2026, 11, 22): 5}
    assert await city.totals(SUBSCRIBERS, 2) == {date(2026, 11, 22): None}


async def test_days_on_which_the_program_was_down_are_counted_later(city: City) -> None:
    await city.counted()
    await city.post(local("2026-11-24T12:00"), 1)
    city.clock.advance(timedelta(days=3))
    assert await city.counted() == [date(2026, 11, day) for day in (23, 24, 25)]
    assert await city.totals("posts") == {date(2026, 11, day): int(day == 24) for day in (22, 23, 24, 25)}
    assert list(await city.totals(SUBSCRIBERS)) == [date(2026, 11, 22), date(2026, 11, 25)]


async def test_a_day_of_25_hours_is_one_day(city: City) -> None:
    city.clock.set(local("2026-10-26T00:05"))
    await city.post(local("2026-10-25T00:00"), 1)
    await city.post(local("2026-10-25T23:30"), 1)
    assert await city.counted() == [date(2026, 10, 25)]
    assert await city.totals("posts") == {date(2026, 10, 25): 2}


async def test_another_room_adds_its_own_count(city: City) -> None:
    async def cases(_session: AsyncSession, _start: datetime, _end: datetime) -> Mapping[int, int]:
        return {2: 6}

    city.figures.counts["cases"] = cases
    await city.counted()
    assert await city.totals("cases", 2) == {date(2026, 11, 22): 6}
    assert "cases" in city.figures.kinds
