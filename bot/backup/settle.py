"""What a restored database must be told before it runs: time went on without it, and the world saw things it forgot.

Between the backup and now the old database may have sent what is still waiting in this one. Nobody knows. So the
restored rows are put where the house keeps what it doesn't know, and the rules for that decide (decision 0016).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.chats import lane_for
from bot.delivery.erase import LEAVES, erase_messages
from bot.delivery.model import AdapterValue, Delivery, State
from bot.digests.skipping import skip
from bot.items.model import Item, ItemState
from bot.posts.model import Post
from bot.quartiere.service import Quartiere
from bot.storage import Base
from bot.storage.counter_model import PUBLICATION, Counter
from bot.thanks.model import Thanks
from bot.watch.tell import RESTORED

AHEAD = 1_000_000
"""Ids that may have been given out since the backup, generously. Platforms and people's buttons remember them."""
AHEAD_SHOWN = 1_000
"""The same for numbers that people read and type."""
_SHOWN = frozenset({"grant"})


@dataclass(frozen=True, slots=True)
class Settled:
    """What was found waiting in the backup."""

    unsure: int
    """Copies that may have gone out since: they are treated as after a crash."""
    answers: int
    """Answers to people that were dropped: what they answered is long past."""
    drafts: int
    """Announcements that may have left since: they are drafts again."""


async def settle(session: AsyncSession, taken_at: datetime, clock: Clock) -> Settled:
    """Make a restored, current database ready to run now."""
    now = clock.now()
    city = await Quartiere(clock).city(session)
    if city is not None:
        await skip(session, taken_at, now, city.zone)
    on_the_way = Delivery.state.in_((State.PENDING, State.SENDING))
    answers = await erase_messages(session, on_the_way)
    unsure = await _count(
        session,
        update(Delivery)
        .where(LEAVES, Delivery.due_at <= now, Delivery.wanted_text.is_not(None))
        .values(state=State.SENDING, sending_text=Delivery.wanted_text),
    )
    drafts = await _back_to_draft(session, now)
    # Who wrote a post has probably heard of these thanks.
    await session.execute(update(Thanks).where(Thanks.told.is_(False)).values(told=True))
    await _move_on(session)
    settled = Settled(unsure, answers, drafts)
    lane = await lane_for(session, "house")
    told = {"taken_at": taken_at.isoformat(), "drafts": drafts}
    await session.merge(AdapterValue(lane_id=lane.id, key=RESTORED, value=json.dumps(told)))
    await session.flush()
    return settled


async def _back_to_draft(session: AsyncSession, now: datetime) -> int:
    """What was scheduled for a moment that is past now may have been published: its author looks, and decides."""
    left = select(Post.item_id).where(Post.due_at <= now)
    is_late = Item.id.in_(left) & (Item.state == ItemState.SCHEDULED)
    items = list((await session.scalars(select(Item.id).where(is_late))).all())
    await session.execute(update(Post).where(Post.item_id.in_(items)).values(due_at=None))
    drafts = update(Item).where(Item.id.in_(items))
    # An old preview's "Senden" must not send it again.
    await session.execute(drafts.values(state=ItemState.DRAFT, revision=Item.revision + 1))
    return len(items)


async def _move_on(session: AsyncSession) -> None:
    """No id and no number that was given out since the backup is given out again (decision 0015)."""
    counted = update(Counter).where(Counter.name == PUBLICATION)
    await session.execute(counted.values(value=Counter.value + AHEAD_SHOWN))
    if session.get_bind().dialect.name == "sqlite":
        for table in Base.metadata.sorted_tables:
            if table.dialect_options["sqlite"]["autoincrement"]:
                await _move_table(session, table.name)
        return
    sequences = (
        "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = current_schema()"
    )
    for name, last in (await session.execute(text(sequences))).all():
        by = AHEAD_SHOWN if name.removesuffix("_id_seq") in _SHOWN else AHEAD
        quoted = f'"{name}"'
        await session.execute(select(func.setval(quoted, last + by)))


async def _move_table(session: AsyncSession, table: str) -> None:
    by = {"table": table, "by": AHEAD_SHOWN if table in _SHOWN else AHEAD}
    moved = "UPDATE sqlite_sequence SET seq = seq + :by WHERE name = :table"
    if await _count(session, text(moved).bindparams(**by)) == 0:
        await session.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :by)"), by)


async def _count(session: AsyncSession, statement: Any) -> int:
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount
