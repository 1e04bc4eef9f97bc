"""Appeals: a few words, and another human looks again; never one of those who decided before."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Choice, Rich
from bot.delivery.model import Delivery, Priority, StoredText
from bot.delivery.outbox import Outbox
from bot.items.model import Item
from bot.language import M, Msg, Name, Renderer, join, strip_controls, user_rich
from bot.moderation.audit import Audit, What
from bot.moderation.casefile import content_rich
from bot.moderation.cases import Cases
from bot.moderation.errors import NeedsReasonError, OverError, TwiceError, UnknownError
from bot.moderation.house_rules import HouseRules
from bot.moderation.jury import Jury
from bot.moderation.mail import Mail
from bot.moderation.model import (
    APPEAL_KIND,
    Appeal,
    AppealState,
    Case,
    CaseState,
    Decision,
    Report,
    Standing,
)
from bot.moderation.reports import MAX_WORDS
from bot.moderation.restrictions import Restrictions
from bot.moderation.statements import Statements
from bot.moderation.words import HIDING, Step, step_name
from bot.posts.leaving.hiding import Hiding


class Appeals:
    """Use cases of appeals. Each runs in the caller's transaction."""

    def __init__(
        self, clock: Clock, outbox: Outbox, cases: Cases, jury: Jury, rules: HouseRules,
        restrictions: Restrictions, statements: Statements, hiding: Hiding, mail: Mail, audit: Audit,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._outbox = outbox
        self._cases = cases
        self._jury = jury
        self._rules = rules
        self._restrictions = restrictions
        self._statements = statements
        self._hiding = hiding
        self._mail = mail
        self._audit = audit

    async def check(self, session: AsyncSession, person: int, decision_id: int) -> tuple[Case, Decision]:
        """What this person may appeal against. Raises `UnknownError`, `OverError`, `TwiceError`."""
        decision = await session.get(Decision, decision_id)
        case = await session.get(Case, decision.case_item) if decision is not None else None
        if decision is None or case is None:
            raise UnknownError
        unfounded = decision.step == Step.DISMISS
        theirs = await self._reported(session, case, person) if unfounded else case.author == person
        if not theirs or decision.state in (Standing.PROPOSED, Standing.REFUSED):
            raise UnknownError
        before = select(exists().where(Appeal.decision == decision.id, Appeal.person == person))
        if (await session.execute(before)).scalar_one():
            raise TwiceError(case.number)
        until = decision.appeal_until
        if decision.state != Standing.IN_FORCE or until is None or until < self._clock.now():
            raise OverError
        return case, decision

    async def appeal(
        self, session: AsyncSession, person: int, decision_id: int, words: str
    ) -> tuple[int, bool]:
        """Ask for another human. Returns the case's number, and whether there is one at present."""
        case, decision = await self.check(session, person, decision_id)
        item = await self._mail.item(session, APPEAL_KIND)
        appeal = Appeal(
            item_id=item.id,
            number=item.publication_no or 0,
            case_item=case.item_id,
            decision=decision.id,
            person=person,
            of_author=case.author == person,
            words=strip_controls(words).strip()[:MAX_WORDS],
            created_at=self._clock.now(),
        )
        session.add(appeal)
        await session.flush()
        await self._audit.note(session, What.APPEALED, case.number, person)
        reached = await self._bring(session, case, appeal) > 0
        if not reached:
            said = needs_another(case.number)
            for somebody in sorted(await self._would_decide(session, case) - {person}):
                await self._mail.tell(session, somebody, lambda render: render.rich(said))
        return case.number, reached

    async def seen(self, session: AsyncSession, person: int, item_id: int) -> Appeal:
        """The appeal, for somebody who may decide about it. Raises `UnknownError`, `OverError`."""
        appeal = await session.get(Appeal, item_id)
        case = await session.get(Case, appeal.case_item) if appeal is not None else None
        if appeal is None or case is None:
            raise UnknownError
        if appeal.state != AppealState.OPEN and person in await self._jury.of(session, case):
            raise OverError
        if appeal.state != AppealState.OPEN or person not in await self._jury.of_appeal(session, case):
            raise UnknownError
        return appeal

    async def open(self, session: AsyncSession, person: int) -> list[Appeal]:
        """Open appeals this person may decide about, the oldest first."""
        rows = select(Appeal).where(Appeal.state == AppealState.OPEN).order_by(Appeal.item_id)
        found = []
        for appeal in (await session.scalars(rows)).all():
            case = await session.get_one(Case, appeal.case_item)
            if person in await self._jury.of_appeal(session, case):
                found.append(appeal)
        return found

    async def stuck(self, session: AsyncSession, person: int) -> list[int]:
        """Numbers of the cases whose appeal nobody may decide, for those who would if they had not decided already."""
        rows = select(Case).join(Appeal, Appeal.case_item == Case.item_id)
        rows = rows.where(Appeal.state == AppealState.OPEN).order_by(Appeal.item_id)
        cases = (await session.scalars(rows)).unique().all()
        return [
            case.number
            for case in cases
            if not (await self._jury.of_appeal(session, case)).all
            and person in await self._would_decide(session, case)
        ]

    async def _would_decide(self, session: AsyncSession, case: Case) -> frozenset[int]:
        jurors = await self._jury.of(session, case)
        return jurors.coordinators or jurors.moderators

    async def decide(
        self, session: AsyncSession, person: int, item_id: int, *, overturn: bool, reason: str
    ) -> Case:
        """Uphold or overturn. Raises the errors of moderation."""
        appeal = await self.seen(session, person, item_id)
        reason = strip_controls(reason).strip()[:MAX_WORDS]
        if not reason:
            raise NeedsReasonError
        await self._cases.hold(session, [appeal.case_item])
        state = AppealState.OVERTURNED if overturn else AppealState.UPHELD
        change = update(Appeal).where(Appeal.item_id == item_id, Appeal.state == AppealState.OPEN)
        change = change.values(state=state, decided_by=person, decided_at=self._clock.now(), reason=reason)
        done = await session.execute(change.execution_options(synchronize_session=False))
        await session.refresh(appeal)
        if cast("CursorResult[Any]", done).rowcount != 1:
            raise OverError
        case = await session.get_one(Case, appeal.case_item, populate_existing=True)
        if overturn:
            await self._hiding.hold(session, case.about)
        what = What.OVERTURNED if overturn else What.UPHELD
        await self._audit.note(session, what, case.number, person)
        if overturn:
            await self._undo(session, case, appeal, person)
        await self._statements.to_appellant(session, case, appeal, overturned=overturn)
        await self._refresh(session, case, appeal)
        await self._cases.refresh(session, case)
        return case

    async def bring_waiting(self, session: AsyncSession) -> None:
        """What reached nobody so far is tried again: somebody may have a role now."""
        nobody = ~exists().where(Delivery.item == Appeal.item_id)
        rows = select(Appeal).where(Appeal.state == AppealState.OPEN, nobody)
        rows = rows.order_by(Appeal.item_id).with_for_update(key_share=True, skip_locked=True)
        for appeal in (await session.scalars(rows)).all():
            await self._bring(session, await session.get_one(Case, appeal.case_item), appeal)

    async def said(
        self, session: AsyncSession, appeal: Appeal, render: Renderer
    ) -> tuple[Rich, list[Choice]]:
        """The appeal as those see it who decide about it."""
        case = await session.get_one(Case, appeal.case_item)
        decision = await session.get_one(Decision, appeal.decision)
        reason = await self._rules.reason(session, render, decision)
        return _rich(render, case, decision, appeal, reason), _choices(render, appeal)

    async def _undo(self, session: AsyncSession, case: Case, appeal: Appeal, person: int) -> None:
        decision = await session.get_one(Decision, appeal.decision)
        decision.state = Standing.OVERTURNED
        if not appeal.of_author:
            another = select(exists().where(Case.about == case.about, Case.state.in_(("open", "second"))))
            if (await session.execute(another)).scalar_one():
                return  # it is being looked at again already
            # Whoever found that something is to be done looks after it.
            case.state, case.claimed_by, case.claimed_at = CaseState.OPEN, person, self._clock.now()
            case.ended_at = None
            await session.execute(
                update(Report).where(Report.case_item == case.item_id).values(outcome_item=None)
            )
            await session.flush()
            return
        for restriction in await self._restrictions.lift(session, decision.id):
            await self._audit.note(session, What.LIFTED, case.number, person, kind=restriction.kind)
        if decision.step in HIDING:
            await self._hiding.restore(session, case.about)
        await session.flush()

    async def _bring(self, session: AsyncSession, case: Case, appeal: Appeal) -> int:
        item = await session.get_one(Item, appeal.item_id)
        jurors = await self._jury.of_appeal(session, case)
        brought = 0
        said: dict[str, tuple[Rich, list[Choice]]] = {}
        for person in sorted(jurors.duty):
            for _, language in (await self._mail.chats(session, person)).values():
                render = self._mail.render(language)
                said[render.language.tag] = await self.said(session, appeal, render)
            brought += await self._mail.push(
                session, person, item,
                lambda render: said[render.language.tag][0],
                lambda render: said[render.language.tag][1],
                priority=Priority.ALERT,
            )  # fmt: skip
        return brought

    async def refresh_of(self, session: AsyncSession, case: Case) -> None:
        """Every copy of its appeals says what the case says by now."""
        rows = select(Appeal).where(Appeal.case_item == case.item_id)
        for appeal in (await session.scalars(rows)).all():
            await self._refresh(session, case, appeal)

    async def _refresh(self, session: AsyncSession, case: Case, appeal: Appeal) -> None:
        rows = select(StoredText.id, StoredText.language).select_from(Delivery)
        rows = rows.join(StoredText, StoredText.id == Delivery.wanted_text).where(
            Delivery.item == appeal.item_id
        )
        texts: dict[int, int | None] = {}
        for old, language in (await session.execute(rows)).all():
            render = self._mail.render(language)
            body, choices = await self.said(session, appeal, render)
            message = self._mail.message(render, appeal.number, body, choices)
            texts[old] = await self._outbox.store_text(session, message, item=appeal.item_id)
        if texts:
            await self._outbox.replace(session, item=appeal.item_id, texts=texts, priority=Priority.ALERT)

    @staticmethod
    async def _reported(session: AsyncSession, case: Case, person: int) -> bool:
        mine = exists().where(Report.case_item == case.item_id, Report.reporter == person)
        return bool((await session.execute(select(mine))).scalar_one())


def needs_another(number: int) -> Msg:
    # Translators: to a coordinator or moderator: an appeal waits, and they may not look at it themselves, because they
    # decided; somebody else has to be found. {number}: of the case.
    return M("moderation.appeal.needs_another", number=str(number))


def _rich(render: Renderer, case: Case, decision: Decision, appeal: Appeal, reason: str) -> Rich:
    number = {"number": str(appeal.number), "case": str(case.number)}
    # Translators: to another moderator: the author, or a reporter, appeals. {number}: of the appeal; {case}: the case.
    head = (
        M("moderation.appeal.of_author", **number)
        if appeal.of_author
        else M("moderation.appeal.of_reporter", **number)
    )
    step = step_name(decision.step, decision.days)
    # Translators: in an appeal: what had been decided, and why. / What the appellant says follows. / The appeal is
    # decided: nothing is to be done any more.
    decided = M("moderation.appeal.decision", step=step, reason=Name(reason or "–"))
    open_ = appeal.state == AppealState.OPEN
    return join(
        render.rich(head),
        content_rich(render, case.snapshot),
        render.rich(decided),
        render.rich(M("moderation.appeal.words")) + user_rich(appeal.words) if appeal.words else (),
        () if open_ else render.rich(M("moderation.appeal.done")),
    )


def _choices(render: Renderer, appeal: Appeal) -> list[Choice]:
    if appeal.state != AppealState.OPEN:
        return []
    # Translators: buttons about an appeal: the decision stays; the decision was wrong.
    return [
        Choice(render.text(M("moderation.button.uphold")), f"appeal.keep:{appeal.item_id}"),
        Choice(render.text(M("moderation.button.overturn")), f"appeal.undo:{appeal.item_id}"),
    ]
