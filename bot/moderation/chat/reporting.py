"""Reporting in the chat: why, a receipt with a number, and in danger the numbers to call, at once."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.language import M, Msg
from bot.moderation.chat.desk import MENU, explain, first, guarded
from bot.moderation.errors import ModerationError
from bot.moderation.service import Moderation
from bot.moderation.words import Reason, reason_name

STEP = "report.words"


class ReportingFace:
    """Registers the choice "report" and what follows from it."""

    def __init__(self, moderation: Moderation) -> None:
        self._reports = moderation.reports

    def register(self, routes: Routes) -> None:
        routes.action("report", guarded(self.begin))
        routes.action("report.as", guarded(self.choose))
        routes.action("report.plain", guarded(self.without_words))
        routes.form(STEP, self.with_words)

    async def begin(self, turn: Turn, parts: list[str]) -> None:
        """What is wrong with it?"""
        item = first(parts)
        turn.leave()
        await self._reports.check(turn.session, turn.person, item)
        # Translators: somebody reports something: what is wrong with it? Reasons follow as choices.
        turn.say(
            M("moderation.report.why"),
            buttons=[[Button(reason_name(reason), f"report.as:{item}.{reason}")] for reason in Reason],
        )

    async def choose(self, turn: Turn, parts: list[str]) -> None:
        """A reason; "other" may be said in a few words."""
        item, reason = first(parts), parts[-1]
        if reason not in tuple(Reason):
            reason = Reason.OTHER
        if reason == Reason.OTHER:
            await self._reports.check(turn.session, turn.person, item)
            turn.expect(STEP, item=item)
            # Translators: asks a reporter for a few words, which may be left out. / Button: report without words.
            turn.say(
                M("moderation.report.words"),
                buttons=[[Button(M("moderation.button.without_words"), f"report.plain:{item}")]],
            )
            return
        await self._report(turn, item, Reason(reason))

    async def without_words(self, turn: Turn, parts: list[str]) -> None:
        await self._report(turn, first(parts), Reason.OTHER)

    async def with_words(self, turn: Turn) -> None:
        """The reporter's own words."""
        item = int((turn.step.data if turn.step else {}).get("item", 0))
        try:
            async with turn.session.begin_nested():
                await self._report(turn, item, Reason.OTHER, turn.text)
        except ModerationError as fault:
            explain(turn, fault)

    async def _report(self, turn: Turn, item: int, reason: Reason, words: str = "") -> None:
        receipt = await self._reports.report(turn.session, turn.person, item, reason, words)
        turn.leave()
        said: list[Msg] = []
        if reason is Reason.DANGER:
            # Translators: somebody reports that a person is in danger: 110 and 112 first, then helplines
            # (Telefonseelsorge, Hilfetelefon Gewalt gegen Frauen, Nummer gegen Kummer for children), with their numbers
            # as they are. Then: nobody watches this chat round the clock.
            said.append(M("moderation.danger"))
        # Translators: receipt of a report. {number}: of the case. A human looks; who reported is never said. /mycase.
        said.append(M("moderation.report.receipt", number=str(receipt.number)))
        if not receipt.reached:
            # Translators: below the receipt, honestly: there is nobody at present who could look at it.
            said.append(M("moderation.report.nobody"))
        turn.say(*said, buttons=MENU)
