"""The face of figures in the chat: for the coordinator alone."""

from __future__ import annotations

from collections.abc import Iterator

from bot.contract import Bullets, Line, Rich
from bot.dialogue import Button, Routes, Turn
from bot.insights.service import Figures
from bot.insights.told import Cell, Period, Row, tables
from bot.language import M, Msg, Name
from bot.people.model import Role
from bot.people.roles import Roles
from bot.quartiere.model import WHOLE_CITY

# Translators: what is counted, as headings: people who read, announcements, questions, reports to the moderators.
_KINDS = {
    "subscribers": M("insights.kind.subscribers"),
    "posts": M("insights.kind.posts"),
    "questions": M("insights.kind.questions"),
    "cases": M("insights.kind.cases"),
}
# Translators: choices: figures of this week, of the last four weeks, of this quarter of the year.
_PERIODS = {
    Period.WEEK: M("insights.button.week"),
    Period.MONTH: M("insights.button.month"),
    Period.QUARTER: M("insights.button.quarter"),
}


class InsightsDialogue:
    """Registers the command and its choices."""

    def __init__(self, figures: Figures, roles: Roles) -> None:
        self._figures = figures
        self._roles = roles

    def register(self, routes: Routes) -> None:
        # Translators: names of the coordinator's command that shows figures. / What it does.
        routes.command(
            "figures", M("insights.command"), M("insights.command.about"), self.show, in_menu=False
        )
        routes.action("figures", self.show)

    async def show(self, turn: Turn, argument: str) -> None:
        """The figures of a period; of the last four weeks unless another is asked for."""
        held = await self._roles.held_by(turn.session, turn.person)
        if not any(one.role is Role.COORDINATOR for one in held):
            turn.say(M("people.role.coordinator_only"))
            return
        period = Period(argument) if argument in tuple(Period) else Period.MONTH
        table = (await tables(turn.session, self._figures))[period]
        # Translators: names the part of the figures that belongs to the whole city, beside the Quartiere.
        names: dict[int, Msg | Name] = {WHOLE_CITY: M("insights.whole_city")}
        names |= {quartier: Name(name) for quartier, name in await self._figures.places(turn.session)}
        parts: list[Rich] = []
        for row in table.rows:
            parts += [turn.render.rich(_KINDS[row.kind]), (Bullets(tuple(self._lines(turn, row, names))),)]
        turn.say(
            # Translators: heading of the figures. {start}, {end}: first and last day.
            M("insights.head", start=table.start, end=table.end),
            *parts,
            # Translators: below the figures: why small numbers, and sums with them, are not told.
            M("insights.note"),
            buttons=[
                [
                    Button(label, f"figures:{other}")
                    for other, label in _PERIODS.items()
                    if other is not period
                ],
                [Button(M("common.menu"), "menu:")],
            ],
        )

    @staticmethod
    def _lines(turn: Turn, row: Row, names: dict[int, Msg | Name]) -> Iterator[Line]:
        for quartier, cell in row.cells.items():
            # Translators: one line of the figures. {where}: the Quartier. {count}: how many, perhaps "under 5".
            yield turn.render.line(M("insights.line", where=names[quartier], count=_told(cell)))
        if row.total is not None:
            # Translators: the last line: all of them together. {count}: how many.
            yield turn.render.line(M("insights.total", count=_told(row.total)))


def _told(cell: Cell) -> Msg | int:
    if cell.exact is not None:
        return cell.exact
    # Translators: in the place of a figure: fewer than five. / Five or more; not exactly, because one could compute
    # a small number from it.
    return M("insights.under") if cell.few else M("insights.at_least")
