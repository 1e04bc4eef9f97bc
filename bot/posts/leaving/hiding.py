"""Hidden by a decision, and restored when it was wrong. Works for every item that has copies, whatever it is.

Each copy's text is kept aside. Where a platform can't delete any more, a notice takes the place; restoring edits it
back, and sends anew only to those whose copy was deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, case, delete, exists, literal, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Outgoing
from bot.delivery.erase import IN_DOUBT
from bot.delivery.model import Delivery, Priority, State, StoredText
from bot.delivery.order import lock
from bot.delivery.outbox import Outbox
from bot.items.model import Item, ItemState
from bot.items.service import hold
from bot.language import M
from bot.people.audience import audience
from bot.people.model import Account, Subscription
from bot.posts.announcement import load
from bot.posts.hidden_model import HiddenCopy
from bot.posts.leaving import copies, digested
from bot.posts.leaving.mornings import mornings
from bot.posts.leaving.spread import Able
from bot.posts.model import Post
from bot.posts.voices import Voices
from bot.storage import UTCDateTime
from bot.storage.portable import insert_new_from


class Hiding:
    """Use cases of moderation on copies. Each runs in the caller's transaction; rights are the caller's to ask."""

    def __init__(
        self, clock: Clock, outbox: Outbox, voices: Voices, able: Able, zone: Callable[[], ZoneInfo]
    ) -> None:
        self._clock = clock
        self._outbox = outbox
        self._voices = voices
        self._able = able
        self._zone = zone

    async def hide(self, session: AsyncSession, item_id: int) -> tuple[int, int]:
        """Take every copy back. Returns how many people held one, and how many copies are overwritten instead."""
        item = await self._taken(session, item_id)
        if item is None or item.state != ItemState.PUBLISHED:
            return 0, 0
        item.state = ItemState.HIDDEN
        item.revision += 1
        await session.flush()
        held, overwritten = await self._take_back(session, item_id)
        for news in await self._news_of(session, item_id, ItemState.PUBLISHED):
            await self.hide(session, news)
        return held, overwritten

    async def restore(self, session: AsyncSession, item_id: int) -> bool:
        """Give it back to everybody who had it. False if it isn't hidden."""
        item = await self._taken(session, item_id)
        if item is None or item.state != ItemState.HIDDEN:
            return False
        item.state = ItemState.PUBLISHED
        item.revision += 1
        await session.flush()
        await self._give_back(session, item_id)
        await self._carry(session, item_id)
        for news in await self._news_of(session, item_id, ItemState.HIDDEN):
            await self.restore(session, news)
        return True

    async def hold(self, session: AsyncSession, item_id: int) -> None:
        """Lock all that hiding or restoring changes: before the step is logged, since the log takes a number."""
        news = select(Post.item_id).where(Post.follows == item_id)
        await hold(session, [item_id, *(await session.scalars(news)).all()])

    @staticmethod
    async def _taken(session: AsyncSession, item_id: int) -> Item | None:
        await hold(session, [item_id])
        await session.flush()
        return await session.get(Item, item_id, populate_existing=True)

    async def overwrite_refused(self, session: AsyncSession) -> None:
        """Copies whose deletion a platform refused after all say the notice from then on."""
        refused = exists().where(Delivery.item == Item.id, copies.REFUSED)
        hidden = select(Item.id).where(Item.state == ItemState.HIDDEN, refused)
        for item_id in (await session.scalars(hidden)).all():
            await self._overwrite(session, item_id, copies.REFUSED)

    async def _take_back(self, session: AsyncSession, item_id: int) -> tuple[int, int]:
        await session.execute(delete(HiddenCopy).where(HiddenCopy.item == item_id))
        kept = select(
            Delivery.id, literal(item_id, BigInteger), Delivery.wanted_text, Delivery.priority
        ).where(Delivery.item == item_id, Delivery.wanted_text.is_not(None))
        await insert_new_from(session, HiddenCopy, ["delivery_id", "item", "text", "priority"], kept)
        found = (await copies.figures(session, [item_id], ()))[item_id]
        late = copies.beyond_deletion(self._able(), self._clock.now())
        overwritten = await self._overwrite(session, item_id, late) if late is not None else 0
        texts = await self._texts(session, item_id)
        if texts:
            await self._outbox.replace(
                session, item=item_id, texts=dict.fromkeys(texts, None), priority=Priority.ALERT
            )
        return found.held, overwritten

    async def _overwrite(self, session: AsyncSession, item_id: int, which: Any) -> int:
        texts: dict[int, int] = {}
        for text, language in (await self._texts(session, item_id)).items():
            texts[text] = await self._outbox.store_text(session, self._notice(language), item=item_id)
        return await copies.overwrite(session, item_id, which, texts, self._clock.now())

    def _notice(self, language: str) -> Outgoing:
        render = self._voices.render(language)
        # Translators: stands in the place of a message that a moderator hid, where it can't be deleted.
        body = render.rich(M("posts.hidden_notice"))
        return Outgoing(body, language=render.language.tag, rtl=render.language.rtl)

    @staticmethod
    async def _texts(session: AsyncSession, item_id: int) -> dict[int, str]:
        """What its copies said, and in which language. Notices are not among them."""
        said = select(HiddenCopy.text).where(HiddenCopy.item == item_id).distinct()
        rows = select(StoredText.id, StoredText.language).where(StoredText.id.in_(said))
        return {row.id: row.language for row in (await session.execute(rows)).all()}

    async def _give_back(self, session: AsyncSession, item_id: int) -> None:
        now = self._clock.now()
        mine = HiddenCopy.item == item_id
        text = select(HiddenCopy.text).where(HiddenCopy.delivery_id == Delivery.id).scalar_subquery()
        priority = select(HiddenCopy.priority).where(HiddenCopy.delivery_id == Delivery.id).scalar_subquery()
        is_mine = Delivery.id.in_(select(HiddenCopy.delivery_id).where(mine))
        # Who said STOPP, before or since, is not written to anew.
        stopped = select(Account.chat_id).join(Subscription, Subscription.person_id == Account.person_id)
        stopped = stopped.where(Subscription.paused)
        is_out = Delivery.ref.is_not(None)
        stands = is_out & Delivery.held_text.is_not(None) & (Delivery.state != State.SENDING)
        may_get_it = stands | Delivery.chat_id.not_in(stopped)
        never_got_it = (Delivery.state == State.REJECTED) & ~is_out
        back = update(Delivery).where(is_mine, Delivery.state.in_(_CHANGEABLE), may_get_it, ~never_got_it)
        # A deletion that perhaps took effect, or one of the parts that are known of a copy in doubt.
        perhaps_deleted = (
            Delivery.state.in_((State.PENDING, State.UNSURE))
            & is_out
            & Delivery.wanted_text.is_(None)
            & (Delivery.attempts > 0)
        )
        await lock(session, is_mine)
        for chats, morning in await mornings(session, now, self._zone()):
            due = case(
                # An edit rings for nobody.
                (is_out & Delivery.held_text.is_not(None), literal(now, UTCDateTime())),
                (Delivery.due_at > literal(morning, UTCDateTime()), Delivery.due_at),
                else_=literal(morning, UTCDateTime()),
            )
            under_way = case(
                (Delivery.state.in_((State.SENDING, State.GONE)), Delivery.state),
                # Perhaps they have it: nothing rings twice for that.
                (IN_DOUBT | perhaps_deleted, State.UNSURE),
                else_=State.PENDING,
            )
            # What perhaps arrived stays a repeat, should it leave once more; a lost deletion is not forgotten.
            known = Delivery.held_text.is_not(None) & (Delivery.state != State.SENDING)
            attempts = case((known, 0), else_=Delivery.attempts)
            held = case((perhaps_deleted, null()), else_=Delivery.held_text)
            changed = back.where(Delivery.chat_id.in_(chats)).values(
                wanted_text=text,
                held_text=held,
                priority=priority,
                state=under_way,
                attempts=attempts,
                due_at=due,
            )
            await session.execute(changed.execution_options(synchronize_session=False))
        await session.execute(delete(HiddenCopy).where(mine))
        self._outbox.stir(session)

    @staticmethod
    async def _carry(session: AsyncSession, item_id: int) -> None:
        """While it was hidden, digests went past it: their readers hear of it in the next one."""
        post = await load(session, item_id)
        if post is not None and post.post.follows is None:
            readers = audience(post.quartiere).subquery()
            without = select(readers).where(readers.c.chat_id.not_in(copies.has_copy(item_id)))
            await digested.carry(session, post, without)

    @staticmethod
    async def _news_of(session: AsyncSession, item_id: int, state: ItemState) -> list[int]:
        news = select(Post.item_id).join(Item, Item.id == Post.item_id)
        news = news.where(Post.follows == item_id, Item.state == state).order_by(Post.item_id)
        return list((await session.scalars(news)).all())


_CHANGEABLE = (
    State.HELD, State.PENDING, State.SENDING, State.DROPPED, State.REJECTED, State.UNSURE, State.GONE,
)  # fmt: skip
