"""What has served is erased: answers once they arrived, or when nobody could be reached for a day.

Only what belongs to an item is counted and corrected later. A message without one is between the bot and a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, case, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import IS_PENDING, IS_SENDING, Chat, Delivery, State, StoredText, spelled
from bot.delivery.order import lock

_IN_USE = or_(
    exists(select(Delivery.id).where(Delivery.wanted_text == StoredText.id)),
    exists(select(Delivery.id).where(Delivery.held_text == StoredText.id)),
)
WAITS = and_(IS_PENDING, Delivery.ref.is_(None), Delivery.sending_text.is_(None))
"""To be sent, the first time or once more."""
_COMPLETES = and_(
    IS_PENDING, Delivery.ref.is_not(None), Delivery.held_text.is_(None), Delivery.wanted_text.is_not(None)
)
LEAVES = or_(WAITS, _COMPLETES)
"""To be sent, wholly or what is missing of it."""
NOBODY_HOLDS_IT = and_(WAITS, Delivery.attempts == 0)
"""Not sent, and not perhaps sent either: an attempt that is behind it may have arrived."""
IN_DOUBT = and_(Delivery.state == spelled(State.UNSURE), Delivery.held_text.is_(None))
"""Perhaps they have it, wholly or in part: without a tap of its sender nothing leaves again, but to take it away."""
NOT_NEEDED = case((NOBODY_HOLDS_IT, State.DROPPED), else_=State.UNSURE)
"""How what waits ends that nobody shall get any more: what perhaps arrived is not forgotten."""
UNSENT_LIFE = timedelta(hours=24)
"""How long an answer that can't be delivered is kept."""


async def erase_messages(session: AsyncSession, which: ColumnElement[bool]) -> int:
    """Erase messages without an item, and their texts. Returns how many."""
    texts = (Delivery.wanted_text, Delivery.held_text, Delivery.sending_text)
    answers = and_(Delivery.item.is_(None), which)
    await lock(session, answers)
    erased = await session.execute(
        delete(Delivery).where(answers).returning(*texts).execution_options(synchronize_session=False)
    )
    rows = erased.all()
    await _erase_texts(session, {text for row in rows for text in row if text is not None})
    return len(rows)


async def erase_unsent(session: AsyncSession, now: datetime) -> int:
    """Erase answers that wait for more than a day, on whatever lane: its platform may be switched off.

    And the words of answers whose rows went with the person they were meant for.
    """
    waiting = or_(IS_PENDING, IS_SENDING)
    late = or_(Delivery.due_at < now - UNSENT_LIFE, and_(WAITS, Delivery.expires_at <= now))
    erased = await erase_messages(session, late & waiting)
    orphans = delete(StoredText).where(StoredText.item.is_(None), ~_IN_USE)
    await session.execute(orphans.execution_options(synchronize_session=False))
    return erased


async def drop_overdue(session: AsyncSession, now: datetime) -> int:
    """End what waits and nobody shall get any more, on whatever lane. Returns how many.

    A lane at work does so itself when it comes to the row; one that is switched off never comes to it.
    """
    overdue = and_(LEAVES, Delivery.expires_at <= now)
    await lock(session, overdue)
    ended = update(Delivery).where(overdue).values(state=NOT_NEEDED)
    dropped = await session.execute(ended.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", dropped).rowcount


async def erase_chat(session: AsyncSession, chat_id: int) -> None:
    """Forget a conversation: its address, its copies, the answers written to it."""
    await lock(session, Delivery.chat_id == chat_id)
    await erase_messages(session, Delivery.chat_id == chat_id)
    await session.execute(delete(Delivery).where(Delivery.chat_id == chat_id))
    await session.execute(delete(Chat).where(Chat.id == chat_id))


async def _erase_texts(session: AsyncSession, ids: set[int]) -> None:
    if ids:
        unused = delete(StoredText).where(StoredText.id.in_(ids), StoredText.item.is_(None), ~_IN_USE)
        await session.execute(unused.execution_options(synchronize_session=False))
