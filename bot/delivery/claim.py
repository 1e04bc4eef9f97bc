"""What goes out next: by class, within a class fairly between Quartiere, for each chat in the order it fell due.

Runs in the transaction that also marks the chosen rows `sending`, so nothing can change between.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, Row, Select, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.erase import IS_PENDING
from bot.delivery.model import Chat, Delivery
from bot.storage import UTCDateTime

COLUMNS = (
    Delivery.id,
    Delivery.item,
    Delivery.chat_id,
    Delivery.priority,
    Delivery.quartier,
    Delivery.due_at,
    Delivery.expires_at,
    Delivery.wanted_text,
    Delivery.held_text,
    Delivery.sending_text,
    Delivery.ref,
    Delivery.attempts,
    Delivery.changes,
    Delivery.held_at,
    Chat.address,
    Chat.is_room,
    Chat.reachable,
)
Due = Row[*tuple[Any, ...]]
"""A row of `COLUMNS`."""

# One index seek per class and Quartier, however many rows wait: a "loose index scan", which neither database has.
_QUEUES = text(
    """
    WITH RECURSIVE classes(priority) AS (VALUES (0), (1), (2), (3), (4)),
    queues(priority, quartier) AS (
        SELECT c.priority, (
            SELECT min(d.quartier) FROM delivery d
            WHERE d.lane_id = :lane AND d.priority = c.priority AND d.state = 'pending'
        ) FROM classes c
        UNION ALL
        SELECT q.priority, (
            SELECT min(d.quartier) FROM delivery d
            WHERE d.lane_id = :lane AND d.priority = q.priority AND d.state = 'pending' AND d.quartier > q.quartier
        ) FROM queues q WHERE q.quartier IS NOT NULL
    )
    SELECT q.priority AS priority, q.quartier AS quartier, (
        SELECT min(d.due_at) FROM delivery d
        WHERE d.lane_id = :lane AND d.priority = q.priority AND d.quartier = q.quartier AND d.state = 'pending'
    ) AS first_due
    FROM queues q WHERE q.quartier IS NOT NULL ORDER BY q.priority, q.quartier
    """
).columns(priority=Integer, quartier=BigInteger, first_due=UTCDateTime)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits of one class for one Quartier."""

    priority: int
    quartier: int
    first_due: datetime


async def queues(session: AsyncSession, lane_id: int) -> list[Queue]:
    """All that waits on a lane, due or not."""
    rows = await session.execute(_QUEUES, {"lane": lane_id})
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
        rows, full = await _of_class(session, lane_id, waiting, now, avoid, space)
        if rows:
            rota.served(priority, rows[-1].quartier)
        taken.update(row.chat_id for row in rows)
        found.extend(rows)
        more = more or full
    return Found(found, more)


async def _of_class(
    session: AsyncSession, lane_id: int, waiting: list[Queue], now: datetime, avoid: set[int], space: int
) -> tuple[list[Due], bool]:
    """Round robin over the queues of one class, at most one row per chat."""
    share = -(-space // len(waiting))
    columns: list[list[Due]] = []
    full = len(waiting) > space
    for queue in waiting[:space]:
        rows = (await session.execute(_head(lane_id, queue, now, avoid, share))).all()
        full = full or len(rows) == share
        columns.append(list(rows))
    in_turn = [column[i] for i in range(share) for column in columns if i < len(column)][:space]
    if len(waiting) > 1:
        in_turn = await _earliest_of_each_chat(session, in_turn, now)
    return list({row.chat_id: row for row in reversed(in_turn)}.values())[::-1], full


def _head(lane_id: int, queue: Queue, now: datetime, avoid: set[int], limit: int) -> Select[*tuple[Any, ...]]:
    return (
        _due(now)
        .where(
            Delivery.lane_id == lane_id,
            Delivery.priority == queue.priority,
            Delivery.quartier == queue.quartier,
            Delivery.chat_id.not_in(avoid),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
    )


async def _earliest_of_each_chat(session: AsyncSession, rows: list[Due], now: datetime) -> list[Due]:
    """A chat that waits in several queues gets what fell due first, whichever queue's turn brought it up."""
    if not rows:
        return rows
    chats = {row.chat_id for row in rows}
    of_chats = (
        _due(now)
        .where(Delivery.chat_id.in_(chats), Delivery.priority == rows[0].priority)
        .order_by(Delivery.due_at, Delivery.id)
    )
    earliest: dict[int, Due] = {}
    for row in (await session.execute(of_chats)).all():
        earliest.setdefault(row.chat_id, row)
    return [earliest[row.chat_id] for row in rows]


def _due(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(*COLUMNS)
        .join(Chat, Chat.id == Delivery.chat_id)
        .where(IS_PENDING, Delivery.due_at <= bindparam("now", now, UTCDateTime))
        .with_for_update(of=Delivery, skip_locked=True)
    )
