"""Deciding about a case: one human, for most steps; two for an exclusion. Of two who act at once, one wins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Rich
from bot.language import M, Name, Renderer, strip_controls
from bot.moderation.audit import Audit, What
from bot.moderation.cases import Cases
from bot.moderation.errors import (
    AnotherError,
    NeedsReasonError,
    NobodyError,
    NotYoursError,
    OverError,
    TakenError,
    UnknownError,
)
from bot.moderation.house_rules import HouseRules
from bot.moderation.jury import Jury
from bot.moderation.mail import Mail, Write
from bot.moderation.model import Case, CaseState, Decision, Standing
from bot.moderation.reports import MAX_WORDS
from bot.moderation.restrictions import Restrictions
from bot.moderation.statements import Statements
from bot.moderation.words import HARMLESS, HIDING, MUTE_DAYS, SILENCING, Step
from bot.posts.leaving.hiding import Hiding


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to decide, and why."""

    step: Step
    days: int = 0
    rule: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    case: Case
    decision: Decision
    held: int = 0
    overwritten: int = 0
    asked: int = 0
    """How many others may confirm it, where a second person is needed."""


class Deciding:
    """Use cases of those who decide. Each runs in the caller's transaction."""

    def __init__(
        self, clock: Clock, cases: Cases, jury: Jury, rules: HouseRules, restrictions: Restrictions,
        statements: Statements, hiding: Hiding, mail: Mail, audit: Audit,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._cases = cases
        self._jury = jury
        self._rules = rules
        self._restrictions = restrictions
        self._statements = statements
        self._hiding = hiding
        self._mail = mail
        self._audit = audit

    async def may(self, session: AsyncSession, person: int, case: Case, step: Step) -> None:
        """Raises `NotYoursError` for what only the coordinator decides, `OverError` where nobody can be told."""
        if case.official and step not in HARMLESS and not await self._jury.coordinates(session, person):
            raise NotYoursError
        if case.author is None and step not in (Step.HIDE, Step.DISMISS):
            raise OverError

    async def decide(self, session: AsyncSession, person: int, item_id: int, wanted: Wanted) -> Done:
        """Decide, or propose an exclusion. Raises the errors of moderation."""
        case = await self._cases.seen(session, person, item_id)
        await self.may(session, person, case, wanted.step)
        if wanted.step is not Step.DISMISS and not wanted.rule and not wanted.words.strip():
            raise NeedsReasonError
        now = self._clock.now()
        decision = Decision(
            case_item=item_id,
            step=wanted.step,
            days=_days(wanted),
            rule=wanted.rule,
            reason=strip_controls(wanted.words).strip()[:MAX_WORDS],
            by=person,
            created_at=now,
        )
        if wanted.step is Step.EXCLUDE:
            return await self._propose(session, person, case, decision)
        state = CaseState.DISMISSED if wanted.step is Step.DISMISS else CaseState.DECIDED
        change = update(Case).where(Case.item_id == item_id, *self._cases.free_for(person, case))
        await self._cases.take(session, case, change.values(state=state, ended_at=now))
        if wanted.step in HIDING:
            await self._hiding.hold(session, case.about)
        session.add(decision)
        await session.flush()
        await self._audit.note(session, What.DECIDED, case.number, person, **_detail(decision))
        return await self._bring_about(session, case, decision)

    async def confirm(self, session: AsyncSession, person: int, decision_id: int, *, yes: bool) -> Done:
        """The second person's word about an exclusion. Raises the errors of moderation."""
        decision = await session.get(Decision, decision_id)
        case = await self._cases.seen(session, person, decision.case_item if decision else 0)
        if decision is None or decision.step != Step.EXCLUDE:
            raise UnknownError
        if decision.by == person:
            raise AnotherError
        await self.may(session, person, case, Step.EXCLUDE)
        now = self._clock.now()
        change = update(Case).where(Case.item_id == case.item_id, Case.state == CaseState.SECOND)
        if decision.state != Standing.PROPOSED:
            raise TakenError
        values = (
            {"state": CaseState.DECIDED, "ended_at": now}
            if yes
            else {"state": CaseState.OPEN, "claimed_by": None}
        )
        await self._cases.take(session, case, change.values(**values))
        if yes:
            await self._hiding.hold(session, case.about)
        decision.second = person
        decision.state = Standing.IN_FORCE if yes else Standing.REFUSED
        await session.flush()
        await self._audit.note(
            session, What.CONFIRMED if yes else What.REFUSED, case.number, person, step=decision.step
        )
        if yes:
            return await self._bring_about(session, case, decision)
        # Translators: to a moderator: the second person did not confirm the exclusion; the case is open again.
        said = M("moderation.second.refused", number=str(case.number))
        await self._mail.tell(session, decision.by, lambda render: render.rich(said))
        await self._cases.refresh(session, case)
        return Done(case, decision)

    async def _propose(self, session: AsyncSession, person: int, case: Case, decision: Decision) -> Done:
        others = (await self._jury.of(session, case, besides=[person])).all
        if case.official:
            others = (await self._jury.of(session, case, besides=[person])).coordinators
        if not others:
            raise NobodyError
        change = update(Case).where(Case.item_id == case.item_id, *self._cases.free_for(person, case))
        await self._cases.take(session, case, change.values(state=CaseState.SECOND))
        decision.state = Standing.PROPOSED
        session.add(decision)
        await session.flush()
        await self._audit.note(session, What.PROPOSED, case.number, person, **_detail(decision))
        await self._cases.refresh(session, case)
        # Who gets the case now reads in it what is proposed; where it was before, an edit alone would ring for nobody.
        held = others & set(await self._cases.holders(session, case))
        await self._cases.bring(session, case, also=others)
        for other in sorted(held):
            reasons: dict[str, str] = {}
            for _, language in (await self._mail.chats(session, other)).values():
                render = self._mail.render(language)
                reasons[render.language.tag] = await self._rules.reason(session, render, decision)
            await self._mail.tell(session, other, _asks_second(case, reasons))
        return Done(case, decision, asked=len(others))

    async def _bring_about(self, session: AsyncSession, case: Case, decision: Decision) -> Done:
        """Everything that follows from a decision."""
        step, now = Step(decision.step), self._clock.now()
        held = overwritten = 0
        decision.appeal_until = self._statements.appeal_until()
        if step in HIDING:
            held, overwritten = await self._hiding.hide(session, case.about)
        if step in SILENCING and case.author is not None:
            decision.until = now + timedelta(days=decision.days) if decision.days else None
            await self._restrictions.impose(
                session, case.author, step, decision.until, case=case.number, decision=decision.id
            )
        await session.flush()
        if step is not Step.DISMISS:
            await self._statements.to_author(session, case, decision)
        await self._statements.to_reporters(session, case, decision)
        await self._cases.refresh(session, case)
        return Done(case, decision, held, overwritten)


def _days(wanted: Wanted) -> int | None:
    if wanted.step is not Step.MUTE:
        return None
    return wanted.days if wanted.days in MUTE_DAYS else MUTE_DAYS[1]


def _detail(decision: Decision) -> dict[str, str | int]:
    """For the log: fixed words and numbers, never what somebody wrote."""
    detail: dict[str, str | int] = {"step": str(decision.step), "rule": decision.rule or "words"}
    return detail | ({"days": decision.days} if decision.days else {})


def _asks_second(case: Case, reasons: dict[str, str]) -> Write:
    def write(render: Renderer) -> Rich:
        reason = Name(reasons[render.language.tag])
        # Translators: to another moderator: an exclusion is proposed and needs a second person. {number}: of the case,
        # which "/case {number}" shows; {reason}: a house rule.
        return render.rich(M("moderation.second.asked", number=str(case.number), reason=reason))

    return write
