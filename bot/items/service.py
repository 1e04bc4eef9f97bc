"""What every item needs, whatever it is: its publication number, and to be found by it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.items.model import Item
from bot.storage import counter_model
from bot.storage.counter_model import PUBLICATION, take_next


async def next_publication_no(session: AsyncSession) -> int:
    """The next number, greater than every committed one.

    Whoever takes one holds the counter until the transaction ends, so numbers are committed in their order and a
    digest's mark never passes over one that is still under way. An undone publication leaves a gap.
    """
    return await take_next(session, PUBLICATION)


async def hold_publications(session: AsyncSession) -> None:
    """Wait for whoever tells readers just now, and let nobody begin until this transaction ends. Takes no number.

    Held before anything is asked about readers or their copies by whoever tells many, and by whoever stops, leaves or
    moves: of two of them, the second finds what the first has done.
    """
    await counter_model.hold(session, PUBLICATION)


async def hold(session: AsyncSession, items: Collection[int]) -> None:
    """Lock items until the transaction ends, where rows can be locked: of two who act at once, the second waits here
    and reads then what the first has done. Always before a number is taken.
    """
    if not items:
        return
    rows = select(Item.id).where(Item.id.in_(items)).order_by(Item.id)
    # Not against what merely refers to an item.
    await session.execute(rows.with_for_update(key_share=True))


async def numbered(session: AsyncSession, number: int) -> int | None:
    """The item with this publication number."""
    found = await session.execute(select(Item.id).where(Item.publication_no == number))
    return found.scalar_one_or_none()
