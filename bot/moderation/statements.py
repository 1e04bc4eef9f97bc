"""What people are told about a decision: its author why (a statement of reasons, DSA 17), its reporters the outcome.

Both say that a human decided, and offer another human who looks again.
"""

from __future__ import annotations

import calendar
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Choice, Rich
from bot.delivery.model import Priority
from bot.language import M, Msg, N, Name, Renderer, join
from bot.moderation.audit import Audit, What
from bot.moderation.house_rules import HouseRules
from bot.moderation.mail import Mail
from bot.moderation.model import STATEMENT_KIND, Appeal, Case, Decision, Report
from bot.moderation.words import APPEAL_MONTHS, Step, step_name


class Statements:
    """Writes statements and outcomes. Each runs in the caller's transaction."""

    def __init__(self, clock: Clock, mail: Mail, rules: HouseRules, audit: Audit) -> None:
        self._clock = clock
        self._mail = mail
        self._rules = rules
        self._audit = audit

    def appeal_until(self) -> datetime:
        """The end of the day in six months."""
        today = self._clock.now().astimezone(self._mail.zone).date()
        month = today.month - 1 + APPEAL_MONTHS
        year, month = today.year + month // 12, month % 12 + 1
        day = min(today.day, calendar.monthrange(year, month)[1])
        return datetime.combine(today.replace(year=year, month=month, day=day), time.max, self._mail.zone)

    async def to_author(self, session: AsyncSession, case: Case, decision: Decision) -> None:
        """The statement of reasons, with the way to appeal."""
        if case.author is None:
            return
        item = await self._mail.item(session, STATEMENT_KIND)
        decision.statement_item = item.id
        reasons = await self._reasons(session, case.author, decision)
        reached = await self._mail.push(
            session, case.author, item,
            lambda render: self._statement(render, case, decision, reasons[render.language.tag]),
            lambda render: [_appeal(render, decision), _rules(render)],
            priority=Priority.REPLY,
        )  # fmt: skip
        if reached:
            await self._audit.note(session, What.STATEMENT, case.number, step=decision.step)

    async def to_reporters(self, session: AsyncSession, case: Case, decision: Decision) -> None:
        """The outcome, once to each; who finds "unfounded" wrong may appeal."""
        unfounded = decision.step == Step.DISMISS
        waiting = select(Report).where(Report.case_item == case.item_id, Report.outcome_item.is_(None))
        for report in (await session.scalars(waiting)).all():
            if report.reporter is None:
                continue
            item = await self._mail.item(session, STATEMENT_KIND)
            report.outcome_item = item.id
            await self._mail.push(
                session, report.reporter, item,
                lambda render: _outcome(render, case, decision),
                lambda render: [_appeal(render, decision), _rules(render)] if unfounded else [],
                priority=Priority.REPLY,
            )  # fmt: skip
            await self._audit.note(session, What.OUTCOME, case.number, step=decision.step)

    async def to_appellant(
        self, session: AsyncSession, case: Case, appeal: Appeal, *, overturned: bool
    ) -> None:
        """What another human decided about an appeal."""
        await self._mail.tell(
            session, appeal.person, lambda render: _of_appeal(render, case, appeal, overturned=overturned)
        )

    async def ended(self, session: AsyncSession, person: int, number: int) -> None:
        """A restriction is over by itself."""
        # Translators: somebody who could not write for a time may write again. {number}: of the case.
        said = M("moderation.may_write_again", number=str(number))
        await self._mail.tell(session, person, lambda render: render.rich(said))

    async def _reasons(self, session: AsyncSession, person: int, decision: Decision) -> dict[str, str]:
        """Why, in the person's language."""
        found: dict[str, str] = {}
        for _, language in (await self._mail.chats(session, person)).values():
            render = self._mail.render(language)
            found[render.language.tag] = await self._rules.reason(session, render, decision)
        return found

    def _statement(self, render: Renderer, case: Case, decision: Decision, reason: str) -> Rich:
        until = (decision.appeal_until or self._clock.now()).astimezone(self._mail.zone).date()
        said: list[Msg] = [
            _what(case, decision),
            # Translators: in a statement of reasons: why. {reason}: a house rule with its number, or own words.
            M("moderation.statement.reason", reason=Name(reason)),
            # Translators: in a statement of reasons: a human decided, after a report; who reported is not said.
            M("moderation.statement.human", number=str(case.number)),
            # Translators: in a statement of reasons: the right to appeal until {until}; another human decides.
            M("moderation.statement.appeal", until=until),
        ]
        return join(*(render.rich(one) for one in said))


def written_at(case: Case) -> datetime:
    """When what it is about was written."""
    at = case.snapshot.get("at")
    return datetime.fromisoformat(str(at)) if at else case.created_at


def _what(case: Case, decision: Decision) -> Msg:
    """What was decided, and what it means for the author."""
    at = written_at(case)
    if decision.step == Step.MUTE:
        # Translators: statement of reasons: hidden, and the author can't write for {n} days, until {until}.
        return N("moderation.statement.mute", decision.days or 1, at=at, until=decision.until or at)
    # Translators: first lines of a statement of reasons, by what was decided. {at}: when it was written. They say
    # what it means too: the author may go on writing; after an exclusion only reading is left.
    return {
        Step.HINT: M("moderation.statement.hint", at=at),
        Step.HIDE: M("moderation.statement.hide", at=at),
        Step.WARN: M("moderation.statement.warn", at=at),
        Step.EXCLUDE: M("moderation.statement.exclude", at=at),
    }[Step(decision.step)]


def _outcome(render: Renderer, case: Case, decision: Decision) -> Rich:
    number = str(case.number)
    if decision.step == Step.DISMISS:
        # Translators: to a reporter: a human looked, and sees no breach of the house rules. One may appeal.
        return render.rich(M("moderation.outcome.unfounded", number=number))
    # Translators: to a reporter: a human looked and did something. {step}: what.
    step = step_name(decision.step, decision.days)
    return render.rich(M("moderation.outcome.decided", number=number, step=step))


def _of_appeal(render: Renderer, case: Case, appeal: Appeal, *, overturned: bool) -> Rich:
    number, reason = str(case.number), Name(appeal.reason)
    if not overturned:
        # Translators: another human looked at an appeal: the decision stays. {reason}: in that human's words.
        return render.rich(M("moderation.appeal.upheld", number=number, reason=reason))
    if appeal.of_author:
        # Translators: another human looked at the author's appeal: the decision is undone.
        return render.rich(M("moderation.appeal.overturned", number=number, reason=reason))
    # Translators: another human looked at the reporter's appeal: the case is open again.
    return render.rich(M("moderation.appeal.reopened", number=number, reason=reason))


def _appeal(render: Renderer, decision: Decision) -> Choice:
    # Translators: button: I see it differently, another human shall look.
    return Choice(render.text(M("moderation.button.appeal")), f"appeal:{decision.id}")


def _rules(render: Renderer) -> Choice:
    return Choice(render.text(M("privacy.button.rules")), "do:rules")
