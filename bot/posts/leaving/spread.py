"""Brings a post to its readers: each mix of languages rendered once, then one row per reader in one statement.

Who reads digests gets no row: the item waits for their next one, unless it takes place before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Subquery, bindparam, case, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Capabilities
from bot.delivery.model import Priority
from bot.delivery.outbox import Outbox
from bot.posts.announcement import Announcement
from bot.posts.leaving import digested
from bot.posts.leaving.digested import tellable
from bot.posts.leaving.reach import Timing, alone
from bot.posts.render import outgoing
from bot.posts.timing import over, takes_place
from bot.posts.voices import Voices
from bot.storage import Json, UTCDateTime

Able = Callable[[], Mapping[int, Capabilities]]
"""What the platform of each lane can do; asked each time, because platforms are built later and may stop."""


class Spread:
    """Writes copies."""

    def __init__(self, outbox: Outbox, voices: Voices, able: Able, zone: Callable[[], ZoneInfo]) -> None:
        self._outbox = outbox
        self._voices = voices
        self._able = able
        self._zone = zone

    def waits(self) -> frozenset[int]:
        """Lanes that ring for nobody."""
        return frozenset(lane for lane, able in self._able().items() if not able.pushes)

    async def ahead(self, session: AsyncSession, announcement: Announcement, now: datetime) -> int:
        """How many are to read it in a digest yet."""
        if not tellable(announcement, now, self._zone()):
            return 0
        return await digested.waiting(session, announcement, self.waits())

    def timing(self, announcement: Announcement, now: datetime) -> Timing:
        """What decides when each reader's copy leaves, if it leaves at `now` at the earliest."""
        post = announcement.post
        return Timing(now, self._zone(), takes_place(post, now), self.waits(), at_once=post.alert)

    async def copies(
        self, session: AsyncSession, announcement: Announcement, audience: Select[Any], now: datetime
    ) -> int:
        """One copy per reader of `audience` (the columns of `bot.people.audience`) who gets it by itself; returns how
        many. For everybody else it waits."""
        post = announcement.post
        everybody = audience.subquery()
        who = await alone(session, everybody, self.timing(announcement, now))
        prompt = select(everybody, who.due_at.label("due_at")).where(who.is_alone).subquery()
        waiting = select(everybody).where(~who.is_alone)
        await digested.carry(session, announcement, waiting)
        texts = await self._texts(session, announcement, prompt)
        if not texts:
            return 0
        row = select(
            prompt.c.chat_id,
            prompt.c.lane_id,
            prompt.c.quartier,
            _text_column(prompt, texts).label("wanted_text"),
            prompt.c.due_at,
            literal(over(post, self._zone()), UTCDateTime()).label("expires_at"),
        )
        priority = Priority.ALERT if post.alert else Priority.ANNOUNCEMENT
        return await self._outbox.enqueue(session, item=announcement.id, priority=priority, recipients=row)

    async def render_again(self, session: AsyncSession, announcement: Announcement) -> dict[int, int]:
        """Render every combination of languages anew; old and new text of each."""
        before = announcement.post.rendered
        await self._render(session, announcement, [key.split() for key in before])
        return {old: announcement.post.rendered[key] for key, old in before.items()}

    async def _texts(
        self, session: AsyncSession, announcement: Announcement, readers: Subquery
    ) -> dict[tuple[str, ...], int]:
        """The stored text of each combination of languages among the readers."""
        combinations = [tuple(tags) for tags in await session.scalars(select(readers.c.languages).distinct())]
        missing = [tags for tags in combinations if " ".join(tags) not in announcement.post.rendered]
        if missing:
            known = dict(announcement.post.rendered)
            await self._render(session, announcement, missing)
            announcement.post.rendered = {**known, **announcement.post.rendered}
        return {tags: announcement.post.rendered[" ".join(tags)] for tags in combinations}

    async def _render(
        self, session: AsyncSession, announcement: Announcement, combinations: Sequence[Sequence[str]]
    ) -> None:
        voice = await self._voices.of(session, announcement)
        item = announcement.item
        rendered: dict[str, int] = {}
        for tags in combinations:
            message = outgoing(self._voices.renders(tags), announcement, voice, item.publication_no)
            rendered[" ".join(tags)] = await self._outbox.store_text(
                session, message, item=item.id, revision=item.revision
            )
        announcement.post.rendered = rendered


def _text_column(readers: Subquery, texts: Mapping[tuple[str, ...], int]) -> ColumnElement[int]:
    whens = [
        (readers.c.languages == bindparam(None, list(tags), type_=Json, unique=True), text)
        for tags, text in texts.items()
    ]
    return case(*whens)
