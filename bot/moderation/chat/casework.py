"""Cases in the chat of those who decide: listed, shown, claimed, handed on; by buttons and by typed numbers."""

from __future__ import annotations

import re

from bot.delivery.refs import choice_of
from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.dialogue.words import normal
from bot.language import M, join
from bot.moderation.appeals import needs_another
from bot.moderation.casefile import case_head, more_choices, standing
from bot.moderation.chat.desk import MENU, explain, first, guarded, rows_of
from bot.moderation.errors import ModerationError, UnknownError
from bot.moderation.model import Case
from bot.moderation.service import Moderation
from bot.posts.render import stacked

SHOWN = 8
_NUMBERS = re.compile(r"(\d+)(?:[ .,;:/-]+\d+)+")


class CaseFace:
    """Registers /reports, /case and the choices below a case."""

    def __init__(self, moderation: Moderation) -> None:
        self._moderation = moderation
        self._cases = moderation.cases

    def register(self, routes: Routes) -> None:
        # Translators: names of the moderators' command that lists open reports, comma-separated. / What it does.
        routes.command(
            "reports",
            M("moderation.command.reports"),
            M("moderation.command.reports.about"),
            self.reports,
            in_menu=False,
        )
        # Translators: names of the moderators' command that shows a case by its number. / What it does.
        routes.command(
            "case", M("moderation.command.case"), M("moderation.command.case.about"), self.case, in_menu=False
        )
        routes.action("case.show", guarded(self.show))
        routes.action("case.claim", guarded(self.claim))
        routes.action("case.more", guarded(self.more))
        routes.action("case.on", guarded(self.hand_on))
        routes.addressed.append(self.addressed)
        routes.reminders.append(self.numbers)

    async def reports(self, turn: Turn, argument: str) -> None:
        """Open cases and appeals of this person, urgent ones first."""
        if not await self._cases.moderates(turn.session, turn.person):
            self.no_role(turn)
            return
        cases = await self._cases.open(turn.session, turn.person)
        appeals = await self._moderation.appeals.open(turn.session, turn.person)
        stuck = await self._moderation.appeals.stuck(turn.session, turn.person)
        waits = stacked(turn.render, [needs_another(number) for number in stuck[:SHOWN]])
        if stuck and not cases and not appeals:
            turn.say(waits, buttons=MENU)
            return
        if not cases and not appeals:
            # Translators: to a moderator: there is no open report.
            turn.say(M("moderation.list.empty"), buttons=MENU)
            return
        heads = []
        for case in cases[:SHOWN]:
            file = await self._cases.file(turn.session, case, turn.render)
            heads.append(
                join(
                    case_head(turn.render, file), turn.render.rich(standing(case, file.decision, file.reason))
                )
            )
        # Translators: button: show a case. {number}: its number.
        rows = [
            [Button(M("moderation.button.case", number=str(case.number)), f"case.show:{case.item_id}")]
            for case in cases[:SHOWN]
        ]
        # Translators: button: show an appeal. {number}: its number.
        rows += [
            [Button(M("moderation.button.appeal_no", number=str(one.number)), f"appeal.show:{one.item_id}")]
            for one in appeals[:SHOWN]
        ]
        # Translators: above the list of open reports; the urgent ones come first.
        turn.say(M("moderation.list.head"), join(*heads), *([waits] if stuck else []), buttons=rows)

    async def case(self, turn: Turn, argument: str) -> None:
        """/case 117."""
        if not await self._cases.moderates(turn.session, turn.person):
            self.no_role(turn)
            return
        number = number_in(argument.strip())
        if number is None:
            await self.reports(turn, "")
            return
        try:
            await self.show_case(turn, await self._cases.numbered(turn.session, turn.person, number))
        except ModerationError as fault:
            explain(turn, fault)

    async def show(self, turn: Turn, parts: list[str]) -> None:
        await self.show_case(turn, await self._cases.seen(turn.session, turn.person, first(parts)))

    async def show_case(self, turn: Turn, case: Case) -> None:
        """The whole case, with what can be done, under the numbers that always mean it."""
        turn.leave()
        rich, choices = await self._cases.said(turn.session, case, turn.render, turn.person)
        turn.say(rich, buttons=rows_of(choices, case.number) or MENU)

    async def claim(self, turn: Turn, parts: list[str]) -> None:
        case = await self._cases.claim(turn.session, turn.person, first(parts))
        # Translators: to a moderator: the case is yours now; the others see that somebody looks after it. {number}.
        turn.say(M("moderation.claimed", number=str(case.number)))
        await self.show_case(turn, case)

    async def more(self, turn: Turn, parts: list[str]) -> None:
        """The rarer choices."""
        case = await self._cases.seen(turn.session, turn.person, first(parts))
        coordinates = await self._cases.coordinates(turn.session, turn.person)
        # Translators: above more choices about a case. {number}.
        turn.say(
            M("moderation.more", number=str(case.number)),
            buttons=rows_of(more_choices(turn.render, case, coordinates=coordinates)),
        )

    async def hand_on(self, turn: Turn, parts: list[str]) -> None:
        case = await self._cases.hand_on(turn.session, turn.person, first(parts))
        # Translators: to a moderator: the coordinator has the case now. {number}.
        turn.say(M("moderation.handed_on", number=str(case.number)), buttons=MENU)

    async def addressed(self, turn: Turn, number: int, place: int) -> bool:
        """ "117 3" about a case that has no such choice (any more): say how it stands, not that it is gone."""
        try:
            case = await self._cases.numbered(turn.session, turn.person, number)
        except UnknownError:
            return False
        if await choice_of(turn.session, turn.chat_id, case.item_id, f"{number} {place}"):
            return False  # the copy shows it: it is done as for every item
        await self.show_case(turn, case)
        return True

    async def numbers(self, turn: Turn) -> bool:
        """ "117.3" or "117, 3" by somebody who may decide: the case, with the numbers that mean its choices."""
        found = _NUMBERS.fullmatch(normal(turn.text))
        if found is None or not await self._cases.moderates(turn.session, turn.person):
            return False
        try:
            case = await self._cases.numbered(turn.session, turn.person, number_in(found[1]) or 0)
        except UnknownError:
            return False
        await self.show_case(turn, case)
        return True

    @staticmethod
    def no_role(turn: Turn) -> None:
        # Translators: somebody who is no moderator uses a moderator's command; friendly.
        turn.say(M("moderation.no_role"), buttons=MENU)
