"""A proposal with its post, found and locked; and who may review it. What all use cases of proposals begin with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.items.model import Item
from bot.items.service import hold
from bot.people.model import Role
from bot.people.roles import Roles
from bot.posts.announcement import Announcement, load
from bot.posts.errors import NotAllowedError, PostError
from bot.proposals.model import Proposal, Stage
from bot.quartiere.model import WHOLE_CITY, Treffpunkt
from bot.quartiere.service import Quartiere


class TooManyError(PostError):
    """So many are waiting already (`weekly` False), or were sent in a week."""

    def __init__(self, limit: int, *, weekly: bool) -> None:
        super().__init__(f"at most {limit}")
        self.limit = limit
        self.weekly = weekly


@dataclass(slots=True)
class Found:
    """A proposal and its post; the rows are live."""

    post: Announcement
    proposal: Proposal

    @property
    def id(self) -> int:
        return self.post.id

    @property
    def title(self) -> str:
        return self.post.original.title

    @property
    def stage(self) -> Stage:
        return Stage(self.proposal.stage)

    @property
    def key(self) -> str:
        """Item and revision, as choices carry them."""
        return f"{self.id}.{self.post.item.revision}"


class Records:
    """Finds proposals, and the people who review them."""

    def __init__(self, roles: Roles, quartiere: Quartiere) -> None:
        self._roles = roles
        self._quartiere = quartiere

    async def find(self, session: AsyncSession, item_id: int) -> Found | None:
        """Locked where rows can be: of two who tap at once, the second reads what the first has done."""
        await self.hold(session, [item_id])
        return await self._found(session, select(Proposal).where(Proposal.item_id == item_id), item_id)

    @staticmethod
    async def hold(session: AsyncSession, items: Collection[int]) -> None:
        """Lock some with their posts, without reading them yet: before a number is taken, and all in one order."""
        if items:
            rows = select(Proposal.item_id).where(Proposal.item_id.in_(items)).order_by(Proposal.item_id)
            await session.execute(rows.with_for_update())
            await hold(session, items)

    async def _found(self, session: AsyncSession, rows: Select[Proposal], item_id: int) -> Found | None:
        proposal = (await session.scalars(rows.execution_options(populate_existing=True))).one_or_none()
        post = await load(session, item_id, anew=True) if proposal is not None else None
        return Found(post, proposal) if post is not None and proposal is not None else None

    async def mine(self, session: AsyncSession, person: int, item_id: int) -> Found:
        """The author's own. Raises `NotAllowedError`, also for what doesn't exist."""
        found = await self.find(session, item_id)
        if found is None or found.post.item.author != person:
            raise NotAllowedError
        return found

    async def of(self, session: AsyncSession, person: int, limit: int = 8) -> list[Found]:
        """The newest of an author."""
        rows = select(Proposal.item_id).join(Item, Item.id == Proposal.item_id)
        rows = rows.where(Item.author == person).order_by(Proposal.item_id.desc()).limit(limit)
        return await self.shown(session, (await session.scalars(rows)).all())

    async def shown(self, session: AsyncSession, items: Sequence[int]) -> list[Found]:
        """Some to be listed, not to be changed: a list holds nobody up."""
        rows = [(item, select(Proposal).where(Proposal.item_id == item)) for item in items]
        found = [await self._found(session, row, item) for item, row in rows]
        return [one for one in found if one is not None]

    async def reviewers(self, session: AsyncSession, found: Found) -> dict[int, int | None]:
        """Who may release it, and on behalf of which Treffpunkt (None: the city). Never its author."""
        places = [place.id for place in await self._places(session, found.post.quartiere)]
        staff = await self._roles.holders(session, Role.STAFF, places)
        who: dict[int, int | None] = {}
        for one in sorted(staff, key=lambda held: places.index(held.scope), reverse=True):
            who[one.person] = one.scope
        who.pop(found.post.item.author or 0, None)
        if not who:
            coordinators = await self._roles.holders(session, Role.COORDINATOR, [0])
            who = {one.person: None for one in coordinators if one.person != found.post.item.author}
        return who

    async def reviewed_by(self, session: AsyncSession, person: int) -> bool:
        """Whether this person may review anything at all."""
        held = {one.role for one in await self._roles.held_by(session, person)}
        return bool(held & {Role.STAFF, Role.COORDINATOR})

    async def organisations(self, session: AsyncSession, person: int) -> dict[int, str]:
        """For which organisations this person may speak now."""
        held = {
            one.scope for one in await self._roles.held_by(session, person) if one.role is Role.ORGANISATION
        }
        return {one.id: one.name for one in await self._quartiere.organisations(session) if one.id in held}

    async def _places(self, session: AsyncSession, quartiere: Sequence[int]) -> list[Treffpunkt]:
        """The Treffpunkte whose staff may release it: of the whole city none, there the coordinator does."""
        if WHOLE_CITY in quartiere:
            return []
        return [
            place for place in await self._quartiere.treffpunkte(session) if place.quartier_id in quartiere
        ]
