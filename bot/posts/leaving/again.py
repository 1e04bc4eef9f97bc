"""Sent once more, because its sender wants it: copies of which nobody knows whether they arrived.

By itself nothing is sent twice (decision 0010); a digest carries it to these people in the evening. Whoever can't wait
for that decides, knowing that some will get it twice, and it says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, CursorResult, and_, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.delivery.model import Delivery, State, TextItem
from bot.delivery.order import lock
from bot.delivery.outbox import Outbox
from bot.items.guard import Guard
from bot.items.model import ItemState
from bot.items.service import hold_publications
from bot.people.audience import audience
from bot.posts.announcement import Announcement, take
from bot.posts.errors import MutedError, TooLateError, WrongStateError
from bot.posts.leaving.mornings import mornings
from bot.posts.model import Receipt
from bot.posts.rights import Rights
from bot.posts.timing import over
from bot.quartiere.model import WHOLE_CITY


@dataclass(frozen=True, slots=True)
class Doubt:
    """Copies that can be sent once more. `stamp` changes each time they are: an older tap means others."""

    copies: int = 0
    stamp: int = 0


class Again:
    """Use cases. Each runs in the caller's transaction."""

    def __init__(
        self, clock: Clock, outbox: Outbox, rights: Rights, zone: Callable[[], ZoneInfo], guard: Guard
    ) -> None:
        self._clock = clock
        self._outbox = outbox
        self._rights = rights
        self._zone = zone
        self._guard = guard

    async def doubt(self, session: AsyncSession, post: Announcement) -> Doubt:
        """What could be sent once more; nothing once it is over, taken back, or a digest has told it."""
        if post.item.state != ItemState.PUBLISHED or self._is_over(post):
            return Doubt()
        found = select(func.count(), func.coalesce(func.sum(Delivery.changes), 0))
        count, changes = (await session.execute(found.where(_in_doubt(post.id, self._clock.now())))).one()
        return Doubt(count, int(changes))

    async def send(self, session: AsyncSession, person: int, item_id: int, stamp: int) -> int:
        """Send it once more to exactly these; returns how many. At night it waits for the morning, unless it warns.

        Raises `WrongStateError` (sent again already, taken back), `TooLateError`, `NotAllowedError`, `MutedError`.
        """
        post = await take(session, item_id)
        if post is None:
            raise WrongStateError
        await self._rights.check(session, person, post.item.treffpunkt)
        silence = await self._guard.silence(session, person)
        if silence is not None:
            raise MutedError(silence)
        if self._is_over(post):
            raise TooLateError
        # A digest that is being written just now may tell the same people: its copies are counted then.
        await hold_publications(session)
        if (await self.doubt(session, post)).stamp != stamp:
            raise WrongStateError
        sent = await self._queue(session, post)
        if not sent:
            raise WrongStateError
        post.post.sender, post.post.receipt = person, Receipt.PUBLISHED
        await session.flush()
        self._outbox.stir(session)
        return sent

    async def _queue(self, session: AsyncSession, post: Announcement) -> int:
        now, sent = self._clock.now(), 0
        await lock(session, _in_doubt(post.id, now))
        for chats, morning in await mornings(session, now, self._zone()):
            # One attempt is behind them: what goes out says that it is a repeat, and is left alone if it is lost again.
            again = update(Delivery).values(
                state=State.PENDING, attempts=1, changes=Delivery.changes + 1,
                due_at=now if post.post.alert else morning,
            )  # fmt: skip
            again = again.where(_in_doubt(post.id, now), Delivery.chat_id.in_(chats))
            result = await session.execute(again.execution_options(synchronize_session=False))
            sent += cast("CursorResult[Any]", result).rowcount
        return sent

    def _is_over(self, post: Announcement) -> bool:
        ends = over(post.post, self._zone())
        return ends is not None and ends <= self._clock.now()


def _in_doubt(item: int, now: datetime) -> ColumnElement[bool]:
    """Nobody knows whether they arrived, and whom they are for still reads, and was not told in a digest since."""
    readers = audience([WHOLE_CITY]).subquery()
    told = aliased(Delivery)
    in_digest = select(told.id).join(TextItem, TextItem.text == told.wanted_text)
    in_digest = in_digest.where(TextItem.item == item, told.chat_id == Delivery.chat_id)
    return and_(
        Delivery.item == item,
        Delivery.state == literal_column("'unsure'"),  # in these words for the partial index
        Delivery.wanted_text.is_not(None),
        Delivery.held_text.is_(None),
        or_(Delivery.expires_at.is_(None), Delivery.expires_at > now),
        Delivery.chat_id.in_(select(readers.c.chat_id)),
        ~in_digest.exists(),
    )
