"""Brings the rows to what the city's file says, again and again: what people did and what they point at stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.quartiere.cityfile import CityFile, CityFileError, Facts
from bot.quartiere.faults import Fault
from bot.quartiere.model import City, Offer, Organisation, Quartier, Treffpunkt

Row = TypeVar("Row", Quartier, Treffpunkt, Organisation, Offer)
Columns = dict[str, Any]  # one row's values by column: their types are the table's


@dataclass(slots=True)
class LoadReport:
    """What a load did, each as "treffpunkt kaisers"."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.added or self.changed or self.retired)


async def load(session: AsyncSession, file: CityFile) -> LoadReport:
    """Write the file to the database in the caller's transaction. `CityFileError` if the database is another city's."""
    report = LoadReport()
    await _load_city(session, file, report)
    quartiere = await _bring(session, Quartier, _quartiere(file), report)
    treffpunkte = await _bring(session, Treffpunkt, _treffpunkte(file, quartiere), report)
    await _bring(session, Organisation, _organisations(file, treffpunkte), report)
    await _bring(session, Offer, _offers(file, treffpunkte), report)
    return report


async def _load_city(session: AsyncSession, file: CityFile, report: LoadReport) -> None:
    wanted: Columns = {
        "slug": file.city.slug,
        "name": file.city.name,
        "zone": file.city.zone,
        "languages": list(file.city.languages),
        "sample": file.sample,
        "facts": file.model_dump(mode="json", include=set(Facts.model_fields)),
    }
    row = await session.get(City, 1)
    if row is None:
        session.add(City(id=1, **wanted))
        report.added.append(f"city {file.city.slug}")
        return
    if row.slug != file.city.slug and not row.sample:
        words = f"this database belongs to {row.slug!r}; another city needs a database of its own"
        raise CityFileError("the city's file", [Fault(("city", "slug"), words)])
    if _update(row, wanted):
        report.changed.append(f"city {file.city.slug}")


async def _bring(
    session: AsyncSession, table: type[Row], wanted: Mapping[str, Columns], report: LoadReport
) -> Mapping[str, int]:
    """Add, change and retire rows until the table says what is wanted; the ids by slug."""
    rows = {row.slug: row for row in await session.scalars(select(table))}
    kind = table.__tablename__
    for slug, columns in wanted.items():
        row = rows.get(slug)
        if row is None:
            rows[slug] = row = table(slug=slug, **columns)
            session.add(row)
            report.added.append(f"{kind} {slug}")
        elif _update(row, {**columns, "retired": False}):
            report.changed.append(f"{kind} {slug}")
    for slug, row in rows.items():
        if slug not in wanted and not row.retired:
            row.retired = True
            report.retired.append(f"{kind} {slug}")
    await session.flush()
    return {slug: row.id for slug, row in rows.items()}


def _update(row: City | Quartier | Treffpunkt | Organisation | Offer, wanted: Columns) -> bool:
    different = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _quartiere(file: CityFile) -> dict[str, Columns]:
    ordered = sorted(
        enumerate(file.quartiere, start=1),
        key=lambda numbered: numbered[0] if numbered[1].order is None else numbered[1].order,
    )
    return {
        part.slug: {"name": part.name, "position": position, "texts": part.text, "welcome": part.welcome}
        for position, (_, part) in enumerate(ordered, start=1)
    }


def _treffpunkte(file: CityFile, quartiere: Mapping[str, int]) -> dict[str, Columns]:
    return {
        part.slug: {
            "name": part.name,
            "quartier_id": quartiere[part.quartier],
            "position": position,
            "carrier": part.carrier,
            "address": part.address,
            "hours": part.hours,
            "phone": part.phone,
            "email": part.email,
            "accessibility": part.accessibility,
        }
        for position, part in enumerate(file.treffpunkte, start=1)
    }


def _organisations(file: CityFile, treffpunkte: Mapping[str, int]) -> dict[str, Columns]:
    return {
        part.slug: {"name": part.name, "kind": part.kind, "treffpunkt_id": treffpunkte[part.treffpunkt]}
        for part in file.organisations
    }


def _offers(file: CityFile, treffpunkte: Mapping[str, int]) -> dict[str, Columns]:
    closed = {part.slug: part.pauses for part in file.treffpunkte}
    return {
        part.slug: {
            "treffpunkt_id": treffpunkte[part.treffpunkt] if part.treffpunkt else None,
            "whole_city": part.whole_city,
            "title": part.title,
            "note": part.note,
            "place": part.place,
            "cost": part.cost,
            "rules": _json(part.when),
            "pauses": _json([*part.pauses, *(closed[part.treffpunkt] if part.treffpunkt else [])]),
        }
        for part in file.offers
    }


def _json(parts: Sequence[Any]) -> list[dict[str, Any]]:
    """Pydantic models as the columns keep them."""
    return [part.model_dump(mode="json", by_alias=True, exclude_defaults=True) for part in parts]
