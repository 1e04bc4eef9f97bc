"""Cases: found by those who decide, brought to them, claimed by one of them, handed on, and shown as they stand now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Select, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.clock import Clock
from bot.contract import Choice, Rich
from bot.delivery.model import Delivery, Priority, StoredText
from bot.delivery.outbox import Outbox
from bot.items.model import Item
from bot.language import M, Renderer
from bot.moderation.audit import Audit, What
from bot.moderation.casefile import Casefile, case_choices, case_rich
from bot.moderation.errors import NobodyError, OverError, TakenError, UnknownError
from bot.moderation.house_rules import HouseRules
from bot.moderation.jury import Jury
from bot.moderation.mail import Mail
from bot.moderation.model import Case, CaseState, Decision, Level, Report, Standing
from bot.moderation.words import PATIENCE, URGENT_PATIENCE, Step
from bot.people.model import Account

_ENDED = (CaseState.DECIDED, CaseState.DISMISSED, CaseState.VOID)


class Cases:
    """Use cases of those who decide. Each runs in the caller's transaction."""

    def __init__(
        self, clock: Clock, outbox: Outbox, mail: Mail, jury: Jury, audit: Audit, rules: HouseRules
    ) -> None:
        self._clock = clock
        self._outbox = outbox
        self._mail = mail
        self._jury = jury
        self._audit = audit
        self._rules = rules

    # --- finding ---------------------------------------------------------------------------------------------

    async def seen(self, session: AsyncSession, person: int, item_id: int) -> Case:
        """The case, for somebody who may decide about it. Raises `UnknownError`."""
        case = await session.get(Case, item_id)
        if case is None or person not in await self._jury.of(session, case):
            raise UnknownError
        return case

    async def numbered(self, session: AsyncSession, person: int, number: int) -> Case:
        """The same, by its number."""
        found = await session.scalar(select(Case.item_id).where(Case.number == number))
        return await self.seen(session, person, found or 0)

    async def open(self, session: AsyncSession, person: int) -> list[Case]:
        """Open cases this person may decide about: urgent ones first, then the oldest."""
        rows = select(Case).where(Case.state.in_((CaseState.OPEN, CaseState.SECOND)))
        rows = rows.order_by(Case.urgent.desc(), Case.created_at, Case.item_id)
        found = (await session.scalars(rows)).all()
        return [case for case in found if person in await self._jury.of(session, case)]

    async def file(self, session: AsyncSession, case: Case, render: Renderer) -> Casefile:
        """Everything about it that a juror may know."""
        reports = select(Report).where(Report.case_item == case.item_id).order_by(Report.id)
        decision = await self.last_decision(session, case)
        reason = await self._rules.reason(session, render, decision) if decision is not None else ""
        return Casefile(
            case, (await session.scalars(reports)).all(), await self._before(session, case), decision, reason
        )

    async def last_decision(self, session: AsyncSession, case: Case) -> Decision | None:
        """What was decided or proposed last."""
        rows = select(Decision).where(Decision.case_item == case.item_id).order_by(Decision.id.desc())
        return (await session.scalars(rows.limit(1))).first()

    async def coordinates(self, session: AsyncSession, person: int) -> bool:
        return await self._jury.coordinates(session, person)

    async def moderates(self, session: AsyncSession, person: int) -> bool:
        return await self._jury.moderates(session, person)

    # --- bringing it to people -------------------------------------------------------------------------------

    async def bring(self, session: AsyncSession, case: Case, *, also: Collection[int] = ()) -> int:
        """To everybody on duty who has no copy yet; in danger to the coordinator too, at any hour. Returns how many."""
        jurors = await self._jury.of(session, case)
        wanted = set(jurors.duty) | (set(also) & jurors.all)
        if case.urgent:
            wanted |= jurors.coordinators
        item = await session.get_one(Item, case.item_id)
        brought = 0
        for person in sorted(wanted - set(await self.holders(session, case))):
            brought += await self._push(session, case, item, person)
        return brought

    async def alert(self, session: AsyncSession, case: Case) -> None:
        """A case that they have already has become urgent: an edit alone would ring for nobody."""
        jurors = await self._jury.of(session, case)
        # Translators: to moderators, at any hour: somebody says that a person is in danger. {number}: of the case.
        said = M("moderation.case.now_urgent", number=str(case.number))
        for person in sorted(set(await self.holders(session, case)) & jurors.all):
            await self._mail.tell(session, person, lambda render: render.rich(said), urgent=True)

    async def refresh(self, session: AsyncSession, case: Case) -> None:
        """Every copy says how the case stands now."""
        rows = (
            select(StoredText.id, Account.person_id, StoredText.language)
            .select_from(Delivery)
            .join(Account, Account.chat_id == Delivery.chat_id)
            .join(StoredText, StoredText.id == Delivery.wanted_text)
            .where(Delivery.item == case.item_id)
        )
        texts: dict[int, int | None] = {}
        for old, person, language in (await session.execute(rows)).all():
            render = self._mail.render(language)
            body, choices = await self._said(session, case, render, person)
            message = self._mail.message(render, case.number, body, choices)
            texts[old] = await self._outbox.store_text(session, message, item=case.item_id)
        if texts:
            await self._outbox.replace(session, item=case.item_id, texts=texts, priority=Priority.ALERT)

    async def said(
        self, session: AsyncSession, case: Case, render: Renderer, person: int
    ) -> tuple[Rich, list[Choice]]:
        """The case as this person sees it, with what they may do."""
        return await self._said(session, case, render, person)

    async def _said(
        self, session: AsyncSession, case: Case, render: Renderer, person: int
    ) -> tuple[Rich, list[Choice]]:
        file = await self.file(session, case, render)
        coordinates = await self.coordinates(session, person)
        decides = person in await self._jury.of(session, case)
        choices = case_choices(render, file, decides=decides, coordinates=coordinates)
        return case_rich(render, file, person, coordinates=coordinates), choices

    async def _push(self, session: AsyncSession, case: Case, item: Item, person: int) -> bool:
        said: dict[str, tuple[Rich, list[Choice]]] = {}
        # Written before, because what is pushed is rendered without waiting for anything.
        for language in {language for _, language in (await self._mail.chats(session, person)).values()}:
            render = self._mail.render(language)
            said[render.language.tag] = await self._said(session, case, render, person)
        return await self._mail.push(
            session,
            person,
            item,
            lambda render: said[render.language.tag][0],
            lambda render: said[render.language.tag][1],
            priority=Priority.ALERT,
            quiet=not case.urgent,
        )

    async def holders(self, session: AsyncSession, case: Case) -> list[int]:
        """Who has a copy."""
        rows = select(Account.person_id).join(Delivery, Delivery.chat_id == Account.chat_id)
        return list((await session.scalars(rows.where(Delivery.item == case.item_id))).all())

    # --- acts ------------------------------------------------------------------------------------------------

    async def claim(self, session: AsyncSession, person: int, item_id: int) -> Case:
        """This person looks after it. Raises `UnknownError`, `TakenError`, `OverError`."""
        case = await self.seen(session, person, item_id)
        claimed = update(Case).where(Case.item_id == item_id, *self.free_for(person, case))
        await self.take(session, case, claimed.values(claimed_by=person, claimed_at=self._clock.now()))
        await self._audit.note(session, What.CLAIMED, case.number, person)
        await self.refresh(session, case)
        return case

    def free_for(self, person: int, case: Case) -> tuple[Any, ...]:
        """Open, and claimed by nobody else for as long as a claim holds."""
        stale = self._clock.now() - (URGENT_PATIENCE if case.urgent else PATIENCE)
        free = or_(Case.claimed_by.is_(None), Case.claimed_by == person, Case.claimed_at < stale)
        return (Case.state == CaseState.OPEN, free)

    async def take(self, session: AsyncSession, case: Case, change: Any) -> None:
        """Do `change` if its condition still holds when it is this transaction's turn. Raises `TakenError`,
        `OverError`.
        """
        done = await session.execute(change.execution_options(synchronize_session=False))
        await session.refresh(case)
        if cast("CursorResult[Any]", done).rowcount == 1:
            return
        raise OverError if case.state in _ENDED else TakenError

    async def hold(self, session: AsyncSession, cases: Collection[int]) -> None:
        """Lock cases that this transaction will change: before its appeals, and before a number is taken."""
        rows = select(Case.item_id).where(Case.item_id.in_(cases)).order_by(Case.item_id)
        await session.execute(rows.with_for_update(key_share=True))

    async def hand_on(self, session: AsyncSession, person: int, item_id: int) -> Case:
        """It is the coordinator's from now on. Raises `NobodyError` if there is none who could."""
        case = await self.seen(session, person, item_id)
        if not (await self._jury.of(session, case)).coordinators:
            raise NobodyError
        change = update(Case).where(Case.item_id == item_id, *self.free_for(person, case))
        change = change.where(Case.level == Level.MODERATORS)
        await self.take(
            session, case, change.values(level=Level.COORDINATOR, claimed_by=None, claimed_at=None)
        )
        await self._audit.note(session, What.HANDED_ON, case.number, person)
        await self.refresh(session, case)
        await self.bring(session, case)
        return case

    # --- time ------------------------------------------------------------------------------------------------

    async def escalate_due(self, session: AsyncSession) -> None:
        """What nobody claimed in time, or no second person looked at, goes to the coordinator, once.

        What reached nobody so far is tried again.
        """
        now = self._clock.now()
        await self._free_forgotten(session, now)
        unclaimed = (Case.state == CaseState.OPEN) & Case.claimed_by.is_(None)
        waiting = select(Case).where(unclaimed)
        late = select(Case).where(
            or_(unclaimed, Case.state == CaseState.SECOND), _since(Case.created_at, now)
        )
        for case in (await session.scalars(_mine(late.where(Case.escalated_at.is_(None))))).all():
            case.escalated_at = now
            await session.flush()
            jurors = await self._jury.of(session, case)
            if await self.bring(session, case, also=jurors.coordinators):
                await self._audit.note(session, What.ESCALATED, case.number)
        nobody = ~exists().where(Delivery.item == Case.item_id)
        for case in (await session.scalars(_mine(waiting.where(nobody)))).all():
            await self.bring(session, case)

    async def _free_forgotten(self, session: AsyncSession, now: datetime) -> None:
        """A claim that nobody followed up ends: the others see the case as open again."""
        claimed = select(Case).where(Case.state == CaseState.OPEN, Case.claimed_by.is_not(None))
        for case in (await session.scalars(_mine(claimed.where(_since(Case.claimed_at, now))))).all():
            case.claimed_by = case.claimed_at = None
            await session.flush()
            await self.refresh(session, case)

    async def _before(self, session: AsyncSession, case: Case) -> int:
        if case.author is None:
            return 0
        found = (
            select(func.count())
            .select_from(Decision)
            .join(Case, Case.item_id == Decision.case_item)
            .where(Case.author == case.author, Case.item_id != case.item_id)
            .where(Decision.step != Step.DISMISS, Decision.state == Standing.IN_FORCE)
        )
        return (await session.scalar(found)) or 0


def _mine(cases: Select[Case]) -> Select[Case]:
    """To be worked on: what another program has in hand just now is left to it."""
    mine = cases.order_by(Case.item_id).with_for_update(key_share=True, skip_locked=True)
    return mine.execution_options(populate_existing=True)


def _since(
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None], now: datetime
) -> Any:
    """Cases for which `moment` is so long past that somebody else should look."""
    return or_(moment <= now - PATIENCE, Case.urgent.is_(True) & (moment <= now - URGENT_PATIENCE))
