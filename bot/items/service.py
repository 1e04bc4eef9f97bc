"""What every item needs, whatever it is: its publication number, and to be found by it."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.items.model import Item

_NEXT = text(
    "INSERT INTO counter (name, value) VALUES (:name, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value"
)
"""The same words on SQLite and PostgreSQL; the row stays locked until the transaction ends."""

PUBLICATION = "publication"


async def next_publication_no(session: AsyncSession) -> int:
    """The next number, greater than every committed one.

    Whoever takes one holds the counter until the transaction ends, so numbers are committed in their order and a
    digest's mark never passes over one that is still under way. An undone publication leaves a gap.
    """
    return await next_number(session, PUBLICATION)


async def next_number(session: AsyncSession, counter: str) -> int:
    """The next number of a counter, with the same promise."""
    number: int = (await session.execute(_NEXT, {"name": counter})).scalar_one()
    return number


async def numbered(session: AsyncSession, number: int) -> int | None:
    """The item with this publication number."""
    found = await session.execute(select(Item.id).where(Item.publication_no == number))
    return found.scalar_one_or_none()
