"""What is on: the offers that come again and again, and the announcements that have a date, in one order of time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.items.model import Item, ItemQuartier, ItemState
from bot.language import Msg
from bot.posts.kinds import Kind
from bot.posts.model import Origin, Post, PostText
from bot.posts.offer_model import OfferNews
from bot.posts.sentences import title_of
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere
from bot.storage import UTCDateTime


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that takes place."""

    starts_at: datetime
    ends_at: datetime | None
    all_day: bool
    title: str
    language: str
    """In which the title is."""
    place: str
    cancelled: bool
    note: str = ""
    item: int | None = None
    """The announcement, if it is one."""
    quartiere: tuple[int, ...] = (WHOLE_CITY,)
    phone: str = ""
    sentence: Msg | None = None
    """The title as a sentence of ours, where the bare name would say nothing ("KAISERS" is closed)."""


_SENTENCES = frozenset({Kind.CLOSED, Kind.DISRUPTION, Kind.HELP_WANTED, Kind.TAKE_PART})


class Agenda:
    """Reads what takes place in some Quartiere; knows no chat and no page."""

    def __init__(self, clock: Clock, quartiere: Quartiere) -> None:
        self._clock = clock
        self._quartiere = quartiere

    async def between(
        self,
        session: AsyncSession,
        start: date,
        end: date,
        quartiere: Collection[int],
        *,
        language: str,
        zone: tzinfo,
    ) -> list[Entry]:
        """From `start` to `end`, both included, by time. Quartier 0: everything in the city."""
        offers = [
            Entry(
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                all_day=False,
                title=picked.text,
                language=picked.language,
                place=one.spot,
                cancelled=one.cancelled,
                note=one.exception_note,
                quartiere=one.quartiere,
                phone=one.phone,
            )
            for one in await self._quartiere.occurrences(session, start, end, quartiere)
            for picked in [one.title.pick(language)]
        ]
        posts = await self._posts(
            session, _begin(start, zone), _begin(end + timedelta(days=1), zone), quartiere, language
        )
        return sorted(offers + posts, key=lambda entry: (entry.starts_at, entry.title))

    async def _posts(
        self, session: AsyncSession, start: datetime, end: datetime, quartiere: Collection[int], language: str
    ) -> list[Entry]:
        # What was moved takes place when it was moved to.
        moved = Post.new_starts_at.is_not(None)
        starts = func.coalesce(Post.new_starts_at, Post.starts_at, type_=UTCDateTime)
        # What has days and no hours stands on each of its days.
        last_day = case(
            (and_(moved, Post.new_all_day), Post.new_ends_at), (and_(~moved, Post.all_day), Post.ends_at)
        )
        ends = func.coalesce(last_day, starts, type_=UTCDateTime)
        query = (
            select(Post)
            .join(Item, Item.id == Post.item_id)
            # Until it leaves (30 s after the tap) it can be undone, and is nobody's to read.
            .where(Item.state == ItemState.PUBLISHED, Item.published_at <= self._clock.now())
            .where(ends >= literal(start, UTCDateTime), starts < literal(end, UTCDateTime))
            .where(Post.follows.is_(None), Post.corrects.is_(None))
            # An offer that is called off stands there as itself.
            .where(Post.item_id.not_in(select(OfferNews.item_id)))
        )
        if WHOLE_CITY not in quartiere:
            here = select(ItemQuartier.item_id).where(ItemQuartier.quartier.in_({*quartiere, WHOLE_CITY}))
            query = query.where(Post.item_id.in_(here))
        posts = list((await session.scalars(query)).all())
        titles = await self._titles(session, [post.item_id for post in posts], language)
        where = await self._where(session, [post.item_id for post in posts])
        entries = [
            _entry(
                post, titles.get(post.item_id, ("", post.language)), where.get(post.item_id, (WHOLE_CITY,))
            )
            for post in posts
        ]
        return [day for entry in entries for day in _days(entry, start, end)]

    async def _titles(
        self, session: AsyncSession, items: Collection[int], language: str
    ) -> dict[int, tuple[str, str]]:
        """Title and its language: the reader's where there is one, else the author's."""
        rows = (await session.scalars(select(PostText).where(PostText.item_id.in_(items)))).all()
        found: dict[int, tuple[str, str]] = {}
        for row in rows:
            if row.language == language or (row.origin == Origin.AUTHOR and row.item_id not in found):
                found[row.item_id] = (row.title, row.language)
        return found

    async def _where(self, session: AsyncSession, items: Collection[int]) -> dict[int, tuple[int, ...]]:
        rows = (await session.scalars(select(ItemQuartier).where(ItemQuartier.item_id.in_(items)))).all()
        found: dict[int, tuple[int, ...]] = {}
        for row in rows:
            found[row.item_id] = (*found.get(row.item_id, ()), row.quartier)
        return found


def _entry(post: Post, title: tuple[str, str], quartiere: tuple[int, ...]) -> Entry:
    moved = post.new_starts_at is not None
    starts_at = post.new_starts_at or post.starts_at
    if starts_at is None:
        raise ValueError("an entry of the agenda has a date")
    return Entry(
        starts_at=starts_at,
        ends_at=post.new_ends_at if moved else post.ends_at,
        all_day=post.new_all_day if moved else post.all_day,
        title=title[0],
        language=title[1],
        # A closure's title is the place already.
        place="" if post.kind == Kind.CLOSED else post.new_place or post.place,
        cancelled=post.cancelled or post.kind == Kind.CANCELLED,
        item=post.item_id,
        quartiere=quartiere,
        sentence=title_of(Kind(post.kind), title[0]) if post.template and post.kind in _SENTENCES else None,
    )


def _days(entry: Entry, start: datetime, end: datetime) -> Iterator[Entry]:
    """What has days and no hours stands on each of them; everything else once."""
    if not entry.all_day or entry.ends_at is None:
        yield entry
        return
    day = entry.starts_at.astimezone(start.tzinfo)
    while day <= entry.ends_at and day < end:
        if day >= start:
            yield replace(entry, starts_at=day)
        # The clock's days, midnight to midnight, also where it is put forward or back.
        day += timedelta(days=1)


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
