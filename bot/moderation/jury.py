"""Who decides about a case: asked again at every act. Nobody decides about their own words or their own report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.moderation.model import Appeal, Case, Decision, Level, Report
from bot.moderation.reported import quartiere_of
from bot.people.model import Role
from bot.people.roles import Held, Roles
from bot.quartiere.model import WHOLE_CITY


@dataclass(frozen=True, slots=True)
class Jurors:
    """Everybody who may decide about a case now."""

    moderators: frozenset[int]
    coordinators: frozenset[int]

    @property
    def all(self) -> frozenset[int]:
        return self.moderators | self.coordinators

    @property
    def duty(self) -> frozenset[int]:
        """Whom it goes to: the moderators; the coordinators where there are none."""
        return self.moderators or self.coordinators

    def __contains__(self, person: int) -> bool:
        return person in self.all


class Jury:
    """Answers from the roles people hold now."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    async def level(self, session: AsyncSession, author: int | None, quartiere: Iterable[int]) -> Level:
        """Cases about one of the moderators or the coordinator, and those of the whole city, go to the coordinator."""
        held = await self._roles.held_by(session, author) if author is not None else []
        decides = any(one.role in (Role.MODERATOR, Role.COORDINATOR) for one in held)
        return Level.COORDINATOR if decides or WHOLE_CITY in quartiere else Level.MODERATORS

    async def of(self, session: AsyncSession, case: Case, *, besides: Iterable[int | None] = ()) -> Jurors:
        """Who decides about it, but for its author, its reporters and `besides`."""
        left_out = {case.author, *await self._reporters(session, case), *besides}
        quartiere = await quartiere_of(session, case.item_id)
        held = await self._roles.all(session)
        moderators = {one.person for one in held if one.role is Role.MODERATOR and one.scope in quartiere}
        if case.level != Level.MODERATORS:
            moderators = set()
        return Jurors(frozenset(moderators - left_out), frozenset(_coordinators(held) - left_out))

    async def of_appeal(self, session: AsyncSession, case: Case) -> Jurors:
        """The same for its appeals: whoever decided about it before, or about an appeal, doesn't again."""
        decided = (
            await session.execute(
                select(Decision.by, Decision.second).where(Decision.case_item == case.item_id)
            )
        ).all()
        appeals = select(Appeal.decided_by).where(Appeal.case_item == case.item_id)
        besides = {person for row in decided for person in row} | set((await session.scalars(appeals)).all())
        return await self.of(session, case, besides=besides)

    async def moderates(self, session: AsyncSession, person: int) -> bool:
        """Whether this person has anything to do with cases."""
        held = await self._roles.held_by(session, person)
        return any(one.role in (Role.MODERATOR, Role.COORDINATOR) for one in held)

    async def coordinates(self, session: AsyncSession, person: int) -> bool:
        return any(one.role is Role.COORDINATOR for one in await self._roles.held_by(session, person))

    @staticmethod
    async def _reporters(session: AsyncSession, case: Case) -> set[int | None]:
        return set(
            (await session.scalars(select(Report.reporter).where(Report.case_item == case.item_id))).all()
        )


def _coordinators(held: Iterable[Held]) -> set[int]:
    return {one.person for one in held if one.role is Role.COORDINATOR}
