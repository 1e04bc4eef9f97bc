"""Daily totals: written at the end of each local day, and later for days on which the program was down.

What is counted is a register: a feature adds its own count with one line (`figures.counts["cases"] = …`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.insights.model import DailyTotal
from bot.items.model import Item, ItemQuartier, ItemState
from bot.people.model import Subscription
from bot.posts.model import ITEM_KIND, Post
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere
from bot.questions.model import Direction, Message
from bot.storage.portable import insert_new

Count = Callable[[AsyncSession, datetime, datetime], Awaitable[Mapping[int, int]]]
"""How much there was from one moment (included) to another (not), by Quartier; what has none counts for 0."""

SUBSCRIBERS = "subscribers"
FEW = 5
"""Fewer than this are not told: one could guess who they are."""
BACKLOG = timedelta(days=80)
"""How far back missed days are counted: longer than that, the rows themselves are gone."""
DAY = timedelta(days=1)


class Figures:
    """Use cases of figures."""

    def __init__(self, clock: Clock, quartiere: Quartiere, zone: Callable[[], tzinfo]) -> None:
        self._clock = clock
        self._quartiere = quartiere
        self._zone = zone
        self.counts: dict[str, Count] = {"posts": _posts, "questions": _questions}
        """What happens day by day, by kind. Subscribers are counted apart: they are there or not."""

    @property
    def kinds(self) -> list[str]:
        """All that is counted."""
        return [SUBSCRIBERS, *self.counts]

    async def count(self, session: AsyncSession) -> list[date]:
        """Write the totals of every day that is over and not counted. Called by the alarm clock; returns the days.

        Who read on a day that was missed can't be known later: such a day has no row for subscribers.
        """
        yesterday = self._clock.now().astimezone(self._zone()).date() - DAY
        last = await session.scalar(select(func.max(DailyTotal.day)))
        if last is not None and last >= yesterday:
            return []
        first = max(last + DAY, yesterday - BACKLOG) if last is not None else yesterday
        days = [first + DAY * number for number in range((yesterday - first).days + 1)]
        here = [WHOLE_CITY, *(quartier.id for quartier in await self._quartiere.quartiere(session))]
        for day in days:
            for kind, count in self.counts.items():
                found = await count(session, self._begins(day), self._begins(day + DAY))
                for quartier in sorted({*here, *found}):
                    await insert_new(
                        session,
                        DailyTotal,
                        day=day,
                        quartier=quartier,
                        kind=kind,
                        count=found.get(quartier, 0),
                    )
        readers = await _subscribers(session)
        for quartier in here:
            known = readers.get(quartier, 0)
            # Not even we keep how few they were; see decision 0017.
            kept = None if known < FEW else known
            await insert_new(
                session, DailyTotal, day=yesterday, quartier=quartier, kind=SUBSCRIBERS, count=kept
            )
        return days

    def today(self) -> date:
        """The city's."""
        return self._clock.now().astimezone(self._zone()).date()

    async def sums(self, session: AsyncSession, start: date, end: date) -> dict[tuple[str, int], int]:
        """What happened from `start` to `end`, both included: by kind and Quartier. Only for `told.py` to suppress."""
        rows = (
            select(DailyTotal.kind, DailyTotal.quartier, func.sum(DailyTotal.count))
            .where(DailyTotal.day >= start, DailyTotal.day <= end, DailyTotal.kind != SUBSCRIBERS)
            .group_by(DailyTotal.kind, DailyTotal.quartier)
        )
        return {
            (kind, quartier): int(total or 0) for kind, quartier, total in (await session.execute(rows)).all()
        }

    async def readers(self, session: AsyncSession) -> dict[int, int | None]:
        """Subscribers on the last day they were counted; None: fewer than may be told."""
        last = select(func.max(DailyTotal.day)).where(DailyTotal.kind == SUBSCRIBERS).scalar_subquery()
        rows = select(DailyTotal.quartier, DailyTotal.count).where(
            DailyTotal.kind == SUBSCRIBERS, DailyTotal.day == last
        )
        return dict((await session.execute(rows)).all())

    async def places(self, session: AsyncSession) -> list[tuple[int, str]]:
        """Id and name of each Quartier, in the city's order."""
        return [(quartier.id, quartier.name) for quartier in await self._quartiere.quartiere(session)]

    def _begins(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self._zone())


async def _posts(session: AsyncSession, start: datetime, end: datetime) -> Mapping[int, int]:
    """Announcements; the short news that one was changed is none."""
    published = Item.state.in_((ItemState.PUBLISHED, ItemState.WITHDRAWN))
    rows = (
        select(ItemQuartier.quartier, func.count())
        .join(Item, Item.id == ItemQuartier.item_id)
        .join(Post, Post.item_id == Item.id)
        .where(Item.kind == ITEM_KIND, published, Item.published_at >= start, Item.published_at < end)
        .where(Post.follows.is_(None))
        .group_by(ItemQuartier.quartier)
    )
    return await _by_quartier(session, rows)


async def _questions(session: AsyncSession, start: datetime, end: datetime) -> Mapping[int, int]:
    """Questions, in the Quartiere of the announcement they are about."""
    rows = (
        select(ItemQuartier.quartier, func.count())
        .join(Message, Message.about == ItemQuartier.item_id)
        .where(Message.direction == Direction.QUESTION, Message.created_at >= start, Message.created_at < end)
        .group_by(ItemQuartier.quartier)
    )
    return await _by_quartier(session, rows)


async def _subscribers(session: AsyncSession) -> Mapping[int, int]:
    """People, not accounts."""
    rows = (
        select(Subscription.quartier, func.count())
        .where(~Subscription.paused)
        .group_by(Subscription.quartier)
    )
    return await _by_quartier(session, rows)


async def _by_quartier(session: AsyncSession, rows: Select[int, int]) -> Mapping[int, int]:
    return dict((await session.execute(rows)).all())
