"""What the sender hears afterwards: how many have it, wait for it, could not get it. Worked out from the rows alone,
so a receipt that was due while the program was down is sent when it is back, once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import ceil

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Choice, Rich
from bot.delivery.model import Priority
from bot.items.model import Item, ItemState
from bot.items.service import hold, hold_publications, next_publication_no
from bot.language import M, Msg, N, Name, Renderer
from bot.posts.announcement import Announcement, load, take
from bot.posts.leaving import copies
from bot.posts.leaving.again import Again
from bot.posts.leaving.copies import Figures
from bot.posts.leaving.corrections import Corrections
from bot.posts.leaving.senders import Senders
from bot.posts.leaving.spread import Spread
from bot.posts.model import AGAIN_KIND, ITEM_KIND, Post, Receipt
from bot.posts.render import stacked


class Receipts:
    """Writes receipts."""

    def __init__(
        self, clock: Clock, senders: Senders, spread: Spread, corrections: Corrections, again: Again
    ) -> None:
        self._again = again
        self._clock = clock
        self._senders = senders
        self._spread = spread
        self._corrections = corrections

    async def due(self, session: AsyncSession) -> int:
        """Tell every sender whose copies have ended as far as they were due. Returns how many were told."""
        now = self._clock.now()
        refused = await self._corrections.refused(session)
        waiting = select(Post.item_id).where(Post.receipt.is_not(None), Post.due_at <= now)
        ended = [
            item_id
            for item_id in (await session.scalars(waiting.order_by(Post.item_id))).all()
            if not await self._is_under_way(session, item_id, now)
        ]
        # All of them now: no item is locked once a number is taken.
        await hold(session, {*refused, *ended})
        if refused:
            await hold_publications(session)
        await self._corrections.overwrite_refused(session, refused, now)
        told = 0
        for item_id in ended:
            if not await self._is_under_way(session, item_id, now):  # it may be so again by now
                told += await self._tell(session, item_id)
        return told

    async def figures(self, session: AsyncSession, items: list[int]) -> dict[int, Figures]:
        """Figures of posts, for `/posts`."""
        now = self._clock.now()
        found = await copies.figures(session, items, self._spread.waits(), now)
        for item_id in items:
            post = await load(session, item_id)
            if post is not None:
                ahead = await self._spread.ahead(session, post, now)
                found[item_id] = replace(found[item_id], waiting=found[item_id].waiting + ahead)
        return found

    async def latest(
        self,
        session: AsyncSession,
        treffpunkte: list[int | None],
        *,
        drafts_of: int | None = None,
        limit: int = 6,
    ) -> list[Announcement]:
        """The last posts of these Treffpunkte that left, will leave or wait for release, and the drafts of one person;
        newest first."""
        places = [place for place in treffpunkte if place is not None]
        mine: ColumnElement[bool] = Item.treffpunkt.in_(places)
        if None in treffpunkte:
            mine = mine | Item.treffpunkt.is_(None)
        shown = (ItemState.PUBLISHED, ItemState.SCHEDULED, ItemState.AWAITING, ItemState.WITHDRAWN)
        own_draft = (Item.state == ItemState.DRAFT) & (Item.author == drafts_of)
        rows = (
            select(Item.id)
            .join(Post, Post.item_id == Item.id)
            .where(Item.kind == ITEM_KIND, mine, Item.state.in_(shown) | own_draft)
            .where(Post.follows.is_(None), Post.corrects.is_(None))
            .order_by(Item.id.desc())
            .limit(limit)
        )
        found = [await load(session, item_id) for item_id in (await session.scalars(rows)).all()]
        return [post for post in found if post is not None and post.original.title]

    async def _is_under_way(self, session: AsyncSession, item_id: int, now: datetime) -> bool:
        post = await session.get(Post, item_id)
        items = [item_id]
        if post is not None and post.receipt == Receipt.WITHDRAWN:
            items += await self._news(session, item_id)
        for item in items:
            if await copies.is_under_way(session, item, now):
                return True
        return False

    @staticmethod
    async def _news(session: AsyncSession, item_id: int) -> list[int]:
        """The short news that followed a post and were taken back with it."""
        news = select(Post.item_id).join(Item, Item.id == Post.item_id)
        news = news.where(Post.follows == item_id, Item.state == ItemState.WITHDRAWN)
        return list((await session.scalars(news)).all())

    async def _with_news(self, session: AsyncSession, item_id: int, count: Figures) -> Figures:
        """What is left of a post that was taken back, and of the short news that followed it."""
        found = await self.figures(session, await self._news(session, item_id))
        return replace(
            count,
            held=count.held + sum(one.held for one in found.values()),
            web=count.web + sum(one.web for one in found.values()),
            digest=count.digest + sum(one.digest for one in found.values()),
        )

    async def _tell(self, session: AsyncSession, item_id: int) -> bool:
        post = await take(session, item_id)
        if post is None or post.post.receipt is None:
            return False  # somebody else has told it
        kind, post.post.receipt = post.post.receipt, None
        count = (await self.figures(session, [item_id]))[item_id]
        title = post.original.title
        if kind == Receipt.WITHDRAWN:
            count = await self._with_news(session, item_id, count)
            return await self._senders.tell(
                session, post.post.sender, lambda render: withdrawn_rich(render, count, title)
            )
        if (await self._again.doubt(session, post)).copies and post.post.sender is not None:
            return await self._offer_again(session, post, post.post.sender, count)
        return await self._senders.tell(session, post.post.sender, lambda render: receipt_rich(render, count))

    async def _offer_again(
        self, session: AsyncSession, post: Announcement, sender: int, count: Figures
    ) -> bool:
        """The receipt with a choice below it, and a number to type for it."""
        now, number = self._clock.now(), await next_publication_no(session)
        offer = Item(
            kind=AGAIN_KIND, author=None, treffpunkt=post.item.treffpunkt, state=ItemState.PUBLISHED,
            revision=1, publication_no=number, created_at=now, published_at=now,
        )  # fmt: skip
        session.add(offer)
        await session.flush()
        choice = f"post.again:{post.id}.0"
        asked = await self._senders.ask(
            session,
            [sender],
            offer.id,
            number,
            lambda render: receipt_rich(render, count),
            lambda render: [Choice(render.text(again_button()), choice)],
            priority=Priority.REPLY,
        )
        return asked > 0


def receipt_rich(render: Renderer, count: Figures) -> Rich:
    """ "30 von 31 haben es. 1 Person hat mich blockiert, sie zählt ab jetzt nicht mehr mit. /posts zeigt alles." """
    ended = count.held + count.gone + count.rejected + count.unsure
    said: list[Msg] = []
    if ended:
        # Translators: to the sender. {n}: how many it should have reached by now; {held}: how many of them have it.
        said.append(N("posts.receipt.held", ended, held=count.held))
    said += _rest(count)
    if not said:
        # Translators: to the sender: nobody reads there yet, so it stands on the page alone.
        said.append(M("posts.receipt.nobody"))
    # Translators: at the end of the receipt: the command that lists the last posts.
    return stacked(render, [*said, M("posts.receipt.more")])


def again_button() -> Msg:
    # Translators: button: send the announcement once more to those of whom nobody knows whether they have it.
    return M("posts.button.again")


def figures_lines(count: Figures) -> list[Msg]:
    """The figures of one post in the list of `/posts`."""
    # Translators: figures of a post. {n}: how many people have it.
    lines = [N("posts.figures.held", count.held)]
    if count.due and count.left is not None:
        minutes = ceil(count.left / 60) or 1
        # Translators: figures of a post that is being sent just now: how long it takes yet. {n}: minutes, 1 or more.
        lines.append(N("posts.figures.left", minutes))
    return [*lines, *_rest(count)]


def pace_lines(count: Figures) -> list[Msg]:
    """How fast it goes, while it does."""
    # Translators: figures of a post that is being sent just now: {n} people got it within the last minute.
    return [N("posts.figures.lately", count.lately)] if count.due else []


def headline(post: Announcement) -> Msg:
    """One line for a post: its title, and where it stands."""
    title = Name(post.original.title)
    moment = post.post.due_at or post.item.created_at
    # Translators: one announcement in the list: title, and when it was sent, will be; or a draft, waiting, taken back.
    return {
        ItemState.PUBLISHED: M("posts.list.published", title=title, moment=moment),
        ItemState.SCHEDULED: M("posts.list.scheduled", title=title, moment=moment),
        ItemState.AWAITING: M("posts.list.awaiting", title=title),
        ItemState.DRAFT: M("posts.list.draft", title=title),
    }.get(ItemState(post.item.state), M("posts.list.withdrawn", title=title))


def withdrawn_rich(render: Renderer, count: Figures, title: str) -> Rich:
    """What is left after a post was taken back."""
    left = count.held + count.web - count.digest
    # Translators: to the sender: every copy of the withdrawn post is gone. {title}.
    said = [M("posts.receipt.withdrawn", title=Name(title))]
    if left:
        # Translators: some copies could not be deleted; they now say that the post was withdrawn. {n}, {title}.
        said = [N("posts.receipt.withdrawn_left", left, title=Name(title))]
    if count.digest:
        # Translators: added to the above: {n} people had read of it in their evening or weekly overview, which stays.
        said.append(N("posts.receipt.withdrawn_digest", count.digest))
    if count.unsure:
        said.append(N("posts.figures.unsure", count.unsure))
    return stacked(render, said)


def _rest(count: Figures) -> list[Msg]:
    # Translators: more figures of a post, {n} people each: wait for their slot; blocked us; could not get it; perhaps
    # got it; have it or will find it in the page's chat.
    found = [
        (count.waiting, N("posts.figures.waiting", count.waiting)),
        (count.gone, N("posts.figures.gone", count.gone)),
        (count.rejected, N("posts.figures.rejected", count.rejected)),
        (count.unsure, N("posts.figures.unsure", count.unsure)),
        (count.web + count.web_waiting, N("posts.figures.web", count.web + count.web_waiting)),
    ]
    return [message for number, message in found if number]
