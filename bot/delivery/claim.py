"""What goes out next: by class, within a class fairly between Quartiere, for each chat in the order it fell due.

Runs in the transaction that also marks the chosen rows `sending`, so nothing can change between.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Table,
    bindparam,
    case,
    func,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Chat, Delivery, Priority, State, spelled
from bot.storage import UTCDateTime
from bot.storage.many import numbers

_COPIES = cast("Table", Delivery.__table__)
_CHATS = cast("Table", Chat.__table__)
_COPY, _CHAT = _COPIES.c, _CHATS.c
_OTHER = _COPIES.alias("other")

_NOW = bindparam("now", type_=UTCDateTime)
_WAITS = spelled(State.PENDING)
SAYS = case(
    (_COPY.ref.is_(None), func.coalesce(_COPY.sending_text, _COPY.wanted_text)), else_=_COPY.wanted_text
)
"""What a copy is about to say: a send that perhaps arrived is repeated word for word; what is wanted meanwhile follows
as an edit."""
_FIRST_OF_CHAT = (
    select(_OTHER.c.id)
    .where(
        _OTHER.c.state == _WAITS,
        _OTHER.c.chat_id == _COPY.chat_id,
        _OTHER.c.priority == _COPY.priority,
        _OTHER.c.due_at <= _NOW,
    )
    .order_by(_OTHER.c.due_at, _OTHER.c.id)
    .limit(1)
    .scalar_subquery()
)


class Due(NamedTuple):
    """A copy whose time has come."""

    id: int
    item: int | None
    chat_id: int
    priority: int
    quartier: int
    due_at: datetime
    wanted_text: int | None
    held_text: int | None
    sending_text: int | None
    says: int | None
    is_late: bool | None
    ref: list[str] | None
    attempts: int
    changes: int
    generation: int
    moves: int
    requests: int
    held_at: datetime | None
    address: str
    is_room: bool
    reachable: bool
    first: int
    """What of its class fell due first for the same chat, in whichever queue that waits."""


_ELSEWHERE: dict[str, ColumnElement[Any]] = {
    "says": SAYS,
    "is_late": _COPY.expires_at <= _NOW,
    "address": _CHAT.address,
    "is_room": _CHAT.is_room,
    "reachable": _CHAT.reachable,
    "first": _FIRST_OF_CHAT,
}
COLUMNS = tuple(_ELSEWHERE[name].label(name) if name in _ELSEWHERE else _COPY[name] for name in Due._fields)
"""A column for each field of `Due`: one that is missing is missed when the program starts."""
_DUE = (
    select(*COLUMNS)
    .join_from(_COPIES, _CHATS, _CHAT.id == _COPY.chat_id)
    .where(_COPY.state == _WAITS, _COPY.due_at <= _NOW)
    .with_for_update(of=_COPIES, skip_locked=True)
)
_HEAD = (
    _DUE.where(
        _COPY.lane_id == bindparam("lane"),
        _COPY.priority == bindparam("priority"),
        _COPY.quartier == bindparam("quartier"),
        _COPY.chat_id.not_in(numbers("avoid")),
    )
    .order_by(_COPY.due_at, _COPY.id)
    .limit(bindparam("limit"))
)
_BY_ID = _DUE.where(_COPY.id.in_(numbers("rows")))

# One index seek per class and Quartier, however many rows wait: a "loose index scan", which neither database has.
_CLASSES = ", ".join(f"({int(priority)})" for priority in Priority)
_QUEUES = text(
    f"""
    WITH RECURSIVE classes(priority) AS (VALUES {_CLASSES}),
    queues(priority, quartier) AS (
        SELECT c.priority, (
            SELECT min(d.quartier) FROM delivery d
            WHERE d.lane_id = :lane AND d.priority = c.priority AND d.state = {_WAITS}
        ) FROM classes c
        UNION ALL
        SELECT q.priority, (
            SELECT min(d.quartier) FROM delivery d
            WHERE d.lane_id = :lane AND d.priority = q.priority AND d.state = {_WAITS} AND d.quartier > q.quartier
        ) FROM queues q WHERE q.quartier IS NOT NULL
    )
    SELECT q.priority AS priority, q.quartier AS quartier, (
        SELECT min(d.due_at) FROM delivery d
        WHERE d.lane_id = :lane AND d.priority = q.priority AND d.quartier = q.quartier AND d.state = {_WAITS}
    ) AS first_due
    FROM queues q WHERE q.quartier IS NOT NULL ORDER BY q.priority, q.quartier
    """  # noqa: S608 - our own words
).columns(priority=Integer, quartier=BigInteger, first_due=UTCDateTime)


MOST_QUEUES = 2
"""So many Quartiere share a batch; the others have their turn in the next. Each is asked for by itself, which costs."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits of one class for one Quartier."""

    priority: int
    quartier: int
    first_due: datetime


async def queues(session: AsyncSession, lane_id: int) -> list[Queue]:
    """All that waits on a lane, due or not."""
    rows = await (await session.connection()).execute(_QUEUES, {"lane": lane_id})
    return [Queue(*row) for row in rows.all()]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows to begin, and whether more of them may be due."""

    rows: list[Due]
    more: bool


class Rota:
    """Whose turn it is inside a class: the Quartier after the one served last."""

    def __init__(self) -> None:
        self._served: dict[int, int] = {}

    def order(self, priority: int, due: list[Queue]) -> list[Queue]:
        last = self._served.get(priority, -1)
        return sorted(due, key=lambda queue: (queue.quartier <= last, queue.quartier))

    def served(self, priority: int, quartier: int) -> None:
        self._served[priority] = quartier


async def next_due(
    session: AsyncSession,
    lane_id: int,
    due: list[Queue],
    now: datetime,
    *,
    rota: Rota,
    busy: Callable[[int], Collection[int]],
    room: Callable[[int], int],
) -> Found:
    """The next rows of every class. `busy(class)`: chats to leave alone; `room(class)`: how many rows it may add."""
    found: list[Due] = []
    more = False
    taken: set[int] = set()
    for priority in sorted({queue.priority for queue in due}):
        waiting = rota.order(priority, [queue for queue in due if queue.priority == priority])
        space = room(priority) - len(found)
        if space <= 0:
            return Found(found, more=True)
        avoid = taken.union(busy(priority))
        rows, full = await _of_class(session, lane_id, waiting, now, avoid, space, rota)
        taken.update(row.chat_id for row in rows)
        found.extend(rows)
        more = more or full
    return Found(found, more)


async def _of_class(
    session: AsyncSession,
    lane_id: int,
    waiting: list[Queue],
    now: datetime,
    avoid: set[int],
    space: int,
    rota: Rota,
) -> tuple[list[Due], bool]:
    """Round robin over the queues of one class, at most one row per chat. Says whether there may be more."""
    priority = waiting[0].priority
    share = max(-(-space // len(waiting)), -(-space // MOST_QUEUES))
    connection = await session.connection()
    values = {"lane": lane_id, "priority": priority, "now": now, "avoid": list(avoid), "limit": share}
    columns: list[list[Due]] = []
    found, full = 0, False
    for queue in waiting:
        if found >= space:
            full = True
            break
        rows = await connection.execute(_HEAD, {**values, "quartier": queue.quartier})
        column = [Due._make(row) for row in rows]
        full = full or len(column) == share
        found += len(column)
        columns.append(column)
    in_turn = [column[i] for i in range(share) for column in columns if i < len(column)][:space]
    if in_turn:
        rota.served(priority, in_turn[-1].quartier)
    return await _first_of_each_chat(session, in_turn, now), full


async def _first_of_each_chat(session: AsyncSession, rows: list[Due], now: datetime) -> list[Due]:
    """A chat that waits in several queues gets what fell due first, whichever queue's turn brought it up."""
    at_hand = {row.id: row for row in rows}
    elsewhere = [row.first for row in rows if row.first not in at_hand]
    if elsewhere:
        earlier = await (await session.connection()).execute(_BY_ID, {"rows": elsewhere, "now": now})
        at_hand.update((row.id, row) for row in map(Due._make, earlier))
    # What is missing now is held by somebody who changes it at this moment: its chat waits.
    return [at_hand[first] for first in dict.fromkeys(row.first for row in rows) if first in at_hand]
