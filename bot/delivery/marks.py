"""What became of requests, written down in batches. A mark counts only while its row still says `sending`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, case, func, literal, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.chats import close_chat, move_chat, open_chats
from bot.delivery.erase import erase_messages
from bot.delivery.job import Fate, Outcome
from bot.delivery.model import Delivery, State
from bot.storage import UTCDateTime

_ROWS = cast("Table", Delivery.__table__)
_MINE = (_ROWS.c.id == bindparam("row")) & (_ROWS.c.state == State.SENDING)


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
    # A message that arrived proves that somebody is there.
    gone = {outcome.job.chat_id for outcome in by_fate.get(Fate.GONE, [])}
    there = {outcome.job.chat_id for outcome in by_fate.get(Fate.HELD, [])} - gone
    if there:
        await open_chats(session, there, now)


async def _mark(session: AsyncSession, fate: Fate, outcomes: Sequence[Outcome], now: datetime) -> None:
    statement, values = _statement(fate, outcomes, now)
    await (await session.connection()).execute(statement, values)


def _statement(fate: Fate, outcomes: Sequence[Outcome], now: datetime) -> tuple[Update, list[dict[str, Any]]]:
    mark = update(_ROWS).where(_MINE)
    rows = [{"row": outcome.job.id} for outcome in outcomes]
    match fate:
        case Fate.HELD:
            changed = _ROWS.c.wanted_text.is_distinct_from(_ROWS.c.sending_text)
            marked = mark.values(
                # Corrected or withdrawn while it was under way: what is wanted now follows as an edit or deletion.
                state=case((changed, State.PENDING), else_=State.HELD),
                held_text=_ROWS.c.sending_text, sending_text=None, attempts=0, ref=bindparam("held_ref"),
                held_at=func.coalesce(_ROWS.c.held_at, literal(now, UTCDateTime)),
            )  # fmt: skip
            return marked, [{"row": outcome.job.id, "held_ref": list(outcome.ref)} for outcome in outcomes]
        case Fate.TAKEN_BACK:
            # Wanted again meanwhile: it goes out anew.
            wanted = case((_ROWS.c.wanted_text.is_not(None), State.PENDING), else_=State.DROPPED)
            return mark.values(
                state=wanted, held_text=None, ref=None, sending_text=None, attempts=0, held_at=None
            ), rows
        case Fate.RETURNED:
            returned = [
                {"row": o.job.id, "tried": int(o.counts), "text": o.job.text if o.same_text else None}
                for o in outcomes
            ]
            attempts = _ROWS.c.attempts + bindparam("tried")
            return mark.values(
                state=State.PENDING, attempts=attempts, sending_text=bindparam("text")
            ), returned
        case Fate.UNSURE:
            texts = [{"row": o.job.id, "text": o.job.text if o.same_text else None} for o in outcomes]
            return mark.values(state=State.UNSURE, sending_text=bindparam("text")), texts
        case Fate.GONE | Fate.REJECTED:
            return mark.values(state=State(fate.value), sending_text=None), rows


async def _erase_answers(session: AsyncSession, outcomes: Sequence[Outcome]) -> None:
    served = [o.job.id for o in outcomes if o.job.item is None and o.fate is not Fate.RETURNED]
    if served:
        await erase_messages(session, Delivery.id.in_(served))
