"""What digests ask of posts: what there is to tell, who knows it already, and what is carried to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, Select, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.delivery.model import Delivery, Priority, State, TextItem
from bot.items.model import Item, ItemState
from bot.people.model import Account, Person
from bot.posts.announcement import Announcement, load_all
from bot.posts.carry_model import Carry
from bot.posts.leaving.digested import tellable
from bot.posts.model import ITEM_KIND, Post
from bot.posts.timing import NEWS_LIFE
from bot.storage.counter_model import PUBLICATION, reached

Pair = tuple[int, int]
"""A person and an item."""


async def mark(session: AsyncSession, now: datetime) -> int:
    """How far everything that has left reaches without a gap: what can still be undone is told later."""
    counter = await reached(session, PUBLICATION)
    undoable = select(func.min(Item.publication_no)).where(
        Item.kind == ITEM_KIND, Item.state == ItemState.PUBLISHED, Item.published_at > now
    )
    first = await session.scalar(undoable)
    return counter if first is None else min(counter, first - 1)


async def tellables(
    session: AsyncSession, now: datetime, zone: ZoneInfo, *, after: int, items: Collection[int]
) -> dict[int, Announcement]:
    """Posts that may be told: those with a number greater than `after`, and `items` whatever theirs."""
    dates = (Post.starts_at, Post.ends_at, Post.new_starts_at, Post.new_ends_at, Post.until)
    of_use = or_(Item.published_at > now - NEWS_LIFE, *(date > now - timedelta(days=2) for date in dates))
    fresh = (Item.publication_no > after) & Post.follows.is_(None) & of_use
    rows = (
        select(Item.id)
        .join(Post, Post.item_id == Item.id)
        .where(Item.kind == ITEM_KIND, Item.state == ItemState.PUBLISHED, Item.published_at <= now)
        .where(or_(fresh, Item.id.in_(items)))
        .order_by(Item.publication_no)
    )
    ids = (await session.scalars(rows)).all()
    posts = await load_all(session, ids)
    return {item: posts[item] for item in ids if item in posts and tellable(posts[item], now, zone)}


async def known(session: AsyncSession, items: Collection[int]) -> set[Pair]:
    """Who has a copy of one of these, or was told of it in a digest, though it is beyond their mark."""
    mine: Any = select(Account.person_id, Delivery.item).where(Delivery.item.in_(items))
    told: Any = select(Account.person_id, TextItem.item).where(TextItem.item.in_(items))
    own = mine.join(Delivery, Delivery.chat_id == Account.chat_id)
    told = told.join(Delivery, Delivery.chat_id == Account.chat_id)
    told = told.join_from(Delivery, TextItem, TextItem.text == Delivery.wanted_text)
    found: set[Pair] = set()
    for rows, item in ((own, Delivery.item), (told, TextItem.item)):
        ahead = rows.join(Person, Person.id == Account.person_id).join(Item, Item.id == item)
        ahead = ahead.where(Item.publication_no > Person.digest_mark)
        found.update((row[0], row[1]) for row in (await session.execute(ahead)).all())
    return found


async def carried(session: AsyncSession) -> set[Pair]:
    """What is carried to people and hasn't reached them in another way meanwhile."""
    own, told = _own(Carry.person_id, Carry.item_id), _told(Carry.person_id, Carry.item_id)
    rows = select(Carry.person_id, Carry.item_id).where(~exists(own), ~exists(told))
    return {(person, item) for person, item in (await session.execute(rows)).all()}


async def unsure(session: AsyncSession, now: datetime) -> set[Pair]:
    """Announcements of which nobody knows whether they arrived, and no digest has told since."""
    copy = aliased(Delivery)
    told = _told(Account.person_id, copy.item)
    rows = (
        select(Account.person_id, copy.item)
        .join(copy, copy.chat_id == Account.chat_id)
        .join(Item, Item.id == copy.item)
        # Spelled out for the partial index.
        .where(copy.state == State.UNSURE.value, copy.priority == Priority.ANNOUNCEMENT, ~exists(told))
        .where(Item.kind == ITEM_KIND, Item.state == ItemState.PUBLISHED, Item.published_at <= now)
    )
    return {(person, item) for person, item in (await session.execute(rows)).all() if item is not None}


async def carry_no_more(session: AsyncSession, told: Iterable[Pair]) -> None:
    """These have been told."""
    by_item: dict[int, list[int]] = {}
    for person, item in told:
        by_item.setdefault(item, []).append(person)
    for item, people in by_item.items():
        for start in range(0, len(people), 5000):
            some = people[start : start + 5000]
            await session.execute(delete(Carry).where(Carry.item_id == item, Carry.person_id.in_(some)))


async def carried_to(session: AsyncSession, person: int) -> list[int]:
    """The items that wait for one person."""
    return list((await session.scalars(select(Carry.item_id).where(Carry.person_id == person))).all())


async def forget_carried(session: AsyncSession, person: int) -> None:
    await session.execute(delete(Carry).where(Carry.person_id == person))


async def erase_old_carried(session: AsyncSession, now: datetime) -> int:
    """What was taken back or is long past will never be told."""
    past = select(Item.id).where(
        or_(
            # What is hidden may be restored.
            Item.state.not_in((ItemState.PUBLISHED, ItemState.HIDDEN)),
            Item.published_at < now - timedelta(days=90),
        )
    )
    gone = await session.execute(delete(Carry).where(Carry.item_id.in_(past)))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def _own(person: object, item: object) -> Select[int]:
    copy, account = aliased(Delivery), aliased(Account)
    rows = select(copy.id).join(account, account.chat_id == copy.chat_id)
    return rows.where(account.person_id == person, copy.item == item)


def _told(person: object, item: object) -> Select[int]:
    copy, account = aliased(Delivery), aliased(Account)
    rows = select(copy.id).join(account, account.chat_id == copy.chat_id)
    rows = rows.join(TextItem, TextItem.text == copy.wanted_text)
    return rows.where(account.person_id == person, TextItem.item == item)
