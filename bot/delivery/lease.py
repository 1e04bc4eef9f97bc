"""Who owns a lane. One owner at a time; the epoch tells a former owner that it is one.

A lease runs by the *database's* clock, which all processes share. With SQLite a file lock keeps other programs away, so
a lane found owned was left by one that died. On PostgreSQL the lease runs out by itself, and whoever takes over counts
the epoch up: a transaction of the former owner that relies on the lane (`hold`) finds another epoch there, and ends.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Float,
    Table,
    and_,
    bindparam,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bot.delivery.model import Lane
from bot.storage import UTCDateTime

SAFE = 7 / 8
"""The share of a lease's life in which its owner sends: what leaves last must be there before another owner begins."""
_LANES = cast("Table", Lane.__table__)
# Built once: each transaction of a broadcast begins with it.
_MINE = (
    select(_LANES.c.id)
    .where(_LANES.c.id == bindparam("lane"), _LANES.c.epoch == bindparam("held"))
    .with_for_update(read=True)
)


class LaneLostError(Exception):
    """Another owner has taken the lane over, or may have: our lease ran out long ago."""


def uptime() -> float:
    """Seconds that run on while a process stands still, and (on Linux) while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(slots=True)
class Lease:
    """A lane that this process owns. `life`: seconds from one renewal to the end; None where nobody else can be."""

    lane_id: int
    epoch: int
    life: float | None = None
    renewed: float = field(default_factory=uptime)
    """When its last renewal was asked for, by `uptime`."""

    @property
    def is_fresh(self) -> bool:
        """Whether it surely is ours still: asked before each request that leaves."""
        return self.life is None or uptime() < self.renewed + self.life * SAFE


ACTS_FOR: ContextVar[Lease | None] = ContextVar("acts_for", default=None)
"""The lease in whose name a task acts: what it writes for an adapter counts only while the lane is ours."""


async def take(session: AsyncSession, lane_id: int, owner: str, life: float, *, alone: bool) -> int | None:
    """Become the owner and return the new epoch; None while another's lease runs. `alone`: there can be no other."""
    lane = update(Lane).where(Lane.id == lane_id)
    if not alone:
        lane = lane.where(or_(Lane.owner.is_(None), Lane.owner == owner, Lane.lease_until < _from_now(0)))
    taken = lane.values(owner=owner, epoch=Lane.epoch + 1, lease_until=_from_now(life)).returning(Lane.epoch)
    return (await session.execute(taken)).scalar_one_or_none()


async def hold(session: AsyncSession, lane_id: int, epoch: int) -> None:
    """See to it that the lane stays ours until this transaction ends. Raises `LaneLostError`."""
    found = await (await session.connection()).execute(_MINE, {"lane": lane_id, "held": epoch})
    if found.scalar_one_or_none() is None:
        raise LaneLostError


async def keep_rate(session: AsyncSession, lane_id: int, epoch: int, rate: float | None) -> None:
    """`hold`, and remember what the platform taught the lane's owner; the next one begins there.

    Instead of `hold`, not after it: two that hold the lane together and both want to change it wait for each other.
    Raises `LaneLostError`.
    """
    await _change(session, lane_id, epoch, learned_rate=rate)


async def keep_cursor(session: AsyncSession, lane_id: int, cursor: str) -> None:
    """`still_ours`, and remember how far the lane's events are read. First of all in its transaction, like `keep_rate`.

    An owner that was shut out would otherwise put the next one's cursor back. Raises `LaneLostError`.
    """
    acts_for = ACTS_FOR.get()
    if acts_for is None:
        await session.execute(update(Lane).where(Lane.id == lane_id).values(cursor=cursor))
    else:
        await _change(session, lane_id, acts_for.epoch, cursor=cursor)


async def _change(session: AsyncSession, lane_id: int, epoch: int, **values: Any) -> None:
    mine = update(Lane).where(Lane.id == lane_id, Lane.epoch == epoch)
    changed = await session.execute(mine.values(values).execution_options(synchronize_session=False))
    if not cast("CursorResult[Any]", changed).rowcount:
        raise LaneLostError


async def still_ours(session: AsyncSession) -> None:
    """See to it that the lane in whose name this task acts, if in any's, stays ours. Raises `LaneLostError`."""
    acts_for = ACTS_FOR.get()
    if acts_for is not None:
        await hold(session, acts_for.lane_id, acts_for.epoch)


async def renew(session: AsyncSession, lane_id: int, epoch: int, life: float) -> bool:
    """Let the lease run on; False if another has taken the lane over."""
    mine = update(Lane).where(Lane.id == lane_id, Lane.epoch == epoch)
    renewed = await session.execute(mine.values(lease_until=_from_now(life)))
    return cast("CursorResult[Any]", renewed).rowcount > 0


async def give_back(session: AsyncSession, lane_id: int, epoch: int) -> None:
    """The owner stops in good order."""
    mine = update(Lane).where(Lane.id == lane_id, Lane.epoch == epoch)
    await session.execute(mine.values(owner=None, lease_until=None))


async def seconds_left(session: AsyncSession, lane_id: int) -> float:
    """How long the lease of the lane runs, as it stands; 0 if it is free. On PostgreSQL."""
    row = (await session.execute(select(Lane.lease_until, _from_now(0)).where(Lane.id == lane_id))).one()
    until, now = row
    return max(0.0, (until - now).total_seconds()) if until is not None else 0.0


def is_running() -> ColumnElement[bool]:
    """Of a lane: whether its lease runs."""
    return and_(Lane.lease_until.is_not(None), Lane.lease_until >= _from_now(0))


class _FromNow(FunctionElement[Any]):
    """The database's own time, and so many seconds more; the time of the statement, not of the transaction."""

    type = UTCDateTime()
    inherit_cache = True


def _from_now(seconds: float) -> _FromNow:
    return _FromNow(literal(float(seconds), Float))


@compiles(_FromNow, "postgresql")
def _on_postgresql(element: _FromNow, compiler: SQLCompiler, **options: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)}))"


@compiles(_FromNow, "sqlite")
def _on_sqlite(element: _FromNow, compiler: SQLCompiler, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"(strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds'))"
