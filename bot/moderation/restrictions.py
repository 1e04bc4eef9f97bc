"""Who may not write at present. Fills the port `Guard`; a restriction ends by itself when its time is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.items.guard import Silence
from bot.moderation.model import Restriction


class Restrictions:
    """Use cases of restrictions."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def silence(self, session: AsyncSession, person: int) -> Silence | None:
        """Why this person may not speak now: the longest restriction counts. None if they may."""
        held = await self.of(session, person)
        if not held:
            return None
        longest = max(held, key=lambda one: (one.until is None, one.until or one.since))
        return Silence(longest.case_number, longest.until)

    async def of(self, session: AsyncSession, person: int) -> list[Restriction]:
        """What restricts this person now."""
        rows = select(Restriction).where(Restriction.person == person, *self._in_force())
        return list((await session.scalars(rows.order_by(Restriction.id))).all())

    async def impose(
        self,
        session: AsyncSession,
        person: int,
        kind: str,
        until: datetime | None,
        *,
        case: int,
        decision: int,
    ) -> None:
        """From now on this person may not write."""
        now = self._clock.now()
        session.add(
            Restriction(person=person, kind=kind, case_number=case, decision=decision, since=now, until=until)
        )
        await session.flush()

    async def lift(self, session: AsyncSession, decision: int) -> list[Restriction]:
        """End what a decision brought about. Returns what was still in force."""
        rows = select(Restriction).where(Restriction.decision == decision, *self._in_force())
        return await self._end(session, list((await session.scalars(rows)).all()))

    async def end_due(self, session: AsyncSession) -> list[Restriction]:
        """Note the end of what is over. Returns it, so that the people can be told."""
        over = select(Restriction).where(
            Restriction.ended_at.is_(None), Restriction.until <= self._clock.now()
        )
        # What another program ends just now is its to tell.
        over = over.order_by(Restriction.id).with_for_update(skip_locked=True)
        return await self._end(session, list((await session.scalars(over)).all()))

    async def _end(self, session: AsyncSession, found: list[Restriction]) -> list[Restriction]:
        for one in found:
            one.ended_at = self._clock.now()
        await session.flush()
        return found

    def _in_force(self) -> tuple[ColumnElement[bool], ...]:
        lasts = or_(Restriction.until.is_(None), Restriction.until > self._clock.now())
        return (Restriction.ended_at.is_(None), lasts)
