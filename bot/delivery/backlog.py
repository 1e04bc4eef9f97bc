"""How much waits on each lane, and since when: by class, from one walk along the index of what is pending."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import IS_PENDING, Delivery, Priority
from bot.storage import UTCDateTime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits of one class on one lane."""

    lane: int
    priority: Priority
    pending: int
    """All, those for the evening too."""
    due: int
    """Those whose time has come."""
    oldest_due: datetime | None

    def age(self, now: datetime) -> float:
        """Seconds that the oldest has been due; 0 when nothing is."""
        return max(0.0, (now - self.oldest_due).total_seconds()) if self.oldest_due else 0.0


async def waiting(session: AsyncSession, now: datetime) -> list[Waiting]:
    """Every class that has something waiting, by lane and class."""
    due = Delivery.due_at <= now
    rows = (
        select(
            Delivery.lane_id,
            Delivery.priority,
            func.count(),
            func.count(case((due, 1))),
            func.min(case((due, Delivery.due_at)), type_=UTCDateTime),
        )
        .where(IS_PENDING)
        .group_by(Delivery.lane_id, Delivery.priority)
        .order_by(Delivery.lane_id, Delivery.priority)
    )
    found = (await session.execute(rows)).all()
    return [Waiting(lane, Priority(priority), *counts) for lane, priority, *counts in found]


def oldest(classes: Iterable[Waiting], now: datetime) -> float:
    """Seconds that the oldest of them has been due."""
    return max((one.age(now) for one in classes), default=0.0)
