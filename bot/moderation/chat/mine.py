"""/mycase: what became of one's own reports, and what was decided about oneself."""

from __future__ import annotations

from bot.contract import Rich
from bot.dialogue import Button, Routes, Turn
from bot.language import M, Msg, Name, join
from bot.moderation.chat.desk import MENU
from bot.moderation.model import AppealState, Case, CaseState, Decision, Standing
from bot.moderation.service import Moderation
from bot.moderation.words import step_name


class MineFace:
    """Registers /mycase."""

    def __init__(self, moderation: Moderation) -> None:
        self._moderation = moderation

    def register(self, routes: Routes) -> None:
        # Translators: names of the command that shows one's own reports and decisions about oneself. / What it does.
        routes.command(
            "mycase",
            M("moderation.command.mycase"),
            M("moderation.command.mycase.about"),
            self.mine,
        )

    async def mine(self, turn: Turn, argument: str) -> None:
        """Both lists, with what can be done about them."""
        reports = await self._moderation.reported_by(turn.session, turn.person)
        decisions = await self._moderation.decided_about(turn.session, turn.person)
        if not reports and not decisions:
            # Translators: /mycase of somebody who never reported anything and about whom nothing was decided.
            turn.say(M("moderation.mine.nothing"), buttons=MENU)
            return
        parts: list[Rich] = [turn.render.rich(_status(case)) for _, case in reports]
        rows: list[list[Button]] = []
        for decision, case in decisions:
            parts.append(await self._about_me(turn, decision, case))
            if await self._can_appeal(turn, decision):
                # Translators: button in /mycase: appeal against the decision in that case. {number}: of the case.
                label = M("moderation.button.appeal_case", number=str(case.number))
                rows.append([Button(label, f"appeal:{decision.id}")])
        turn.say(join(*parts), buttons=[*rows, *MENU])

    async def _about_me(self, turn: Turn, decision: Decision, case: Case) -> Rich:
        step = step_name(decision.step, decision.days)
        reason = await self._moderation.rules.reason(turn.session, turn.render, decision)
        # Translators: in /mycase: a decision about the person. {number}: of the case, {step}: what, {reason}: why.
        said = [M("moderation.mine.decided", number=str(case.number), step=step, reason=Name(reason))]
        if decision.state == Standing.OVERTURNED:
            # Translators: below it: the decision was undone after an appeal.
            said.append(M("moderation.mine.overturned"))
        elif decision.until is not None and decision.until > turn.now:
            # Translators: below it: until when the person can't write.
            said.append(M("moderation.mine.until", until=decision.until))
        appeal = await self._moderation.appeal_of(turn.session, turn.person, decision.id)
        if appeal is not None and appeal.state == AppealState.OPEN:
            # Translators: below it: the appeal is being looked at.
            said.append(M("moderation.mine.appealed"))
        return join(*(turn.render.rich(one) for one in said))

    async def _can_appeal(self, turn: Turn, decision: Decision) -> bool:
        until = decision.appeal_until
        in_time = decision.state == Standing.IN_FORCE and until is not None and until > turn.now
        return in_time and await self._moderation.appeal_of(turn.session, turn.person, decision.id) is None


def _status(case: Case) -> Msg:
    """Where a case stands, as its reporters may know it."""
    number, at = str(case.number), case.created_at
    # Translators: in /mycase: where a reported case stands. {number}, {at}: since when. Open; somebody looks after it;
    # decided: something was done; decided: unfounded; what it was about is gone.
    return {
        CaseState.OPEN: M("moderation.mine.open", number=number, at=at)
        if case.claimed_by is None
        else M("moderation.mine.claimed", number=number, at=at),
        CaseState.SECOND: M("moderation.mine.claimed", number=number, at=at),
        CaseState.DECIDED: M("moderation.mine.done", number=number, at=at),
        CaseState.DISMISSED: M("moderation.mine.unfounded", number=number, at=at),
        CaseState.VOID: M("moderation.mine.void", number=number, at=at),
    }[CaseState(case.state)]
