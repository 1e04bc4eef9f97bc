"""One date of a recurring offer is called off by a tap, or takes place after all; whoever would have read it hears it.

The mark on the date and the post that tells of it are one act: both happen or neither, and both are undone together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.items.model import ItemState
from bot.items.service import hold
from bot.language import Languages
from bot.offers.back import TakesPlace
from bot.posts.announcement import EDITABLE, Announcement, put_text, set_quartiere, take
from bot.posts.drafting.editing import write
from bot.posts.errors import NotAllowedError, PostError, TooLateError
from bot.posts.kinds import FieldName, Kind
from bot.posts.model import Origin, Post
from bot.posts.offer_model import OfferNews
from bot.posts.rights import CITY
from bot.posts.service import Posts
from bot.posts.understanding.danger import ASKED
from bot.quartiere.occurrences import Occurrence
from bot.quartiere.service import NoSuchOccurrenceError, Quartiere

AHEAD = timedelta(days=14)
"""How far ahead staff see the dates of their offers."""


class AlreadySoError(PostError):
    """Somebody else was quicker: the date is marked so already."""


@dataclass(frozen=True, slots=True)
class CalledOff:
    """What became of a tap on "Fällt aus"."""

    occurrence: Occurrence
    item: int
    """The post that tells of it: it leaves in 30 seconds."""
    too_late: int
    """How many of its readers hear of it only when it would have begun, because of their quiet hours."""


@dataclass(frozen=True, slots=True)
class Back:
    """What became of a date that takes place after all. `told`: some had read the cancellation and hear of it."""

    occurrence: Occurrence
    told: bool


class Offers:
    """Use cases of offers for staff. Each runs in the caller's transaction and asks for the role when it acts.

    All raise `NotAllowedError` without the role; those that name a date raise `NoSuchOccurrenceError` if the offer
    doesn't take place that day.
    """

    def __init__(
        self,
        clock: Clock,
        quartiere: Quartiere,
        posts: Posts,
        languages: Languages,
        zone: Callable[[], ZoneInfo],
    ) -> None:
        self._clock = clock
        self._quartiere = quartiere
        self._rights = posts.rights
        self._drafts = posts.drafts
        self._previews = posts.previews
        self._publishing = posts.publishing
        self._corrections = posts.corrections
        self._back = TakesPlace(clock, posts.spread, posts.voices, languages)
        self._zone = zone

    async def scopes(self, session: AsyncSession, person: int) -> list[int | None]:
        """For whose offers this person may speak: Treffpunkte, and None for the city's own; empty without a role."""
        return await self._rights.scopes(session, person)

    async def coming(self, session: AsyncSession, person: int, treffpunkt: int | None) -> list[Occurrence]:
        """The dates of the next 14 days, by time, those that are called off too. None: of the city's own offers."""
        await self._rights.check(session, person, treffpunkt)
        now = self._clock.now()
        today = now.astimezone(self._zone()).date()
        last = today + AHEAD - timedelta(days=1)
        if treffpunkt is not CITY:
            found = await self._quartiere.occurrences_at(session, treffpunkt, today, last)
        else:
            everywhere = await self._quartiere.occurrences(session, today, last)
            found = [one for one in everywhere if one.treffpunkt is None]
        return [one for one in found if not self._is_over(one)]

    async def occurrence(self, session: AsyncSession, person: int, offer: int, day: date) -> Occurrence:
        """One date."""
        found = await self._quartiere.occurrence(session, offer, day)
        if found is None:
            raise NoSuchOccurrenceError(f"offer {offer} does not take place on {day}")
        await self._rights.check(session, person, found.treffpunkt)
        return found

    async def may_speak(self, session: AsyncSession, person: int) -> None:
        """Whether this person may tell the readers anything at present. Raises `MutedError`."""
        await self._publishing.may_speak(session, person)

    async def call_off(
        self, session: AsyncSession, person: int, offer: int, day: date, *, reason: str = "", language: str
    ) -> CalledOff:
        """It does not take place: mark the date, and tell its Quartiere. `language`: in which `reason` is.

        Raises `AlreadySoError` if it is called off already, `TooLateError` if it is over, `MutedError`.
        """
        earlier = await self._newest(session, offer, day)
        found = await self.occurrence(session, person, offer, day)
        if found.cancelled:
            raise AlreadySoError
        if self._is_over(found):
            raise TooLateError
        await self.may_speak(session, person)
        if not await self._quartiere.cancel(session, offer, day, reason):
            raise AlreadySoError  # by somebody who tapped at the same moment
        if earlier is not None:
            await self._no_more_back(session, person, earlier.item_id)
        draft = await self._drafted(session, person, found, reason, language)
        session.add(OfferNews(item_id=draft.id, offer=offer, date=day))
        await session.flush()
        preview = await self._previews.of(session, draft)
        await self._publishing.send(session, person, draft.id, revision=draft.item.revision)
        return CalledOff(found, draft.id, preview.too_late)

    async def waiting(self, session: AsyncSession, person: int) -> int | None:
        """The cancellation this person has just tapped, while it can be undone."""
        item = await self._publishing.waiting(session, person)
        news = await session.get(OfferNews, item) if item is not None else None
        return item if news is not None else None

    async def undo(self, session: AsyncSession, person: int, item: int) -> Occurrence | None:
        """Halt: nobody hears of it, and the date takes place. None if the city's file names it no more.

        Raises `TooLateError` once it has left, `WrongStateError` if it was taken back already, `NotAllowedError` also
        for what doesn't exist.
        """
        news = await session.get(OfferNews, item, with_for_update=True)
        post = await take(session, item) if news is not None else None
        if news is None or post is None:
            raise NotAllowedError
        await self._rights.check(session, person, post.item.treffpunkt)
        await self._drafts.discard(session, await self._publishing.undo(session, person, item))
        await self._quartiere.restore(session, news.offer, news.date)
        return await self._quartiere.occurrence(session, news.offer, news.date)

    async def takes_place(self, session: AsyncSession, person: int, offer: int, day: date) -> Back:
        """It takes place after all. A cancellation nobody has read vanishes; who holds it, hears of it anew.

        Raises `AlreadySoError` if it isn't called off, `TooLateError` if it is over, `MutedError`.
        """
        news = await self._newest(session, offer, day)
        found = await self.occurrence(session, person, offer, day)
        if not found.cancelled:
            raise AlreadySoError
        if self._is_over(found):
            raise TooLateError
        await self.may_speak(session, person)
        await self._quartiere.restore(session, offer, day)
        cancellation = await take(session, news.item_id) if news is not None else None
        told = False
        if cancellation is not None and not await self._stopped(session, person, cancellation):
            # In this order: taking it back takes back what follows it, too.
            await self._corrections.withdraw(session, person, cancellation.id)
            told = await self._back.tell(session, person, cancellation, found)
        return Back(found, told)

    async def _newest(self, session: AsyncSession, offer: int, day: date) -> OfferNews | None:
        """Locked where rows can be: of two who tap at once, the second reads what the first has done."""
        rows = select(OfferNews).where(OfferNews.offer == offer, OfferNews.date == day)
        newest = rows.order_by(OfferNews.item_id.desc()).limit(1).with_for_update()
        return (await session.scalars(newest)).one_or_none()

    async def _drafted(
        self, session: AsyncSession, person: int, found: Occurrence, reason: str, language: str
    ) -> Announcement:
        """The post, complete in every language: the sentence is the house's, the title the city's, the facts fields."""
        written_in = language if reason else found.title.first
        draft = await self._drafts.begin(
            session, person, found.treffpunkt, written_in, template=Kind.CANCELLED
        )
        write(session, draft, found.title.pick(written_in).text, reason)
        for tag, title in found.title.values.items():
            if tag != written_in:
                put_text(session, draft, tag, Origin.HAND, title, "")
        post = draft.post
        post.starts_at, post.ends_at, post.place = found.starts_at, found.ends_at, found.place
        post.asked = [*(name.value for name in FieldName), ASKED]
        await set_quartiere(session, draft, found.quartiere)
        return draft

    async def _no_more_back(self, session: AsyncSession, person: int, cancellation: int) -> None:
        """It was to take place after all, and now it doesn't again: that news must not stay or even arrive."""
        follows = (await session.scalars(select(Post.item_id).where(Post.follows == cancellation))).all()
        await hold(session, follows)  # all of them now: none is locked once the first is taken back
        for item in follows:
            news = await take(session, item)
            if news is not None and not await self._stopped(session, person, news):
                await self._corrections.withdraw(session, person, item)

    async def _stopped(self, session: AsyncSession, person: int, post: Announcement) -> bool:
        """Stop what hasn't left. False if it has, and so has to be taken back."""
        if post.item.state == ItemState.PUBLISHED:
            try:
                await self._publishing.undo(session, person, post.id)
            except TooLateError:
                return False
        if post.item.state in EDITABLE:
            await self._drafts.discard(session, post)
        return True

    def _is_over(self, one: Occurrence) -> bool:
        return (one.ends_at or one.starts_at) <= self._clock.now()
