"""What became of requests, written down in batches.

A mark names the request it is about, and counts only while the row still says `sending` for that one: stored twice
(after a transaction of unknown end) or late, it can't hit what was begun since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Boolean, Integer, String, Table, and_, bindparam, case, func, null, update
from sqlalchemy import cast as typed
from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Ref
from bot.delivery.chats import close_chats, move_chat, open_chats
from bot.delivery.erase import erase_messages
from bot.delivery.job import Fate, Outcome
from bot.delivery.model import Delivery, Priority, State
from bot.delivery.order import lock_ids
from bot.storage import UTCDateTime
from bot.storage.many import by_key, these

_COPIES = cast("Table", Delivery.__table__)
_COPY = _COPIES.c
_MARK = update(_COPIES).where(_COPY.state == State.SENDING).returning(_COPY.id)

_ARRIVED = by_key("arrived")
"""Request and ref by id."""
_HELD = _MARK.where(_COPY.id == _ARRIVED.key, _COPY.requests == _ARRIVED.value[0].as_integer()).values(
    # Corrected or withdrawn while it was under way: what is wanted now follows as an edit or deletion.
    state=case((_COPY.wanted_text.is_distinct_from(_COPY.sending_text), State.PENDING), else_=State.HELD),
    held_text=_COPY.sending_text,
    sending_text=None,
    attempts=0,
    moves=0,
    ref=_ARRIVED.value[1].as_json(),
    held_at=func.coalesce(_COPY.held_at, bindparam("now", type_=UTCDateTime)),
)
_PARTLY = _MARK.where(_COPY.id == _ARRIVED.key, _COPY.requests == _ARRIVED.value[0].as_integer()).values(
    ref=_ARRIVED.value[1].as_json(),
    # A part is there from now on, and can be deleted for as long as a whole message.
    held_at=func.coalesce(_COPY.held_at, bindparam("now", type_=UTCDateTime)),
)
_THEIRS = by_key("theirs")
"""Request by id."""
_THESE = _MARK.where(_COPY.id == _THEIRS.key, _COPY.requests == typed(_THEIRS.value, Integer))
_TAKEN_BACK = _THESE.values(
    # Wanted again meanwhile: it goes out anew, as one that is given back later does.
    state=case(
        # What was deleted were the parts that are known of one that is in doubt.
        (and_(_COPY.held_text.is_(None), _COPY.attempts > 0), State.UNSURE),
        (_COPY.wanted_text.is_not(None), State.PENDING),
        else_=State.DROPPED,
    ),
    generation=_COPY.generation + 1,
    held_text=None,
    ref=None,
    sending_text=None,
    attempts=0,
    moves=0,
    held_at=None,
)
_TRIED = _COPY.attempts + bindparam("tried", type_=Integer)
_SAID = _COPY.sending_text.is_not(None)
_STAYS = and_(
    # Taken back while it was leaving, or being changed, and all or some of it is out: that is deleted now.
    bindparam("ends", type_=Boolean), _SAID, _COPY.ref.is_not(None), _COPY.wanted_text.is_(None)
)  # fmt: skip
_PERHAPS_DELETED = and_(
    # Wanted again while its deletion got lost: nobody knows whether it is there.
    bindparam("lost", type_=Boolean), ~_SAID, _COPY.ref.is_not(None), _COPY.wanted_text.is_not(None), _TRIED > 0
)  # fmt: skip
_ENDED = _THESE.values(
    held_text=case((_PERHAPS_DELETED, null()), else_=_COPY.held_text),
    state=case(
        (_STAYS, State.PENDING), (_PERHAPS_DELETED, State.UNSURE), else_=bindparam("becomes", type_=String)
    ),
    attempts=case(
        (and_(_STAYS, _COPY.held_text.is_not(None)), 0),
        # So that it is known after the deletion that more may have arrived.
        (and_(_STAYS, bindparam("perhaps", type_=Boolean)), 1),
        else_=_TRIED,
    ),
    moves=_COPY.moves + bindparam("moved", type_=Integer),
    sending_text=case((bindparam("same_text", type_=Boolean), _COPY.sending_text)),
)


async def save(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Store outcomes, and what follows from those that count."""
    by_fate: dict[Fate, list[Outcome]] = {}
    for outcome in outcomes:
        by_fate.setdefault(outcome.fate, []).append(outcome)
    await lock_ids(session, [outcome.job.id for outcome in outcomes])
    marked: set[int] = set()
    for fate, group in by_fate.items():
        marked.update(await _mark(session, fate, group, now))
    await _follow(session, [outcome for outcome in outcomes if outcome.job.id in marked], now)
    await _erase_answers(session, outcomes)


async def _mark(session: AsyncSession, fate: Fate, outcomes: Sequence[Outcome], now: datetime) -> list[int]:
    """The ids of the rows that were still about these requests."""
    connection = await session.connection()

    async def mark(statement: Any, values: dict[str, Any]) -> list[int]:
        return list((await connection.execute(statement, values)).scalars())

    match fate:
        case Fate.HELD:
            return await mark(_HELD, {"arrived": _arrived(outcomes), "now": now})
        case Fate.TAKEN_BACK:
            return await mark(_TAKEN_BACK, {"theirs": _requests(outcomes)})
        case Fate.RETURNED | Fate.GONE | Fate.REJECTED | Fate.UNSURE:
            state = State.PENDING if fate is Fate.RETURNED else State(fate.value)
            partly = [outcome for outcome in outcomes if outcome.ref]
            if partly:
                await mark(_PARTLY, {"arrived": _arrived(partly), "now": now})
            alike: dict[tuple[bool, bool, bool], list[Outcome]] = {}
            for outcome in outcomes:
                kind = (outcome.counts, outcome.same_text, outcome.moved_to is not None)
                alike.setdefault(kind, []).append(outcome)
            marked: list[int] = []
            for (counts, same_text, moved), some in alike.items():
                values = {
                    "becomes": state, "ends": fate in (Fate.UNSURE, Fate.REJECTED), "perhaps": fate is Fate.UNSURE,
                    "lost": fate in (Fate.UNSURE, Fate.RETURNED),
                    "tried": int(counts), "moved": int(moved), "same_text": same_text,
                }  # fmt: skip
                marked += await mark(_ENDED, {**values, "theirs": _requests(some)})
            return marked


def _arrived(outcomes: Sequence[Outcome]) -> dict[int, tuple[int, Ref]]:
    return {outcome.job.id: (outcome.job.request, outcome.ref) for outcome in outcomes}


def _requests(outcomes: Sequence[Outcome]) -> dict[int, int]:
    return {outcome.job.id: outcome.job.request for outcome in outcomes}


async def _follow(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    """What the outcomes say about their chats."""
    gone = {outcome.job.chat_id for outcome in outcomes if outcome.fate is Fate.GONE}
    if gone:
        await close_chats(session, gone)
    for outcome in outcomes:
        if outcome.moved_to is not None:
            await move_chat(session, outcome.job.chat_id, outcome.moved_to)
    # An answer that arrived proves that somebody is there; nothing else goes to a chat that was closed (`begin`).
    answered = {o.job.chat_id for o in outcomes if o.fate is Fate.HELD and o.job.priority == Priority.REPLY}
    there = answered - gone
    if there:
        await open_chats(session, there, now)


async def _erase_answers(session: AsyncSession, outcomes: Sequence[Outcome]) -> None:
    served = [o.job.id for o in outcomes if o.job.item is None and o.fate is not Fate.RETURNED]
    if served:
        await erase_messages(session, Delivery.id.in_(these(served)))
