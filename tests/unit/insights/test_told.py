"""What may be told of the figures. Everything that is told is put together, and no number under five comes out."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise, product
from pathlib import Path

import pytest

from bot.clock import ManualClock
from bot.insights.model import DailyTotal
from bot.insights.service import Figures
from bot.insights.told import AT_LEAST, UNDER, Cell, Period, Table, span, tables
from bot.quartiere.service import Quartiere
from bot.settings import DatabaseSettings, Settings
from bot.storage import Database
from tests.stories.driver import START
from tests.stories.preparing import prepared

TODAY = START.date()
YESTERDAY = TODAY - timedelta(days=1)


async def told(folder: Path, counts: dict[tuple[int, int], int]) -> dict[Period, Table]:
    """The tables for so many posts (days ago, Quartier)."""
    settings = Settings(database=DatabaseSettings(url=f"sqlite:///{folder / 'city.sqlite3'}"))
    clock = ManualClock(START)
    await prepared(settings, clock)
    database = Database(settings.database_url.render_as_string(hide_password=False))
    figures = Figures(clock, Quartiere(clock), lambda: START.tzinfo)  # type: ignore[arg-type, return-value]
    async with database.write() as session:
        for (ago, quartier), count in counts.items():
            session.add(
                DailyTotal(day=TODAY - timedelta(days=ago), quartier=quartier, kind="posts", count=count)
            )
        await session.flush()
        found = await tables(session, figures)
    await database.close()
    return found


def posts(table: Table) -> dict[int, Cell]:
    (row,) = [row for row in table.rows if row.kind == "posts"]
    return dict(row.cells)


def total(table: Table) -> Cell | None:
    return next(row.total for row in table.rows if row.kind == "posts")


async def test_under_five_is_under_five(tmp_path: Path) -> None:
    found = await told(tmp_path, {(1, 1): 4, (1, 2): 5})
    assert posts(found[Period.WEEK])[1] == UNDER
    assert posts(found[Period.WEEK])[2] == Cell(5)
    assert posts(found[Period.WEEK])[3] == UNDER


async def test_no_sum_from_which_the_missing_one_follows(tmp_path: Path) -> None:
    found = await told(tmp_path, {(1, quartier): 7 for quartier in range(10)})
    assert total(found[Period.WEEK]) is not None
    (tmp_path / "city.sqlite3").unlink()
    found = await told(tmp_path, {(1, quartier): 3 if quartier == 2 else 7 for quartier in range(10)})
    assert total(found[Period.WEEK]) is None


async def test_no_difference_between_periods_either(tmp_path: Path) -> None:
    found = await told(tmp_path, {(1, 1): 6, (20, 1): 2, (1, 2): 6, (20, 2): 5})
    assert posts(found[Period.WEEK])[1] == Cell(6)
    assert posts(found[Period.MONTH])[1] == AT_LEAST
    assert posts(found[Period.MONTH])[2] == Cell(11)


@pytest.mark.parametrize("counts", list(product((0, 1, 4, 5, 9), repeat=3)))
def test_whatever_is_told_of_nested_periods_gives_no_small_number_away(counts: tuple[int, int, int]) -> None:
    """Week within four weeks within the quarter: every difference of two told figures is nothing, or five and more."""
    from bot.insights.told import _cell

    week, month, quarter = counts[0], sum(counts[:2]), sum(counts)
    cells = [(week, _cell(week, [])), (month, _cell(month, [week])), (quarter, _cell(quarter, [week, month]))]
    exact = [cell.exact for _, cell in cells if cell.exact is not None]
    for narrow, wide in pairwise(exact):
        assert wide - narrow == 0 or wide - narrow >= 5
    assert all(count >= 5 for count in exact)


def test_the_spans() -> None:
    monday = date(2026, 11, 23)
    assert span(Period.WEEK, monday) == (date(2026, 11, 16), date(2026, 11, 22))
    assert span(Period.WEEK, date(2026, 11, 25)) == (monday, date(2026, 11, 24))
    assert span(Period.MONTH, monday) == (date(2026, 10, 26), date(2026, 11, 22))
    assert span(Period.QUARTER, monday) == (date(2026, 10, 1), date(2026, 11, 22))
    assert span(Period.QUARTER, date(2027, 1, 1)) == (date(2026, 10, 1), date(2026, 12, 31))
