"""How far an item has come, read from its rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Delivery, Lane, State


@dataclass(frozen=True, slots=True)
class Tally:
    """Copies by where they stand. `reached`: somebody holds a version of it, whatever became of later changes."""

    pending: int = 0
    sending: int = 0
    held: int = 0
    gone: int = 0
    rejected: int = 0
    unsure: int = 0
    dropped: int = 0
    reached: int = 0

    @property
    def total(self) -> int:
        return sum(
            (self.pending, self.sending, self.held, self.gone, self.rejected, self.unsure, self.dropped)
        )


@dataclass(frozen=True, slots=True)
class ItemCounts(Tally):
    """All copies of an item, and the same by platform."""

    by_platform: dict[str, Tally] = field(default_factory=dict)


async def counts(session: AsyncSession, item: int) -> ItemCounts:
    """Where the copies of an item stand."""
    rows = await session.execute(
        select(Lane.platform, Delivery.state, func.count(), func.count(Delivery.held_text))
        .join(Lane, Lane.id == Delivery.lane_id)
        .where(Delivery.item == item)
        .group_by(Lane.platform, Delivery.state)
    )
    by_platform: dict[str, Counter[str]] = {}
    for platform, state, copies, reached in rows:
        tally = by_platform.setdefault(platform, Counter())
        tally.update({State(state).value: copies, "reached": reached})
    total = sum(by_platform.values(), Counter())
    return ItemCounts(**total, by_platform={name: Tally(**tally) for name, tally in by_platform.items()})
