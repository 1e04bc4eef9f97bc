"""Roles: invited by a one-time code, held with a scope, listed and taken back. Nobody looks up a platform's id."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, Ids
from bot.people.model import Grant, Invite, Role, Try
from bot.storage.portable import insert_new

CODE_LENGTH = 10
CODE_LIFE = timedelta(days=7)
MAX_TRIES = 5
TRY_WINDOW = timedelta(hours=1)


class TooManyTriesError(Exception):
    """This chat typed too many wrong codes; it may try again later."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role somebody holds."""

    grant: int
    person: int
    role: Role
    scope: int


class Roles:
    """Use cases of roles. Scope: a Treffpunkt (staff), a Quartier (moderator), 0 (coordinator), an organisation."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    async def invite(
        self, session: AsyncSession, role: Role, scope: int, *, life: timedelta = CODE_LIFE
    ) -> str:
        """A new one-time code. Only its hash is stored, so it is shown once."""
        code = self._ids.token(CODE_LENGTH)
        session.add(
            Invite(code_hash=_hash(code), role=role, scope=scope, expires_at=self._clock.now() + life)
        )
        await session.flush()
        return code

    async def redeem(self, session: AsyncSession, chat_id: int, person_id: int, code: str) -> Held | None:
        """Take up a role. None if the code is wrong, used or expired; raises `TooManyTriesError`."""
        now = self._clock.now()
        tries = await session.get(Try, chat_id)
        if tries is not None and now - tries.since > TRY_WINDOW:
            await session.delete(tries)
            await session.flush()
            tries = None
        if tries is not None and tries.count >= MAX_TRIES:
            raise TooManyTriesError
        # In one statement: of two who type it at once, one has it.
        use = update(Invite).where(
            Invite.code_hash == _hash(code), Invite.used_at.is_(None), Invite.expires_at > now
        )
        used = use.values(used_at=now).returning(Invite.role, Invite.scope)
        invite = (await session.execute(used.execution_options(synchronize_session=False))).first()
        if invite is None:
            if tries is None:
                session.add(Try(chat_id=chat_id, since=now, count=1))
            else:
                tries.count += 1
            await session.flush()
            return None
        return await self.grant(session, person_id, Role(invite.role), invite.scope)

    async def grant(self, session: AsyncSession, person_id: int, role: Role, scope: int) -> Held:
        """Give a role; giving it twice changes nothing."""
        same = select(Grant).where(Grant.person_id == person_id, Grant.role == role, Grant.scope == scope)
        now = self._clock.now()
        await insert_new(session, Grant, person_id=person_id, role=role, scope=scope, created_at=now)
        held = (await session.execute(same)).scalar_one()
        return Held(held.id, person_id, role, scope)

    async def held_by(self, session: AsyncSession, person_id: int) -> list[Held]:
        """What a person may do, now."""
        return await self._held(session, person_id=person_id)

    async def holders(self, session: AsyncSession, role: Role, scopes: Sequence[int]) -> list[Held]:
        """Who holds `role` for one of `scopes`."""
        return [held for held in await self._held(session) if held.role is role and held.scope in scopes]

    async def all(self, session: AsyncSession) -> list[Held]:
        """Every role held, in the order they were given."""
        return await self._held(session)

    async def revoke(self, session: AsyncSession, grant_id: int) -> bool:
        """Take a role back; False if nobody held it."""
        gone = await session.execute(delete(Grant).where(Grant.id == grant_id).returning(Grant.id))
        return gone.first() is not None

    async def erase_old(self, session: AsyncSession) -> None:
        """Forget used and expired codes and old tries."""
        now = self._clock.now()
        await session.execute(delete(Invite).where(or_(Invite.used_at.is_not(None), Invite.expires_at < now)))
        await session.execute(delete(Try).where(Try.since < now - TRY_WINDOW))

    async def _held(self, session: AsyncSession, *, person_id: int | None = None) -> list[Held]:
        current = or_(Grant.until.is_(None), Grant.until > self._clock.now())
        rows = select(Grant).where(current).order_by(Grant.id)
        if person_id is not None:
            rows = rows.where(Grant.person_id == person_id)
        return [
            Held(g.id, g.person_id, Role(g.role), g.scope) for g in (await session.execute(rows)).scalars()
        ]


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()
