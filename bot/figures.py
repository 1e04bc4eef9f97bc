"""`quartierbote figures`: the same as /figures in the chat, for a table; nothing more can be read from it."""

from __future__ import annotations

import csv
import io

from bot.app import open_house
from bot.insights.service import FEW
from bot.insights.told import Cell, tables
from bot.quartiere.model import WHOLE_CITY
from bot.settings import Settings

HEAD = ("period", "from", "to", "quartier", "kind", "count")
CITY = "(whole city)"
TOTAL = "(total)"


async def rows(settings: Settings) -> list[tuple[str, ...]]:
    """One row a figure, without the head."""
    async with open_house(settings, connect=False) as house, house.database.read() as session:
        figures = house.features.figures
        names = {WHOLE_CITY: CITY} | dict(await figures.places(session))
        found = await tables(session, figures)
    lines: list[tuple[str, ...]] = []
    for table in found.values():
        span = (table.period.value, table.start.isoformat(), table.end.isoformat())
        for row in table.rows:
            lines += [(*span, names[quartier], row.kind, _told(cell)) for quartier, cell in row.cells.items()]
            if row.total is not None:
                lines.append((*span, TOTAL, row.kind, _told(row.total)))
    return lines


def as_csv(lines: list[tuple[str, ...]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([HEAD, *lines])
    return written.getvalue()


def _told(cell: Cell) -> str:
    if cell.exact is not None:
        return str(cell.exact)
    return f"<{FEW}" if cell.few else f">={FEW}"
