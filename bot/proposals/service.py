"""Proposals, as the rest of the house uses them: use cases, what the clock asks for, and privacy."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.outbox import Outbox
from bot.items.guard import Guard
from bot.items.model import Item, ItemQuartier, ItemState
from bot.people.roles import Roles
from bot.people.service import People
from bot.posts.leaving.spread import Able
from bot.posts.model import PROPOSAL_KIND, Post, PostText
from bot.posts.service import DRAFT_LIFE, Posts
from bot.proposals.authoring import Authoring
from bot.proposals.model import REQUEST_KIND, WAITING, Proposal, Stage
from bot.proposals.pushing import Pushing
from bot.proposals.records import Records
from bot.proposals.reviewing import Reviewing
from bot.proposals.telling import Telling
from bot.quartiere.service import Quartiere

REQUEST_LIFE = timedelta(days=90)
"""How long is kept what was asked of reviewers and authors."""


class Proposals:
    """Wires the use cases. Each runs in the caller's transaction."""

    def __init__(
        self, clock: Clock, outbox: Outbox, people: People, roles: Roles, quartiere: Quartiere, posts: Posts,
        guard: Guard, able: Able,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._outbox = outbox
        self._posts = posts
        self._pushing = Pushing(clock, outbox, people, posts.voices, able)
        self.records = Records(roles, quartiere)
        self.telling = Telling(self.records, posts.voices, self._pushing)
        self.authoring = Authoring(clock, posts, self.records, self.telling, guard)
        self.reviewing = Reviewing(clock, posts, self.records, self.telling, guard)

    async def due(self, session: AsyncSession) -> None:
        """Tell authors what has become of their proposals: out, taken back, run out. Called by the alarm clock."""
        now = self._clock.now()
        released = select(Proposal.item_id).join(Item, Item.id == Proposal.item_id)
        released = released.join(Post, Post.item_id == Proposal.item_id).where(
            Proposal.stage == Stage.RELEASED
        )
        out = released.where(
            Proposal.told.is_(False), Item.state == ItemState.PUBLISHED, Item.published_at <= now
        )
        taken_back = released.where(Item.state == ItemState.WITHDRAWN)
        over = select(Proposal.item_id).join(Post, Post.item_id == Proposal.item_id)
        over = over.where(Proposal.stage.in_((*WAITING, Stage.RELEASED)), Post.until <= now)
        told, back, ended = [
            (await session.scalars(rows.order_by(Proposal.item_id))).all() for rows in (out, taken_back, over)
        ]
        # All of them now: none is locked once a number is taken.
        await self.records.hold(session, {*told, *back, *ended})
        for item in told:
            found = await self.records.find(session, item)
            # Another program may have told it, while we waited for its row. The same below.
            if found is not None and found.stage is Stage.RELEASED and not found.proposal.told:
                found.proposal.told = True
                await self.telling.is_out(session, found)
        for item in back:
            found = await self.records.find(session, item)
            if found is not None and found.stage is Stage.RELEASED:
                found.proposal.stage = Stage.TAKEN_BACK
                await self.telling.was_taken_back(session, found)
        for item in ended:
            found = await self.records.find(session, item)
            if found is not None and found.stage in (*WAITING, Stage.RELEASED):
                await self.telling.forget(session, found)
                await self.telling.ran_out(session, found)
                found.proposal.stage = Stage.ENDED
        await session.flush()

    async def export(self, session: AsyncSession, person_id: int) -> object:
        """What a person proposed and is no post yet, or never became one. Posts are exported as announcements."""
        rows = select(Proposal, Item).join(Item, Item.id == Proposal.item_id)
        rows = rows.where(Item.author == person_id).order_by(Item.id)
        found = []
        for proposal, item in (await session.execute(rows)).all():
            texts = await session.scalars(select(PostText).where(PostText.item_id == item.id))
            found.append(
                {
                    "at": item.created_at.isoformat(),
                    "stage": proposal.stage,
                    "published": item.kind != PROPOSAL_KIND,
                    "proposed_instead": proposal.words,
                    "texts": {text.language: [text.title, text.body] for text in texts},
                }
            )
        return found

    async def hold(self, session: AsyncSession, person_id: int) -> None:
        """Lock what erasing this person changes, except for the posts: those are locked with all others."""
        theirs = select(Proposal.item_id).join(Item, Item.id == Proposal.item_id)
        theirs = theirs.where(or_(Item.author == person_id, Proposal.reviewer == person_id))
        await session.execute(theirs.order_by(Proposal.item_id).with_for_update(of=Proposal))

    async def erase(self, session: AsyncSession, person_id: int) -> None:
        """What was not published goes; what was is taken back everywhere, and its words are forgotten."""
        mine = (
            select(Proposal.item_id).join(Item, Item.id == Proposal.item_id).where(Item.author == person_id)
        )
        unsent = []
        for item in (await session.scalars(mine.order_by(Proposal.item_id))).all():
            found = await self.records.find(session, item)
            if found is None:
                continue
            await self._pushing.take_back(session, found.proposal.requests)
            if found.post.item.kind == PROPOSAL_KIND:
                unsent.append(item)
                continue
            texts = list(found.post.post.rendered.values())
            if found.post.item.state == ItemState.PUBLISHED:
                await self._posts.corrections.take_back(session, found.post, None)
            await self._forget_words(session, item, texts)
        await self._delete(session, unsent)
        reviewed = update(Proposal).where(Proposal.reviewer == person_id)
        await session.execute(reviewed.values(reviewer=None))

    async def erase_old(self, session: AsyncSession) -> None:
        """Forget what was never published after `DRAFT_LIFE`, and what was asked about it after `REQUEST_LIFE`."""
        now = self._clock.now()
        unsent = select(Proposal.item_id).join(Item, Item.id == Proposal.item_id)
        unsent = unsent.where(
            Item.kind == PROPOSAL_KIND, Item.created_at < now - DRAFT_LIFE, Proposal.stage.not_in(WAITING)
        )
        await self.records.hold(session, (await session.scalars(unsent)).all())
        # Read anew: somebody may have submitted one of them while we waited for it.
        await self._delete(session, list((await session.scalars(unsent)).all()))
        asked = select(Item.id).where(Item.kind == REQUEST_KIND, Item.created_at < now - REQUEST_LIFE)
        ids = list((await session.scalars(asked)).all())
        if ids:
            await self._outbox.forget_items(session, ids)
            await session.execute(delete(Item).where(Item.id.in_(ids)))

    async def _delete(self, session: AsyncSession, ids: list[int]) -> None:
        if not ids:
            return
        await self._outbox.forget_items(session, ids)
        for table in (Proposal, PostText, Post, ItemQuartier):
            await session.execute(delete(table).where(table.item_id.in_(ids)))
        await session.execute(delete(Item).where(Item.id.in_(ids)))

    async def _forget_words(self, session: AsyncSession, item: int, texts: list[int]) -> None:
        """The copies are on their way back; nothing needs to know what they said."""
        empty = {"title": "", "body": ""}
        await session.execute(update(PostText).where(PostText.item_id == item).values(**empty))
        await session.execute(update(Post).where(Post.item_id == item).values(media=[], fields={}, place=""))
        await session.execute(delete(Proposal).where(Proposal.item_id == item))
        await self._pushing.blank(session, texts)
