"""The news that something takes place after all: to those, and only those, who had read that it doesn't."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.items.model import Item, ItemState
from bot.items.service import next_publication_no
from bot.language import Languages, M, Name
from bot.people.audience import audience
from bot.posts.announcement import Announcement, put_text, set_quartiere
from bot.posts.kinds import Kind
from bot.posts.leaving.copies import holders
from bot.posts.leaving.spread import Spread
from bot.posts.model import ITEM_KIND, Origin, Post, Receipt
from bot.posts.timing import UNDO
from bot.posts.voices import Voices
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.occurrences import Occurrence


class TakesPlace:
    """Writes that news, a post of its own that follows the cancellation."""

    def __init__(self, clock: Clock, spread: Spread, voices: Voices, languages: Languages) -> None:
        self._clock = clock
        self._spread = spread
        self._voices = voices
        self._languages = languages

    async def tell(
        self, session: AsyncSession, person: int, cancellation: Announcement, found: Occurrence
    ) -> bool:
        """Tell those who hold the cancellation, 30 seconds from now, each at their pace. False if nobody does."""
        readers = audience([WHOLE_CITY]).subquery()
        held = select(readers).where(readers.c.chat_id.in_(holders(cancellation.id)))
        if (await session.execute(held.limit(1))).first() is None:
            return False
        news = await self._written(session, person, cancellation, found)
        await self._spread.copies(session, news, held, self._clock.now() + UNDO)
        return True

    async def _written(
        self, session: AsyncSession, person: int, cancellation: Announcement, found: Occurrence
    ) -> Announcement:
        now, leaves = self._clock.now(), self._clock.now() + UNDO
        item = Item(
            kind=ITEM_KIND, author=person, treffpunkt=cancellation.item.treffpunkt, revision=1,
            state=ItemState.PUBLISHED, publication_no=await next_publication_no(session), created_at=now,
            published_at=leaves,
        )  # fmt: skip
        session.add(item)
        await session.flush()
        post = Post(
            item_id=item.id, kind=Kind.EVENT, language=found.title.first, template=False, fields={},
            starts_at=found.starts_at, ends_at=found.ends_at, all_day=False, place=found.place, new_all_day=False,
            new_place="", cost="", alert=False, cancelled=False, due_at=leaves, sender=person,
            follows=cancellation.id, media=[], doubts=[], asked=[], rendered={}, receipt=Receipt.PUBLISHED,
        )  # fmt: skip
        session.add(post)
        news = Announcement(item, post, {}, ())
        for tag in (*self._languages.tags(), found.title.first):
            what = Name(found.title.pick(tag).text)
            # Translators: title of a short announcement to those who had read that {what} is cancelled.
            title = self._voices.render(tag).text(M("offers.back.title", what=what))
            put_text(session, news, tag, Origin.AUTHOR, title, "")
        await set_quartiere(session, news, cancellation.quartiere)
        return news
