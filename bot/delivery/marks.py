"""What became of requests, written down in batches. A mark counts only while its row still says `sending`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Boolean, Integer, Table, bindparam, case, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.chats import close_chat, move_chat, open_chats
from bot.delivery.erase import erase_messages
from bot.delivery.job import Fate, Outcome
from bot.delivery.model import Delivery, Priority, State
from bot.storage import UTCDateTime
from bot.storage.many import by_key, numbers, these

_COPIES = cast("Table", Delivery.__table__)
_COPY = _COPIES.c
_MARK = update(_COPIES).where(_COPY.state == State.SENDING)
_THESE = _COPY.id.in_(numbers("rows"))

_REFS = by_key("refs")
_HELD = _MARK.where(_COPY.id == _REFS.key).values(
    # Corrected or withdrawn while it was under way: what is wanted now follows as an edit or deletion.
    state=case((_COPY.wanted_text.is_distinct_from(_COPY.sending_text), State.PENDING), else_=State.HELD),
    held_text=_COPY.sending_text,
    sending_text=None,
    attempts=0,
    ref=_REFS.value,
    held_at=func.coalesce(_COPY.held_at, bindparam("now", type_=UTCDateTime)),
)
_TAKEN_BACK = _MARK.where(_THESE).values(
    # Wanted again meanwhile: it goes out anew, as one that is given back later does.
    state=case((_COPY.wanted_text.is_not(None), State.PENDING), else_=State.DROPPED),
    generation=_COPY.generation + 1,
    held_text=None,
    ref=None,
    sending_text=None,
    attempts=0,
    held_at=None,
)
_ENDED = _MARK.where(_THESE).values(
    state=bindparam("becomes"),
    attempts=_COPY.attempts + bindparam("tried", type_=Integer),
    sending_text=case((bindparam("same_text", type_=Boolean), _COPY.sending_text)),
)


async def save(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Store outcomes, and what follows from them."""
    by_fate: dict[Fate, list[Outcome]] = {}
    for outcome in outcomes:
        by_fate.setdefault(outcome.fate, []).append(outcome)
    for fate, group in by_fate.items():
        await _mark(session, fate, group, now)
    for outcome in by_fate.get(Fate.GONE, []):
        await close_chat(session, outcome.job.chat_id)
    for outcome in by_fate.get(Fate.RETURNED, []):
        if outcome.moved_to is not None:
            await move_chat(session, outcome.job.chat_id, outcome.moved_to)
    await _erase_answers(session, outcomes)
    # An answer that arrived proves that somebody is there; nothing else goes to a chat that was closed (`begin`).
    gone = {outcome.job.chat_id for outcome in by_fate.get(Fate.GONE, [])}
    answered = {o.job.chat_id for o in by_fate.get(Fate.HELD, []) if o.job.priority == Priority.REPLY}
    there = answered - gone
    if there:
        await open_chats(session, there, now)


async def _mark(session: AsyncSession, fate: Fate, outcomes: Sequence[Outcome], now: datetime) -> None:
    connection = await session.connection()
    match fate:
        case Fate.HELD:
            refs = {outcome.job.id: outcome.ref for outcome in outcomes}
            await connection.execute(_HELD, {"refs": refs, "now": now})
        case Fate.TAKEN_BACK:
            await connection.execute(_TAKEN_BACK, {"rows": [outcome.job.id for outcome in outcomes]})
        case Fate.RETURNED | Fate.GONE | Fate.REJECTED | Fate.UNSURE:
            state = State.PENDING if fate is Fate.RETURNED else State(fate.value)
            alike: dict[tuple[bool, bool], list[int]] = {}
            for outcome in outcomes:
                alike.setdefault((outcome.counts, outcome.same_text), []).append(outcome.job.id)
            for (counts, same_text), rows in alike.items():
                values = {"rows": rows, "becomes": state, "tried": int(counts), "same_text": same_text}
                await connection.execute(_ENDED, values)


async def _erase_answers(session: AsyncSession, outcomes: Sequence[Outcome]) -> None:
    served = [o.job.id for o in outcomes if o.job.item is None and o.fate is not Fate.RETURNED]
    if served:
        await erase_messages(session, Delivery.id.in_(these(served)))
