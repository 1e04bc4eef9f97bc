"""Who may announce for whom. Asked again at the moment of each act: a role may have been taken back in between."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.people.model import Role
from bot.people.roles import Roles
from bot.posts.errors import NotAllowedError
from bot.quartiere.service import Quartiere

CITY = None
"""On whose behalf a coordinator may speak besides the Treffpunkte: the city itself."""


class Rights:
    """Answers from the roles people hold now."""

    def __init__(self, roles: Roles, quartiere: Quartiere) -> None:
        self._roles = roles
        self._quartiere = quartiere

    async def scopes(self, session: AsyncSession, person: int) -> list[int | None]:
        """For which Treffpunkte (and the city: None) this person may announce; empty without a role."""
        held = await self._roles.held_by(session, person)
        places = [place.id for place in await self._quartiere.treffpunkte(session)]
        if any(one.role is Role.COORDINATOR for one in held):
            return [*places, CITY]
        own = {one.scope for one in held if one.role is Role.STAFF}
        return [place for place in places if place in own]

    async def check(self, session: AsyncSession, person: int | None, treffpunkt: int | None) -> None:
        """Raises `NotAllowedError` unless this person may announce for this Treffpunkt now."""
        if person is None or treffpunkt not in await self.scopes(session, person):
            raise NotAllowedError

    async def others(
        self, session: AsyncSession, treffpunkt: int | None, *, besides: int | None
    ) -> Sequence[int]:
        """Who else could release an alert: staff of that Treffpunkt and the coordinators."""
        staff = await self._roles.holders(session, Role.STAFF, [treffpunkt]) if treffpunkt is not None else []
        held = [*staff, *await self._roles.holders(session, Role.COORDINATOR, [0])]
        return sorted({one.person for one in held} - {besides})
