"""Appeals in the chat: a few words of whoever sees it differently; another human's answer, with a reason."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.language import M
from bot.moderation.chat.desk import MENU, explain, first, guarded, rows_of
from bot.moderation.errors import ModerationError
from bot.moderation.service import Moderation

WORDS, ANSWER = "appeal.words", "appeal.answer"


class AppealFace:
    """Registers [appeal] below statements, and the choices of those who look again."""

    def __init__(self, moderation: Moderation) -> None:
        self._appeals = moderation.appeals

    def register(self, routes: Routes) -> None:
        routes.action("appeal", guarded(self.begin))
        routes.action("appeal.plain", guarded(self.plain))
        routes.action("appeal.show", guarded(self.show))
        routes.action("appeal.keep", guarded(self.keep))
        routes.action("appeal.undo", guarded(self.undo))
        routes.form(WORDS, self.words, unsent=True)
        routes.form(ANSWER, self.answer, unsent=True)

    async def begin(self, turn: Turn, parts: list[str]) -> None:
        """Why do you see it differently?"""
        decision = first(parts)
        turn.leave()
        await self._appeals.check(turn.session, turn.person, decision)
        turn.expect(WORDS, decision=decision)
        # Translators: asks whoever appeals for a few words, which may be left out. / Button: appeal without words.
        turn.say(
            M("moderation.appeal.why"),
            buttons=[[Button(M("moderation.button.without_words"), f"appeal.plain:{decision}")]],
        )

    async def plain(self, turn: Turn, parts: list[str]) -> None:
        await self._appeal(turn, first(parts), "")

    async def words(self, turn: Turn) -> None:
        decision = int((turn.step.data if turn.step else {}).get("decision", 0))
        try:
            async with turn.session.begin_nested():
                await self._appeal(turn, decision, turn.text)
        except ModerationError as fault:
            explain(turn, fault)

    async def _appeal(self, turn: Turn, decision: int, words: str) -> None:
        number, reached = await self._appeals.appeal(turn.session, turn.person, decision, words)
        turn.leave()
        if reached:
            # Translators: the appeal is on its way: another human looks at it. {number}: of the case.
            turn.say(M("moderation.appeal.sent", number=str(number)), buttons=MENU)
        else:
            # Translators: the appeal is kept, but there is no other human at present; it stays open until there is one.
            turn.say(M("moderation.appeal.waits", number=str(number)), buttons=MENU)

    async def show(self, turn: Turn, parts: list[str]) -> None:
        appeal = await self._appeals.seen(turn.session, turn.person, first(parts))
        rich, choices = await self._appeals.said(turn.session, appeal, turn.render)
        turn.say(rich, buttons=rows_of(choices, appeal.number))

    async def keep(self, turn: Turn, parts: list[str]) -> None:
        await self._ask(turn, first(parts), overturn=False)

    async def undo(self, turn: Turn, parts: list[str]) -> None:
        await self._ask(turn, first(parts), overturn=True)

    async def _ask(self, turn: Turn, item: int, *, overturn: bool) -> None:
        await self._appeals.seen(turn.session, turn.person, item)
        turn.expect(ANSWER, item=item, overturn=overturn)
        # Translators: asks whoever looks at an appeal for a reason in one or two sentences; the appellant reads it.
        turn.say(M("moderation.appeal.reason"))

    async def answer(self, turn: Turn) -> None:
        """The reason; then it is decided."""
        data = turn.step.data if turn.step else {}
        if not turn.text:
            turn.say(M("moderation.needs_reason"))
            return
        overturn = bool(data["overturn"])
        try:
            async with turn.session.begin_nested():
                case = await self._appeals.decide(
                    turn.session, turn.person, int(data["item"]), overturn=overturn, reason=turn.text
                )
        except ModerationError as fault:
            explain(turn, fault)
            return
        turn.leave()
        number = str(case.number)
        # Translators: to whoever decided an appeal: the decision stays / is undone; all are told. {number}: the case.
        said = (
            M("moderation.appeal.you_overturned", number=number)
            if overturn
            else M("moderation.appeal.you_upheld", number=number)
        )
        turn.say(said, buttons=MENU)
