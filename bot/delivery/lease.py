"""Who may send on a lane. One owner at a time; the epoch tells a former owner that it is one.

With SQLite a file lock keeps other programs away, so a lane found owned was left by one that died. On PostgreSQL the
lease runs out by itself, and whoever takes over counts the epoch up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Lane

LIFE = timedelta(seconds=15)
_LANES = cast("Table", Lane.__table__)
# Built once: each transaction of a broadcast begins with it.
_HOLD = (
    update(_LANES)
    .where(_LANES.c.id == bindparam("lane"), _LANES.c.epoch == bindparam("held"))
    .values(lease_until=bindparam("until"))
)


class LaneLostError(Exception):
    """Another owner has taken the lane over."""


async def take(session: AsyncSession, lane_id: int, owner: str, now: datetime, *, alone: bool) -> int | None:
    """Become the owner and return the new epoch; None while another's lease runs. `alone`: there can be no other."""
    lane = update(Lane).where(Lane.id == lane_id)
    if not alone:
        lane = lane.where(or_(Lane.owner.is_(None), Lane.owner == owner, Lane.lease_until < now))
    taken = lane.values(owner=owner, epoch=Lane.epoch + 1, lease_until=now + LIFE).returning(Lane.epoch)
    return (await session.execute(taken)).scalar_one_or_none()


async def hold(session: AsyncSession, lane_id: int, epoch: int, now: datetime) -> None:
    """Renew the lease in the transaction that relies on it. Raises `LaneLostError`."""
    values = {"lane": lane_id, "held": epoch, "until": now + LIFE}
    if (await (await session.connection()).execute(_HOLD, values)).rowcount == 0:
        raise LaneLostError


async def give_back(session: AsyncSession, lane_id: int, epoch: int) -> None:
    """The owner stops in good order."""
    mine = update(Lane).where(Lane.id == lane_id, Lane.epoch == epoch)
    await session.execute(mine.values(owner=None, lease_until=None))
