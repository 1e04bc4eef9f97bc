"""How many cases there were, for the coordinator's figures; never about whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.items.model import ItemQuartier
from bot.moderation.model import Case


async def cases_between(session: AsyncSession, start: datetime, end: datetime) -> Mapping[int, int]:
    """Cases that began from `start` (included) to `end` (not), by Quartier (0: the whole city)."""
    rows = (
        select(ItemQuartier.quartier, func.count())
        .join(Case, Case.item_id == ItemQuartier.item_id)
        .where(Case.created_at >= start, Case.created_at < end)
        .group_by(ItemQuartier.quartier)
    )
    return dict((await session.execute(rows)).all())
