"""What the rest of the house asks about the place: which Quartiere, which Treffpunkte, what takes place when.

A part that isn't retired is what the city's file names today; ids of retired ones still resolve, so that an old post
can say where it came from.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.quartiere import load as loading
from bot.quartiere.cityfile import CityFile, Facts, missing_duties
from bot.quartiere.load import LoadReport
from bot.quartiere.model import City, Offer, OfferException, Organisation, Quartier, Treffpunkt
from bot.quartiere.occurrences import CANCELLED, Occurrence, happens_on, occurrences, offers_in
from bot.quartiere.texts import Texts
from bot.storage.portable import insert_new


@dataclass(frozen=True, slots=True)
class CityInfo:
    """The city as readers of it need it."""

    slug: str
    name: str
    zone: ZoneInfo
    languages: tuple[str, ...]
    """In the city's order; the first is the one everybody falls back to."""
    sample: bool
    facts: Facts


class NoSuchOccurrenceError(LookupError):
    """The offer is unknown, or doesn't take place on that date."""


class Quartiere:
    """The city's use cases. Each runs in the caller's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def load(self, session: AsyncSession, cityfile: CityFile) -> LoadReport:
        """Apply the file; the same file again changes nothing. `CityFileError` if the database is another city's."""
        return await loading.load(session, cityfile)

    async def city(self, session: AsyncSession) -> CityInfo | None:
        """None until a city is loaded."""
        row = await session.get(City, 1)
        if row is None:
            return None
        facts = Facts.model_validate(row.facts)
        return CityInfo(row.slug, row.name, ZoneInfo(row.zone), tuple(row.languages), row.sample, facts)

    async def missing_duties(self, session: AsyncSession) -> list[str]:
        """Which of "imprint", "privacy", "rules" the loaded city lacks; all of them while none is loaded."""
        city = await self.city(session)
        return missing_duties(city.facts) if city else ["imprint", "privacy", "rules"]

    # --- places ------------------------------------------------------------------------------------------

    async def quartiere(self, session: AsyncSession) -> Sequence[Quartier]:
        """In the city's order."""
        query = select(Quartier).where(Quartier.retired.is_(False)).order_by(Quartier.position)
        return (await session.scalars(query)).all()

    async def quartier(self, session: AsyncSession, quartier: int) -> Quartier | None:
        """By id, retired ones too."""
        return await session.get(Quartier, quartier)

    async def welcome(self, session: AsyncSession, quartier: int, language: str) -> str:
        """What the Quartier says to somebody new; "" if it says nothing of its own that they could read."""
        row, city = await session.get(Quartier, quartier), await session.get(City, 1)
        if row is None or city is None:
            return ""
        return Texts(row.welcome, city.languages[0]).pick(language).text

    async def by_slug(self, session: AsyncSession, slug: str) -> Quartier | None:
        query = select(Quartier).where(Quartier.slug == slug, Quartier.retired.is_(False))
        return (await session.scalars(query)).one_or_none()

    async def treffpunkte(self, session: AsyncSession, quartier: int | None = None) -> Sequence[Treffpunkt]:
        """Of one Quartier, or of all, in the order of the file."""
        query = select(Treffpunkt).where(Treffpunkt.retired.is_(False)).order_by(Treffpunkt.position)
        if quartier is not None:
            query = query.where(Treffpunkt.quartier_id == quartier)
        return (await session.scalars(query)).all()

    async def treffpunkt(self, session: AsyncSession, treffpunkt: int) -> Treffpunkt | None:
        """By id, retired ones too."""
        return await session.get(Treffpunkt, treffpunkt)

    async def treffpunkt_by_slug(self, session: AsyncSession, slug: str) -> Treffpunkt | None:
        query = select(Treffpunkt).where(Treffpunkt.slug == slug, Treffpunkt.retired.is_(False))
        return (await session.scalars(query)).one_or_none()

    async def organisations(
        self, session: AsyncSession, treffpunkt: int | None = None
    ) -> Sequence[Organisation]:
        """Those a Treffpunkt vouches for, or all."""
        query = select(Organisation).where(Organisation.retired.is_(False)).order_by(Organisation.name)
        if treffpunkt is not None:
            query = query.where(Organisation.treffpunkt_id == treffpunkt)
        return (await session.scalars(query)).all()

    async def organisation(self, session: AsyncSession, organisation: int) -> Organisation | None:
        """By id, retired ones too."""
        return await session.get(Organisation, organisation)

    # --- offers ------------------------------------------------------------------------------------------

    async def occurrences(
        self, session: AsyncSession, start: date, end: date, quartiere: Collection[int] | None = None
    ) -> list[Occurrence]:
        """What takes place from `start` to `end`, both included, by time; cancelled dates too, marked so.

        For readers of these Quartiere (theirs and the whole city's); None, or 0 among them, for all.
        """
        city = await session.get(City, 1)
        if city is None:
            return []
        return await occurrences(session, city, start, end, offers_in(quartiere))

    async def occurrences_at(
        self, session: AsyncSession, treffpunkt: int, start: date, end: date
    ) -> list[Occurrence]:
        """The same for one Treffpunkt's own offers: what its staff may cancel."""
        city = await session.get(City, 1)
        if city is None:
            return []
        own = offers_in(None).where(Offer.treffpunkt_id == treffpunkt)
        return await occurrences(session, city, start, end, own)

    async def occurrence(self, session: AsyncSession, offer: int, day: date) -> Occurrence | None:
        """One date of one offer."""
        city = await session.get(City, 1)
        if city is None:
            return None
        found = await occurrences(session, city, day, day, offers_in(None).where(Offer.id == offer))
        return found[0] if found else None

    async def cancel(self, session: AsyncSession, offer_id: int, day: date, note: str = "") -> bool:
        """Mark one date "fällt aus"; again only changes the note. False if it was cancelled before.

        Raises `NoSuchOccurrenceError` if the offer doesn't take place that day.
        """
        offer = await session.get(Offer, offer_id)
        if offer is None or offer.retired or not happens_on(offer, day):
            raise NoSuchOccurrenceError(f"offer {offer_id} does not take place on {day}")
        row = await self._exception(session, offer_id, day)
        if row is not None:
            row.note = note
            return False
        values = {"offer_id": offer_id, "date": day, "kind": CANCELLED, "note": note}
        return await insert_new(session, OfferException, **values, created_at=self._clock.now())

    async def restore(self, session: AsyncSession, offer_id: int, day: date) -> bool:
        """Take a cancellation back. False if there was none."""
        mine = (OfferException.offer_id == offer_id) & (OfferException.date == day)
        gone = await session.execute(delete(OfferException).where(mine).returning(OfferException.id))
        return gone.first() is not None

    async def _exception(self, session: AsyncSession, offer_id: int, day: date) -> OfferException | None:
        query = select(OfferException).where(OfferException.offer_id == offer_id, OfferException.date == day)
        return (await session.scalars(query)).one_or_none()
