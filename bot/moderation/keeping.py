"""What moderation holds about people: handed out, erased, and forgotten by time. A case stays whole without them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.outbox import Outbox
from bot.items.model import Item
from bot.moderation.appeals import Appeals
from bot.moderation.audit import Audit, What
from bot.moderation.cases import Cases
from bot.moderation.contexts import Own
from bot.moderation.model import Appeal, AppealState, Case, CaseState, Decision, Report, Restriction

TABLES = frozenset({"case", "report", "decision", "appeal", "restriction"})
CONTENT_LIFE = timedelta(days=190)
"""How long after its end a case keeps what was reported: as long as one may appeal, and a few days."""
CASE_LIFE = timedelta(days=365)
"""How long after its end a case is kept at all."""


class Keeping:
    """Export, erasure and retention of moderation."""

    def __init__(self, clock: Clock, outbox: Outbox, cases: Cases, appeals: Appeals, audit: Audit) -> None:
        self._clock = clock
        self._outbox = outbox
        self._cases = cases
        self._appeals = appeals
        self._audit = audit

    async def export(self, session: AsyncSession, person: int) -> dict[str, object]:
        """The person's reports and appeals, and the decisions about them."""
        reports = select(Report, Case.number).join(Case, Case.item_id == Report.case_item)
        about = select(Decision, Case.number).join(Case, Case.item_id == Decision.case_item)
        appeals = select(Appeal).where(Appeal.person == person).order_by(Appeal.item_id)
        made = (await session.execute(reports.where(Report.reporter == person).order_by(Report.id))).all()
        decided = (await session.execute(about.where(Case.author == person).order_by(Decision.id))).all()
        return {
            "reports": [
                {
                    "at": one.created_at.isoformat(),
                    "case": number,
                    "reason": one.reason,
                    "words": one.words,
                }
                for one, number in made
            ],
            "decisions": [
                {
                    "at": one.created_at.isoformat(),
                    "case": number,
                    "step": one.step,
                    "days": one.days,
                    "rule": one.rule,
                    "reason": one.reason,
                    "state": one.state,
                    "until": one.until.isoformat() if one.until else None,
                }
                for one, number in decided
            ],
            "appeals": [
                {
                    "at": one.created_at.isoformat(),
                    "words": one.words,
                    "state": one.state,
                    "reason": one.reason,
                }
                for one in (await session.scalars(appeals)).all()
            ],
        }

    async def hold(self, session: AsyncSession, person: int) -> None:
        """Lock what erasing this person changes: somebody may be deciding about it just now."""
        own = await Own.of(session, person)
        rows = select(Case.item_id, Case.author, Case.claimed_by, Case.snapshot)
        cases = [
            row.item_id
            for row in (await session.execute(rows)).all()
            if person in (row.author, row.claimed_by) or own.without(row.snapshot) != row.snapshot
        ]
        await self._cases.hold(session, cases)
        theirs = or_(Appeal.person == person, Appeal.decided_by == person)
        for each in (
            select(Appeal.item_id).where(theirs).order_by(Appeal.item_id),
            select(Restriction.id).where(Restriction.person == person).order_by(Restriction.id),
        ):
            await session.execute(each.with_for_update(key_share=True))

    async def erase(self, session: AsyncSession, person: int) -> None:
        """Cut every tie to the person. A case about them ends; one they reported or decided goes on without them."""
        await self._erase_author(session, person)
        await self._erase_context(session, person)
        mine = update(Report).where(Report.reporter == person)
        told = select(Report.outcome_item).where(Report.reporter == person, Report.outcome_item.is_not(None))
        await self._forget(session, list((await session.scalars(told)).all()))
        await session.execute(mine.values(reporter=None, words="", outcome_item=None))
        await session.execute(
            update(Appeal).where(Appeal.person == person, Appeal.state == AppealState.OPEN)
            .values(state=AppealState.VOID)
        )  # fmt: skip
        await session.execute(update(Appeal).where(Appeal.person == person).values(person=None, words=""))
        await session.execute(update(Appeal).where(Appeal.decided_by == person).values(decided_by=None))
        await session.execute(update(Decision).where(Decision.by == person).values(by=None))
        await session.execute(update(Decision).where(Decision.second == person).values(second=None))
        await session.execute(
            update(Case).where(Case.claimed_by == person).values(claimed_by=None, claimed_at=None)
        )

    async def _erase_author(self, session: AsyncSession, person: int) -> None:
        await session.execute(delete(Restriction).where(Restriction.person == person))
        rows = select(Case).where(Case.author == person).execution_options(populate_existing=True)
        about = (await session.scalars(rows)).all()
        ids = [case.item_id for case in about]
        statements = select(Decision.statement_item).where(Decision.case_item.in_(ids))
        told = [item for item in (await session.scalars(statements)).all() if item is not None]
        await self._forget(session, told)
        await session.execute(update(Decision).where(Decision.case_item.in_(ids)).values(statement_item=None))
        for case in about:
            case.author = None
            if not case.official:  # what staff said is the Treffpunkt's word, and stays to be decided about
                case.snapshot = {}
            if case.state in (CaseState.OPEN, CaseState.SECOND) and not case.official:
                case.state, case.ended_at = CaseState.VOID, self._clock.now()
                await session.flush()
                await self._audit.note(session, What.VOID, case.number)
            await session.flush()
            await self._cases.refresh(session, case)
            await self._appeals.refresh_of(session, case)

    async def _erase_context(self, session: AsyncSession, person: int) -> None:
        """What they said around somebody else's message. Runs while questions and posts still know whose they are."""
        own = await Own.of(session, person)
        rows = select(Case).where(Case.snapshot != {}).execution_options(populate_existing=True)
        for case in (await session.scalars(rows)).all():
            kept = own.without(case.snapshot)
            if kept == case.snapshot:
                continue
            case.snapshot = kept
            await session.flush()
            await self._cases.refresh(session, case)
            await self._appeals.refresh_of(session, case)

    async def erase_old(self, session: AsyncSession) -> None:
        """What was reported goes when nobody can appeal any more; the case half a year later."""
        now = self._clock.now()
        served = select(Case).where(Case.ended_at < now - CONTENT_LIFE, Case.snapshot != {})
        for case in (await session.scalars(served)).all():
            case.snapshot = {}
            appeals = select(Appeal.item_id).where(Appeal.case_item == case.item_id)
            await self._outbox.forget_items(session, [case.item_id, *(await session.scalars(appeals)).all()])
        await session.flush()
        for item in (
            await session.scalars(select(Case.item_id).where(Case.ended_at < now - CASE_LIFE))
        ).all():
            await self._erase_case(session, item)
        over = or_(Restriction.ended_at < now - CASE_LIFE, Restriction.until < now - CASE_LIFE)
        await session.execute(delete(Restriction).where(over))

    async def _erase_case(self, session: AsyncSession, case: int) -> None:
        pushed = [
            *(await session.scalars(select(Decision.statement_item).where(Decision.case_item == case))).all(),
            *(await session.scalars(select(Report.outcome_item).where(Report.case_item == case))).all(),
            *(await session.scalars(select(Appeal.item_id).where(Appeal.case_item == case))).all(),
        ]
        for table in (Appeal, Decision, Report):
            await session.execute(delete(table).where(table.case_item == case))
        await session.execute(delete(Case).where(Case.item_id == case))
        await self._forget(session, [case, *(item for item in pushed if item)])

    async def _forget(self, session: AsyncSession, items: Sequence[int | None]) -> None:
        gone = [item for item in items if item is not None]
        if gone:
            await self._outbox.forget_items(session, gone)
            await session.execute(delete(Item).where(Item.id.in_(gone)))
