"""Posts, as the rest of the house uses them: one door to drafting, sending, correcting, receipts and the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.outbox import Outbox
from bot.host import Section
from bot.items.guard import Guard, Open
from bot.items.model import Item, ItemQuartier, ItemState
from bot.items.service import hold
from bot.language import Languages, Renderer
from bot.people.roles import Roles
from bot.people.service import People
from bot.posts.announcement import Announcement, load
from bot.posts.drafting.drafts import Drafts
from bot.posts.drafting.preview import Preview, Previews
from bot.posts.leaving.again import Again
from bot.posts.leaving.approvals import Approvals
from bot.posts.leaving.corrections import Corrections
from bot.posts.leaving.publishing import Publishing
from bot.posts.leaving.receipts import Receipts
from bot.posts.leaving.senders import Senders
from bot.posts.leaving.spread import Able, Spread
from bot.posts.model import AGAIN_KIND, APPROVAL_KIND, ITEM_KIND, PROPOSAL_KIND, Post, PostText
from bot.posts.render import attachments, post_rich
from bot.posts.rights import Rights
from bot.posts.timing import NEWS_LIFE, over
from bot.posts.voices import Voices
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere

DRAFT_LIFE = timedelta(days=30)
"""How long what was never sent is kept."""

_IS_UNSENT = Item.state.in_((ItemState.DRAFT, ItemState.AWAITING, ItemState.SCHEDULED, ItemState.DISCARDED))

CountThanks = Callable[[AsyncSession, Collection[int]], Awaitable[Mapping[int, int]]]
"""How many said thanks for each of these items; a room above knows."""


async def _uncounted(session: AsyncSession, items: Collection[int]) -> Mapping[int, int]:
    return {}


def _no_page(_person: int) -> str:
    return ""


class Posts:
    """Wires the use cases of posts. `able`: what the platform of each lane can do; `zone`, `language`: the city's."""

    def __init__(
        self,
        clock: Clock,
        outbox: Outbox,
        people: People,
        roles: Roles,
        quartiere: Quartiere,
        languages: Languages,
        able: Able,
        zone: Callable[[], ZoneInfo],
        language: Callable[[], str],
        guard: Guard | None = None,
    ) -> None:
        self._clock = clock
        self._outbox = outbox
        self._zone = self.zone = zone
        self.thanks: CountThanks = _uncounted
        self.link: Callable[[int], str] = _no_page
        """The address at which a member of staff sees how their posts go, or "". Both set when the house is wired."""
        self.rights = Rights(roles, quartiere)
        self.voices = Voices(clock, quartiere, languages, zone, language)
        self.drafts = Drafts(clock, self.rights, quartiere, zone)
        senders = Senders(outbox, people, self.voices)
        self.spread = spread = Spread(outbox, self.voices, able, zone)
        self.corrections = Corrections(clock, outbox, self.rights, spread, self.voices, able, zone)
        approvals = Approvals(clock, self.rights, senders, self.voices)
        self.publishing = Publishing(
            clock, self.rights, spread, approvals, self.corrections, zone, guard or Open()
        )
        self.previews = Previews(clock, spread, self.voices, zone)
        self.again = Again(clock, outbox, self.rights, zone, guard or Open())
        self.receipts = Receipts(clock, senders, spread, self.corrections, self.again)

    async def find(self, session: AsyncSession, item_id: int) -> Announcement | None:
        """The post, whatever its state. What residents propose is no post yet."""
        found = await load(session, item_id)
        return found if found is not None and found.item.kind == ITEM_KIND else None

    async def preview(self, session: AsyncSession, draft: Announcement) -> Preview:
        """Everything staff must see before they send."""
        return await self.previews.of(session, draft)

    async def publish_due(self, session: AsyncSession, now: datetime) -> list[int]:
        """Publish what is scheduled until `now`. Called by the alarm clock; returns the items."""
        return await self.publishing.publish_due(session, now)

    async def receipts_due(self, session: AsyncSession) -> int:
        """Tell senders how it went. Called by the alarm clock; returns how many were told."""
        return await self.receipts.due(session)

    async def public(
        self, session: AsyncSession, quartiere: Collection[int], now: datetime, limit: int = 30
    ) -> list[Announcement]:
        """What pages show for these Quartiere (0: the whole city): sent, not withdrawn, not over. Newest first."""
        rows = (
            select(Item.id)
            .join(Post, Post.item_id == Item.id)
            .where(Item.kind == ITEM_KIND, Item.state == ItemState.PUBLISHED, Item.published_at <= now)
            .where(Post.follows.is_(None), _may_be_current(now))
            .order_by(Item.published_at.desc(), Item.id.desc())
        )
        if WHOLE_CITY not in quartiere:
            here = select(ItemQuartier.item_id).where(ItemQuartier.quartier.in_({*quartiere, WHOLE_CITY}))
            rows = rows.where(Item.id.in_(here))
        found: list[Announcement] = []
        for item_id in (await session.scalars(rows)).all():
            post = await load(session, item_id)
            if post is not None and self._is_current(post, now):
                found.append(post)
            if len(found) == limit:
                break
        return found

    async def announced(
        self, session: AsyncSession, quartiere: Sequence[int], render: Renderer
    ) -> list[Section]:
        """The same, rendered for a page."""
        return [
            Section(
                anchor=f"post-{post.id}",
                body=post_rich(render, post, await self.voices.of(session, post)),
                attachments=attachments(post),
                announced=post.item.published_at,
            )
            for post in await self.public(session, quartiere, self._clock.now())
        ]

    async def export(self, session: AsyncSession, person_id: int) -> object:
        """What a person wrote."""
        mine = select(Item.id).where(Item.author == person_id, Item.kind == ITEM_KIND).order_by(Item.id)
        found = [await load(session, item_id) for item_id in (await session.scalars(mine)).all()]
        return [
            {
                "at": post.item.created_at.isoformat(),
                "state": post.item.state,
                "texts": {tag: [text.title, text.body] for tag, text in post.texts.items()},
            }
            for post in found
            if post is not None
        ]

    async def hold(self, session: AsyncSession, person_id: int) -> None:
        """Lock what erasing this person changes: one of them may be leaving just now. What corrects another first."""
        mine = select(Item.id).join(Post, Post.item_id == Item.id, isouter=True)
        mine = mine.where(
            or_(Item.author == person_id, Post.sender == person_id, Post.approved_by == person_id)
        )
        for which in (_IS_UNSENT, ~_IS_UNSENT):
            found = mine.where(Item.kind.in_((ITEM_KIND, PROPOSAL_KIND)), which)
            await hold(session, (await session.scalars(found)).all())

    async def erase(self, session: AsyncSession, person_id: int) -> None:
        """Forget a person: their unsent drafts go, what was published stays the Treffpunkt's, without an author."""
        await self.hold(session, person_id)
        drafts = select(Item.id).where(Item.author == person_id, Item.kind == ITEM_KIND, _IS_UNSENT)
        ids = list((await session.scalars(drafts)).all())
        await self._outbox.forget_items(session, ids)
        for table in (PostText, Post, ItemQuartier):
            await session.execute(delete(table).where(table.item_id.in_(ids)))
        await session.execute(delete(Item).where(Item.id.in_(ids)))
        mine = update(Item).where(Item.author == person_id, Item.kind == ITEM_KIND)
        await session.execute(mine.values(author=None))
        await session.execute(update(Post).where(Post.sender == person_id).values(sender=None, receipt=None))
        await session.execute(update(Post).where(Post.approved_by == person_id).values(approved_by=None))

    async def erase_old(self, session: AsyncSession) -> None:
        """Forget drafts that nobody sent, what was discarded, and old requests and offers, after `DRAFT_LIFE`."""
        over = Item.created_at < self._clock.now() - DRAFT_LIFE
        unsent = (Item.kind == ITEM_KIND) & Item.state.in_((ItemState.DRAFT, ItemState.DISCARDED))
        old = select(Item.id).where(over, unsent | Item.kind.in_((APPROVAL_KIND, AGAIN_KIND)))
        await hold(session, (await session.scalars(old)).all())
        # Read anew: somebody may have sent one of them while we waited for it.
        ids = list((await session.scalars(old)).all())
        if ids:
            await self._outbox.forget_items(session, ids)
            await session.execute(delete(Item).where(Item.id.in_(ids)))

    async def media_in_use(self, session: AsyncSession) -> set[int]:
        """Files that posts refer to: whoever tidies stored files must keep them."""
        states = (ItemState.DISCARDED, ItemState.WITHDRAWN)
        rows = select(Post.media).join(Item, Item.id == Post.item_id).where(Item.state.not_in(states))
        return {file["media"] for files in await session.scalars(rows) for file in files}

    def _is_current(self, post: Announcement, now: datetime) -> bool:
        ends = over(post.post, self._zone())
        if ends is None:
            published = post.item.published_at
            return published is None or published + NEWS_LIFE > now
        return ends > now


def _may_be_current(now: datetime) -> ColumnElement[bool]:
    """Leaves out what is surely over, so that a page doesn't load the posts of years."""
    dates = (Post.starts_at, Post.ends_at, Post.new_starts_at, Post.new_ends_at, Post.until)
    recent = Item.published_at > now - NEWS_LIFE
    # A whole day ends up to a day after the moment that is stored.
    return or_(recent, *(column > now - timedelta(days=2) for column in dates))
