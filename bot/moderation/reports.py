"""Reporting: one report opens a case, further ones join it. Nothing is ever hidden because of their number."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.items.model import ItemQuartier
from bot.language import strip_controls
from bot.moderation.audit import Audit, What
from bot.moderation.cases import Cases
from bot.moderation.errors import OwnError, TwiceError, UnknownError
from bot.moderation.jury import Jury
from bot.moderation.mail import Mail
from bot.moderation.model import CASE_KIND, Case, CaseState, Report
from bot.moderation.reported import Reported, Subjects
from bot.moderation.words import Reason
from bot.storage.portable import insert_new

MAX_WORDS = 500
"""Characters of what a reporter, author or moderator adds."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter is told."""

    number: int
    urgent: bool
    reached: bool
    """Whether there is anybody at present who may look at it."""


class Reports:
    """Use cases of reporters. Each runs in the caller's transaction."""

    def __init__(
        self, clock: Clock, subjects: Subjects, cases: Cases, jury: Jury, mail: Mail, audit: Audit
    ) -> None:
        self._clock = clock
        self._subjects = subjects
        self._cases = cases
        self._jury = jury
        self._mail = mail
        self._audit = audit

    async def check(self, session: AsyncSession, person: int, item_id: int) -> Reported:
        """What this person wants to report. Raises `UnknownError`, `OwnError`, `TwiceError`."""
        found = await self._subjects.of(session, item_id, person)
        if found is None:
            raise UnknownError
        if found.author == person:
            raise OwnError
        mine = select(Case.number).join(Report, Report.case_item == Case.item_id)
        mine = mine.where(Case.about == item_id, Report.reporter == person).order_by(Case.number.desc())
        before = (await session.scalars(mine.limit(1))).first()
        if before is not None:
            raise TwiceError(before)
        return found

    async def report(
        self, session: AsyncSession, person: int, item_id: int, reason: Reason, words: str = ""
    ) -> Receipt:
        """Report something. Raises what `check` raises."""
        found = await self.check(session, person, item_id)
        case, is_new = await self._case(session, found, urgent=reason is Reason.DANGER)
        became_urgent = reason is Reason.DANGER and not case.urgent
        case.urgent = case.urgent or became_urgent
        case.snapshot = found.snapshot
        await session.flush()
        session.add(
            Report(
                case_item=case.item_id,
                reporter=person,
                reason=reason,
                words=strip_controls(words).strip()[:MAX_WORDS],
                created_at=self._clock.now(),
            )
        )
        await session.flush()
        await self._audit.note(
            session, What.REPORTED if is_new else What.JOINED, case.number, reason=reason.value
        )
        if not is_new:
            await self._cases.refresh(session, case)
        if became_urgent:
            await self._cases.alert(session, case)
        await self._cases.bring(session, case)
        return Receipt(case.number, case.urgent, bool((await self._jury.of(session, case)).all))

    async def _case(self, session: AsyncSession, found: Reported, *, urgent: bool) -> tuple[Case, bool]:
        """The open case about this item, or a new one."""
        case = await self._open(session, found.item)
        if case is not None:
            return case, False
        item = await self._mail.item(session, CASE_KIND)
        level = await self._jury.level(session, found.author, found.quartiere)
        is_new = await insert_new(
            session,
            Case,
            item_id=item.id,
            number=item.publication_no,
            about=found.item,
            author=found.author,
            official=found.official,
            level=level,
            urgent=urgent,
            state=CaseState.OPEN,
            created_at=self._clock.now(),
            snapshot=found.snapshot,
        )
        if not is_new:
            await session.delete(item)  # somebody was faster: join theirs
        else:
            session.add_all(ItemQuartier(item_id=item.id, quartier=one) for one in found.quartiere)
        await session.flush()
        case = await self._open(session, found.item)
        if case is None:
            raise UnknownError
        return case, is_new

    @staticmethod
    async def _open(session: AsyncSession, item_id: int) -> Case | None:
        rows = select(Case).where(Case.about == item_id, Case.state.in_((CaseState.OPEN, CaseState.SECOND)))
        # Locked: it must not be decided while somebody joins it.
        rows = rows.with_for_update().execution_options(populate_existing=True)
        return (await session.scalars(rows)).first()
