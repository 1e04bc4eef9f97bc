"""In which order copies are locked: by id, by whoever changes several of them in one transaction.

On PostgreSQL an UPDATE locks its rows as it comes to them, and each comes another way: marks by the ids of a batch,
corrections by item, closing by chat. Two of them that meet in the middle would wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Delivery
from bot.storage.many import numbers

_COPY = cast("Table", Delivery.__table__).c
# In a subquery, so that the ids needn't come here. Built once: each batch of marks begins with it.
_BY_ID = select(func.count()).select_from(
    select(_COPY.id).where(_COPY.id.in_(numbers("rows"))).order_by(_COPY.id).with_for_update().subquery()
)


async def lock(session: AsyncSession, which: ColumnElement[bool]) -> None:
    """Lock these copies until the transaction ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "sqlite":
        rows = select(Delivery.id).where(which).order_by(Delivery.id).with_for_update().subquery()
        await session.execute(select(func.count()).select_from(rows))


async def lock_ids(session: AsyncSession, ids: Collection[int]) -> None:
    """The same for ids; a single one is locked by its change."""
    if len(ids) > 1 and session.get_bind().dialect.name != "sqlite":
        await (await session.connection()).execute(_BY_ID, {"rows": list(ids)})
