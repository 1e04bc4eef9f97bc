"""Thanks are counted at once and told gathered: in the evening, as a number."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Outgoing
from bot.delivery.model import Priority
from bot.delivery.outbox import Outbox
from bot.items.model import ItemState
from bot.language import N, Name
from bot.people.pace import EVENING_HOUR, after_quiet
from bot.people.service import People
from bot.posts.announcement import Announcement
from bot.posts.service import Posts
from bot.storage.portable import insert_new
from bot.thanks.model import Thanks

KEEP = timedelta(days=90)
"""How long it is kept who said thanks: so long it can't be said twice."""


class ThanksService:
    """Use cases of thanks. Each runs in the caller's transaction."""

    def __init__(self, clock: Clock, outbox: Outbox, people: People, posts: Posts) -> None:
        self._clock = clock
        self._outbox = outbox
        self._people = people
        self._posts = posts

    async def say(self, session: AsyncSession, person: int, item: int) -> tuple[Announcement, bool] | None:
        """Say thanks. The post, and whether this was the first time; None if there is no such post (any more)."""
        now = self._clock.now()
        post = await self._posts.find(session, item)
        if post is None or not post.has_left(now):
            return None
        if post.post.source and post.post.until is not None and post.post.until <= now:
            return None  # a resident's post that ran out: its author is left in peace
        return post, await insert_new(session, Thanks, item_id=item, person_id=person, at=now, told=False)

    async def counts(self, session: AsyncSession, items: Collection[int]) -> dict[int, int]:
        """How many said thanks for each."""
        rows = select(Thanks.item_id, func.count()).where(Thanks.item_id.in_(items)).group_by(Thanks.item_id)
        return {row[0]: row[1] for row in (await session.execute(rows)).all()}

    async def due(self, session: AsyncSession) -> None:
        """Tell who wrote what was thanked for, in the evening after the first one. Called by the alarm clock."""
        now, zone = self._clock.now(), self._posts.zone()
        rows = select(Thanks.item_id, func.min(Thanks.at)).where(Thanks.told.is_(False))
        for item, first in (
            await session.execute(rows.group_by(Thanks.item_id).order_by(Thanks.item_id))
        ).all():
            local = first.astimezone(zone)
            evening = datetime.combine(local.date(), time(EVENING_HOUR), tzinfo=zone)
            if local >= evening:
                evening += timedelta(days=1)
            if now < evening:
                continue
            # Counted as they are marked: one that is said meanwhile is told the next time.
            telling = update(Thanks).where(Thanks.item_id == item, Thanks.told.is_(False)).values(told=True)
            said = (await session.scalars(telling.returning(Thanks.person_id))).all()
            if said:  # else another program has told them meanwhile
                await self._tell(session, item, len(said))

    async def export(self, session: AsyncSession, person_id: int) -> object:
        """For what the person said thanks."""
        rows = select(Thanks.item_id, Thanks.at).where(Thanks.person_id == person_id).order_by(Thanks.at)
        return [{"post": item, "at": at.isoformat()} for item, at in (await session.execute(rows)).all()]

    async def erase(self, session: AsyncSession, person_id: int) -> None:
        await session.execute(delete(Thanks).where(Thanks.person_id == person_id))

    async def erase_old(self, session: AsyncSession) -> None:
        """Forget who said thanks, after `KEEP`."""
        await session.execute(delete(Thanks).where(Thanks.at < self._clock.now() - KEEP))

    async def _tell(self, session: AsyncSession, item: int, count: int) -> None:
        post = await self._posts.find(session, item)
        if post is None or post.item.state != ItemState.PUBLISHED:
            return
        writer = post.item.author if post.post.source else (post.post.sender or post.item.author)
        if writer is not None and await self._people.stopped(session, [writer]):
            return
        for person, (chat_id, language) in (
            await self._people.chats(session, [writer] if writer is not None else [])
        ).items():
            render = self._posts.voices.render(language)
            # Translators: to whoever wrote a post: {n} people say thanks for it. {title}: of the post.
            body = render.rich(N("thanks.told", count, title=Name(post.original.title)))
            message = Outgoing(body, language=render.language.tag, rtl=render.language.rtl)
            habit = (await self._people.settings(session, person)).habit
            due = after_quiet(habit, self._clock.now(), self._posts.zone())
            await self._outbox.send(session, chat_id, message, priority=Priority.RELAY, due_at=due)
