"""What may be told of the figures: nothing from which a number under five can be read or computed (decision 0017)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.insights.service import FEW, SUBSCRIBERS, Figures
from bot.quartiere.model import WHOLE_CITY


class Period(StrEnum):
    """What can be asked for."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as it may be told: exact, "under five" (`few`), or "at least five" (neither)."""

    exact: int | None = None
    few: bool = False


UNDER = Cell(few=True)
AT_LEAST = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """One kind: a cell for each Quartier, and for all of them where that gives nothing away."""

    kind: str
    cells: Mapping[int, Cell]
    total: Cell | None


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one period, both days included."""

    period: Period
    start: date
    end: date
    rows: Sequence[Row]


def span(period: Period, today: date) -> tuple[date, date]:
    """First and last day of a period. Days that are over count: the last is yesterday."""
    yesterday = today - timedelta(days=1)
    match period:
        case Period.WEEK:
            return yesterday - timedelta(days=yesterday.weekday()), yesterday
        case Period.MONTH:
            return yesterday - timedelta(days=27), yesterday
        case Period.QUARTER:
            return date(yesterday.year, yesterday.month - (yesterday.month - 1) % 3, 1), yesterday


async def tables(session: AsyncSession, figures: Figures) -> dict[Period, Table]:
    """Every period at once: whether a cell may be told depends on the others, too."""
    spans = {period: span(period, figures.today()) for period in Period}
    sums = {period: await figures.sums(session, *days) for period, days in spans.items()}
    here = [WHOLE_CITY, *(quartier for quartier, _ in await figures.places(session))]
    readers = await figures.readers(session)
    of_readers = Row(
        SUBSCRIBERS,
        {
            quartier: Cell(known) if (known := readers.get(quartier)) is not None else UNDER
            for quartier in here
        },
        None,  # who reads two Quartiere would count twice
    )
    return {
        period: Table(
            period,
            *spans[period],
            [of_readers, *(_row(kind, period, spans, sums, here) for kind in figures.counts)],
        )
        for period in Period
    }


def _row(
    kind: str,
    period: Period,
    spans: Mapping[Period, tuple[date, date]],
    sums: Mapping[Period, Mapping[tuple[str, int], int]],
    here: Sequence[int],
) -> Row:
    inner = [other for other in Period if other is not period and _within(spans[other], spans[period])]

    def told(quartier: int) -> Cell:
        narrower = [sums[other].get((kind, quartier), 0) for other in inner]
        return _cell(sums[period].get((kind, quartier), 0), narrower)

    cells = {quartier: told(quartier) for quartier in here}
    if any(cell.exact is None for cell in cells.values()):
        return Row(
            kind, cells, None
        )  # all but the one that is suppressed, taken from the total, would be that one
    totals = [sum(sums[other].get((kind, quartier), 0) for quartier in here) for other in (period, *inner)]
    return Row(kind, cells, _cell(totals[0], totals[1:]))


def _cell(count: int, narrower: Sequence[int]) -> Cell:
    """`narrower`: the same of periods within this one, from which the rest could be computed."""
    if count < FEW:
        return UNDER
    if any(0 < count - part < FEW for part in narrower if part >= FEW):
        return AT_LEAST
    return Cell(count)


def _within(inner: tuple[date, date], outer: tuple[date, date]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and inner != outer
