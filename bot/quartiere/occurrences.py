"""Turns the offers' rules into what takes place on which day: the full week from the first day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.quartiere.model import WHOLE_CITY, City, Offer, OfferException, Treffpunkt
from bot.quartiere.texts import Texts
from bot.quartiere.when import Span, When, paused

CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of one offer, told whole: a reader needs no other row."""

    offer: int
    slug: str
    day: date
    """The city's calendar day on which it starts; with `offer` it names the occurrence."""
    treffpunkt: int | None
    treffpunkt_name: str
    phone: str
    quartiere: tuple[int, ...]
    """Ids; (0,) for the whole city."""
    title: Texts
    starts_at: datetime
    ends_at: datetime | None
    """Both aware, in the city's zone."""
    place: str
    """With the address."""
    spot: str
    """The same in short: the name of the Treffpunkt alone, where it is there."""
    cost: str
    """"free", "donation", "deposit", euros as "2.50", or ""."""
    note: Texts
    cancelled: bool = False
    exception_note: str = ""


async def occurrences(
    session: AsyncSession, city: City, start: date, end: date, offers: Select[Offer]
) -> list[Occurrence]:
    """What these offers do from `start` to `end`, both included, by time; cancelled dates are there, marked so."""
    rows = (await session.scalars(offers)).all()
    places = {row.id: row for row in await session.scalars(select(Treffpunkt))}
    exceptions = await _exceptions(session, start, end)
    found = [
        _one(city, offer, places.get(offer.treffpunkt_id or 0), when, day, exceptions.get((offer.id, day)))
        for offer in rows
        for day, when in _happenings(offer, start, end)
    ]
    return sorted(found, key=lambda one: (one.starts_at, one.offer))


def offers_in(quartiere: Collection[int] | None) -> Select[Offer]:
    """The offers that readers of these Quartiere see: theirs and the whole city's. None, or 0 among them: all."""
    query = select(Offer).where(Offer.retired.is_(False))
    if quartiere is None or WHOLE_CITY in quartiere:
        return query
    here = select(Treffpunkt.id).where(Treffpunkt.quartier_id.in_(quartiere))
    return query.where(Offer.whole_city.is_(True) | Offer.treffpunkt_id.in_(here))


def happens_on(offer: Offer, day: date) -> bool:
    return next(_happenings(offer, day, day), None) is not None


def _happenings(offer: Offer, start: date, end: date) -> Iterator[tuple[date, When]]:
    """Day by day; where two rules meet on one day the first one counts, so that a date names one occurrence."""
    rules: Sequence[When] = [When.model_validate(rule) for rule in offer.rules]
    pauses = [Span.model_validate(span) for span in offer.pauses]
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        when = next((rule for rule in rules if rule.happens_on(day)), None)
        if when is not None and not paused(day, pauses):
            yield day, when


async def _exceptions(
    session: AsyncSession, start: date, end: date
) -> dict[tuple[int, date], OfferException]:
    query = select(OfferException).where(OfferException.date.between(start, end))
    return {(row.offer_id, row.date): row for row in await session.scalars(query)}


def _one(
    city: City, offer: Offer, at: Treffpunkt | None, when: When, day: date, exception: OfferException | None
) -> Occurrence:
    zone, first = ZoneInfo(city.zone), city.languages[0]
    elsewhere = when.place_on(day) or offer.place
    return Occurrence(
        offer=offer.id,
        slug=offer.slug,
        day=day,
        treffpunkt=at.id if at else None,
        treffpunkt_name=at.name if at else "",
        phone=at.phone if at else "",
        quartiere=(at.quartier_id,) if at and not offer.whole_city else (WHOLE_CITY,),
        title=Texts(offer.title, first),
        starts_at=when.starts(day, zone),
        ends_at=when.ends(day, zone),
        place=elsewhere or (f"{at.name}, {at.address}" if at else ""),
        spot=elsewhere or (at.name if at else ""),
        cost=offer.cost,
        note=Texts(offer.note, first),
        cancelled=exception is not None and exception.kind == CANCELLED,
        exception_note=exception.note if exception else "",
    )
