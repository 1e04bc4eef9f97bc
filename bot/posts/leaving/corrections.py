"""What was published, changed everywhere or taken back everywhere.

A correction changes every copy. What people must not miss (cancelled, another date or place) is also sent anew, as a
short post of its own, to all who hold the old one. Where a platform can't delete any more, a notice takes the place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.outbox import Outbox
from bot.items.model import Item, ItemState
from bot.items.service import hold, hold_publications, next_publication_no
from bot.people.audience import audience
from bot.posts.announcement import Announcement, copy_content, load, put_text, set_quartiere, take
from bot.posts.errors import WrongStateError
from bot.posts.kinds import Kind
from bot.posts.leaving import copies
from bot.posts.leaving.spread import Able, Spread
from bot.posts.model import ITEM_KIND, Origin, Post, Receipt
from bot.posts.render import notice
from bot.posts.rights import Rights
from bot.posts.timing import over
from bot.posts.voices import Voices
from bot.quartiere.model import WHOLE_CITY


class Corrections:
    """Use cases after publication. Each runs in the caller's transaction."""

    def __init__(
        self, clock: Clock, outbox: Outbox, rights: Rights, spread: Spread, voices: Voices, able: Able,
        zone: Callable[[], ZoneInfo],
    ) -> None:  # fmt: skip
        self._clock = clock
        self._outbox = outbox
        self._rights = rights
        self._spread = spread
        self._voices = voices
        self._able = able
        self._zone = zone

    async def apply(self, session: AsyncSession, draft: Announcement, now: datetime) -> None:
        """Make the published post say what its correction says. The draft has served then."""
        post = await take(session, draft.post.corrects or 0)
        draft.item.state = ItemState.DISCARDED
        if post is None or post.item.state != ItemState.PUBLISHED:
            return
        # Before its copies: who says STOPP meanwhile waits here, and loses those that are new, too.
        await hold_publications(session)
        before = _Date.of(post.post)
        was_cancelled = post.post.cancelled
        post.item.revision += 1
        post.post.sender = draft.post.sender
        await copy_content(session, draft, post)
        await self._spread_again(session, post, now)
        if post.post.cancelled and not was_cancelled:
            await self._send_news(session, post, Kind.CANCELLED, before, now)
        elif before.moved_to(_Date.of(post.post)):
            await self._send_news(session, post, Kind.MOVED, before, now)

    async def withdraw(self, session: AsyncSession, person: int, item_id: int) -> tuple[int, int]:
        """Take it back everywhere. Returns how many copies are held, and how many of them can only be overwritten."""
        post = await load(session, item_id)
        if post is None:
            raise WrongStateError
        await self._rights.check(session, person, post.item.treffpunkt)
        return await self.take_back(session, post, person)

    async def take_back(
        self, session: AsyncSession, post: Announcement, person: int | None
    ) -> tuple[int, int]:
        """As `withdraw`, where somebody else than staff may: `person` hears how it went; None: nobody does."""
        await self.hold(session, post.id)
        found = await take(session, post.id)
        if found is None or found.item.state != ItemState.PUBLISHED:
            raise WrongStateError
        post = found
        now, item_id = self._clock.now(), post.id
        post.item.state = ItemState.WITHDRAWN
        post.item.revision += 1
        post.post.sender, post.post.receipt = person, Receipt.WITHDRAWN
        await copies.remove_unsent(session, item_id)
        count = (await copies.figures(session, [item_id], self._spread.waits()))[item_id]
        late = copies.beyond_deletion(self._able(), now)
        overwritten = 0
        if late is not None:
            overwritten = await self._overwrite(session, post, late, now)
        await self._replace(session, item_id, dict.fromkeys(post.post.rendered.values(), None))
        for news in await self._news_of(session, item_id):
            followed = await load(session, news)
            if followed is None:
                continue
            await self.take_back(session, followed, person)
            # One act, one receipt: of what followed nobody is told apart.
            await session.execute(update(Post).where(Post.item_id == news).values(sender=None))
        return count.held + count.web - count.digest, overwritten

    async def hold(self, session: AsyncSession, item_id: int) -> None:
        """Lock all that taking a post back changes: itself and the news that follow it, then what tells readers."""
        news = select(Post.item_id).where(Post.follows == item_id)
        await hold(session, [item_id, *(await session.scalars(news)).all()])
        await hold_publications(session)

    async def refresh(self, session: AsyncSession, post: Announcement) -> None:
        """Every copy says what the post says by now; nobody hears of it anew."""
        post = await take(session, post.id) or post
        await hold_publications(session)
        post.item.revision += 1
        await self._replace(session, post.id, await self._spread.render_again(session, post))

    async def refused(self, session: AsyncSession) -> list[int]:
        """Posts that were taken back, with copies whose deletion a platform refused after all."""
        withdrawn = select(Item.id).where(Item.kind == ITEM_KIND, Item.state == ItemState.WITHDRAWN)
        waiting = withdrawn.join(Post, Post.item_id == Item.id).where(Post.receipt == Receipt.WITHDRAWN)
        found = (await session.scalars(waiting.order_by(Item.id))).all()
        return [item_id for item_id in found if await copies.refused_deletion(session, item_id)]

    async def overwrite_refused(self, session: AsyncSession, refused: Collection[int], now: datetime) -> None:
        """Those copies say the notice from then on."""
        for item_id in refused:
            post = await take(session, item_id)
            if post is not None and await copies.refused_deletion(session, item_id):
                await self._overwrite(session, post, copies.REFUSED, now)

    async def _overwrite(self, session: AsyncSession, post: Announcement, which: Any, now: datetime) -> int:
        """Put a notice in the place of copies that stay."""
        voice = await self._voices.of(session, post)
        texts = {}
        for tags, old in post.post.rendered.items():
            message = notice(self._voices.renders(tags.split())[0], post, voice)
            texts[old] = await self._outbox.store_text(
                session, message, item=post.id, revision=post.item.revision
            )
        return await copies.overwrite(session, post.id, which, texts, now)

    async def _spread_again(self, session: AsyncSession, post: Announcement, now: datetime) -> None:
        """Held copies are edited; whoever has none yet gets it at the moment that is right now, also new readers."""
        await copies.remove_unsent(session, post.id)
        texts = await self._spread.render_again(session, post)
        await self._replace(session, post.id, texts)
        ends = over(post.post, self._zone())
        if post.post.cancelled or (ends is not None and ends <= now):
            return  # nobody needs to hear anew of what doesn't take place
        await self._spread.copies(session, post, _without_copy(post), max(now, post.post.due_at or now))

    async def _replace(self, session: AsyncSession, item: int, texts: Mapping[int, int | None]) -> None:
        if texts:  # without readers nothing was rendered
            await self._outbox.replace(session, item=item, texts=texts)

    async def _send_news(
        self, session: AsyncSession, post: Announcement, kind: Kind, before: _Date, now: datetime
    ) -> None:
        """A short post of its own to all who hold the old one."""
        news = await self._news(session, post, kind, before, now)
        held = copies.holders(post.id)
        readers = audience([WHOLE_CITY]).subquery()
        await self._spread.copies(session, news, select(readers).where(readers.c.chat_id.in_(held)), now)

    async def _news(
        self, session: AsyncSession, about: Announcement, kind: Kind, before: _Date, now: datetime
    ) -> Announcement:
        item = Item(
            kind=ITEM_KIND, author=about.item.author, treffpunkt=about.item.treffpunkt, revision=1,
            state=ItemState.PUBLISHED, publication_no=await next_publication_no(session), created_at=now,
            published_at=now,
        )  # fmt: skip
        session.add(item)
        await session.flush()
        there, after = about.post, _Date.of(about.post)
        new_time = (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at)
        new_place = before.place != after.place
        post = Post(
            item_id=item.id, kind=kind, language=there.language, template=True, follows=about.id,
            fields=dict(there.fields), starts_at=before.starts_at, ends_at=before.ends_at, all_day=before.all_day,
            place=before.place, cost="", alert=there.alert, cancelled=False, sender=there.sender, due_at=now,
            new_starts_at=after.starts_at if kind is Kind.MOVED and new_time else None,
            new_ends_at=after.ends_at if kind is Kind.MOVED and new_time else None,
            new_all_day=after.all_day, new_place=after.place if kind is Kind.MOVED and new_place else "",
            media=[], doubts=[], asked=[], rendered={},
        )  # fmt: skip
        session.add(post)
        news = Announcement(item, post, {}, ())
        for tag, text in about.texts.items():
            if about.is_fresh(text):
                put_text(session, news, tag, Origin(text.origin), text.title, "")
        await set_quartiere(session, news, about.quartiere)
        return news

    @staticmethod
    async def _news_of(session: AsyncSession, item_id: int) -> list[int]:
        news = select(Post.item_id).join(Item, Item.id == Post.item_id)
        news = news.where(Post.follows == item_id, Item.state == ItemState.PUBLISHED)
        return list((await session.scalars(news.order_by(Post.item_id))).all())


def _without_copy(post: Announcement) -> Select[Any]:
    readers = audience(post.quartiere).subquery()
    return select(readers).where(readers.c.chat_id.not_in(copies.has_copy(post.id)))


@dataclass(frozen=True, slots=True)
class _Date:
    """When and where something is to be; after it moved, where it moved to."""

    starts_at: datetime | None
    ends_at: datetime | None
    all_day: bool
    place: str

    @classmethod
    def of(cls, post: Post) -> _Date:
        place = post.new_place or post.place
        if post.new_starts_at is not None:
            return cls(post.new_starts_at, post.new_ends_at, post.new_all_day, place)
        return cls(post.starts_at, post.ends_at, post.all_day, place)

    def moved_to(self, after: _Date) -> bool:
        """Whether people who knew this would come at the wrong time or to the wrong place."""
        known = self.starts_at is not None
        at_another_time = known and (self.starts_at, self.all_day) != (after.starts_at, after.all_day)
        return at_another_time or (bool(self.place) and self.place != after.place)
