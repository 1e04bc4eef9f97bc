"""What can be reported, who wrote it, for whom it is, and what stands around it: read once, kept with the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.model import Delivery
from bot.items.model import Item, ItemQuartier, ItemState
from bot.moderation.contexts import title_and_words
from bot.people.model import Account
from bot.posts.announcement import Announcement, load
from bot.posts.service import Posts
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere
from bot.questions.model import Direction, Message
from bot.questions.service import Questions

AROUND = 2
"""How many messages before and after a reported one are shown."""


@dataclass(frozen=True, slots=True)
class Reported:
    """An item somebody reports."""

    item: int
    author: int | None
    official: bool
    quartiere: tuple[int, ...]
    snapshot: dict[str, Any]


def is_official(post: Announcement) -> bool:
    """Whether a Treffpunkt or the city speaks, and not a resident or an organisation that it released."""
    return not post.post.source


class Subjects:
    """Reads what is reported."""

    def __init__(self, clock: Clock, posts: Posts, questions: Questions, quartiere: Quartiere) -> None:
        self._clock = clock
        self._posts = posts
        self._questions = questions
        self._quartiere = quartiere

    async def of(self, session: AsyncSession, item_id: int, reader: int | None = None) -> Reported | None:
        """What there is to report, for this reader; None for what isn't there, or isn't theirs to see."""
        item = await session.get(Item, item_id)
        if item is None or item.state != ItemState.PUBLISHED:
            return None
        post = await load(session, item_id)
        if post is not None:
            return await self._post(post) if post.has_left(self._clock.now()) else None
        message = await self._questions.message(session, item_id)
        if message is None or (reader is not None and not await _holds(session, item_id, reader)):
            return None
        return await self._message(session, item, message)

    async def _post(self, post: Announcement) -> Reported:
        official = is_official(post)
        author = post.item.author if not official else post.post.sender or post.item.author
        text = post.original
        snapshot = {
            "kind": "post",
            "at": (post.item.published_at or post.item.created_at).isoformat(),
            "title": text.title,
            "text": text.body,
        }
        return Reported(post.id, author, official, post.quartiere or (WHOLE_CITY,), snapshot)

    async def _message(self, session: AsyncSession, item: Item, message: Message) -> Reported:
        post = await load(session, message.about) if message.about is not None else None
        is_answer = message.direction == Direction.ANSWER
        official = is_answer and (post is None or is_official(post))
        snapshot = {
            "kind": message.direction,
            "at": message.created_at.isoformat(),
            "title": "",
            "text": message.text,
            "about": title_and_words(post.original.title, post.original.body) if post else "",
            "about_by": post.item.author if post is not None and not is_official(post) else None,
            "around": await self._around(session, message),
        }
        quartiere = await self._quartiere_of(session, post, message.treffpunkt)
        return Reported(item.id, item.author, official, quartiere, snapshot)

    async def _quartiere_of(
        self, session: AsyncSession, post: Announcement | None, treffpunkt: int | None
    ) -> tuple[int, ...]:
        if post is not None and post.quartiere:
            return post.quartiere
        place = await self._quartiere.treffpunkt(session, treffpunkt) if treffpunkt is not None else None
        return (place.quartier_id,) if place is not None else (WHOLE_CITY,)

    @staticmethod
    async def _around(session: AsyncSession, message: Message) -> list[dict[str, Any]]:
        """The conversation before and after, without the message itself. `by`: whose the words are, so that they go
        with that person; None: the Treffpunkt's.
        """
        if message.asker is None:
            return []
        same = select(Message).where(Message.about == message.about, Message.asker == message.asker)
        before = same.where(Message.item_id < message.item_id).order_by(Message.item_id.desc())
        after = same.where(Message.item_id > message.item_id).order_by(Message.item_id)
        found = [
            *reversed((await session.scalars(before.limit(AROUND))).all()),
            message,
            *(await session.scalars(after.limit(AROUND))).all(),
        ]
        return [
            {
                "kind": one.direction,
                "text": "" if one is message else one.text,
                "this": str(one is message),
                "item": one.item_id,
                "by": await _speaker(session, one),
            }
            for one in found
        ]


async def _speaker(session: AsyncSession, message: Message) -> int | None:
    """Whose the words are; None for an answer that a Treffpunkt gave."""
    if message.direction == Direction.QUESTION:
        return message.asker
    item = await session.get(Item, message.item_id) if message.neighbour else None
    return item.author if item is not None else None


async def _holds(session: AsyncSession, item_id: int, person: int) -> bool:
    """Whether this person has a copy of it."""
    mine = select(Delivery.id).join(Account, Account.chat_id == Delivery.chat_id)
    found = mine.where(Delivery.item == item_id, Account.person_id == person, Delivery.held_text.is_not(None))
    return (await session.scalar(found.limit(1))) is not None


async def quartiere_of(session: AsyncSession, item_id: int) -> tuple[int, ...]:
    """For which Quartiere an item is."""
    rows = select(ItemQuartier.quartier).where(ItemQuartier.item_id == item_id)
    return tuple((await session.scalars(rows.order_by(ItemQuartier.quartier))).all())
