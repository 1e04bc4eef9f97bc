"""What a post has to do with digests that are still to come: who will read it there, and for whom it is carried."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.items.model import ItemState
from bot.people.audience import audience
from bot.posts.announcement import Announcement
from bot.posts.carry_model import Carry
from bot.posts.leaving.copies import has_copy
from bot.posts.timing import NEWS_LIFE, over
from bot.quartiere.model import WHOLE_CITY
from bot.storage.portable import insert_new_from


def tellable(announcement: Announcement, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a digest may tell of it now or later: sent, still of use, and no alert, which has reached everybody."""
    post = announcement.post
    if (
        announcement.item.state != ItemState.PUBLISHED
        or post.alert
        or post.cancelled
        or post.corrects is not None
    ):
        return False
    ends, published = over(post, zone), announcement.item.published_at
    return ends > now if ends is not None else published is None or published + NEWS_LIFE > now


async def carry(session: AsyncSession, announcement: Announcement, readers: Select[Any]) -> None:
    """Note it for those whose next digest would not find it by itself: their mark is beyond it, or it is news of a
    change, which is for those alone who knew."""
    rows = readers.subquery()
    wanted = select(rows.c.person_id, literal(announcement.id, BigInteger))
    if announcement.post.follows is None:
        wanted = wanted.where(rows.c.digest_mark >= (announcement.item.publication_no or 0))
    await insert_new_from(session, Carry, ["person_id", "item_id"], wanted)


async def waiting(session: AsyncSession, announcement: Announcement, waits: Collection[int]) -> int:
    """How many are to read it in a digest yet; `waits`: lanes that ring for nobody, which have no digests."""
    readers = audience([WHOLE_CITY] if announcement.post.follows else announcement.quartiere).subquery()
    carried = exists().where(Carry.person_id == readers.c.person_id, Carry.item_id == announcement.id)
    ahead: ColumnElement[bool] = carried
    if announcement.post.follows is None:
        ahead = or_(carried, readers.c.digest_mark < (announcement.item.publication_no or 0))
    count = select(func.count()).select_from(readers).where(ahead, readers.c.lane_id.not_in(waits))
    return (
        await session.execute(count.where(readers.c.chat_id.not_in(has_copy(announcement.id))))
    ).scalar_one()
