"""Numbers that only grow, taken inside the transaction that uses them: database sequences commit out of order."""

from __future__ import annotations

from sqlalchemy import String, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.types import Base, BigInt

PUBLICATION = "publication"
"""The counter of publications."""

_NEXT = text(
    "INSERT INTO counter (name, value) VALUES (:name, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value"
)
"""The same words on SQLite and PostgreSQL; the row stays locked until the transaction ends."""
_HELD = text(
    "INSERT INTO counter (name, value) VALUES (:name, 0) "
    "ON CONFLICT (name) DO UPDATE SET value = counter.value"
)


class Counter(Base):
    """A number that only grows."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInt)


async def take_next(session: AsyncSession, name: str) -> int:
    """The next number; whoever takes one holds the counter until the transaction ends."""
    number: int = (await session.execute(_NEXT, {"name": name})).scalar_one()
    return number


async def hold(session: AsyncSession, name: str) -> None:
    """Hold a counter until the transaction ends, without taking a number.

    Who needs two takes them in one order: publications first. Else two who have one each wait for ever.
    """
    await session.execute(_HELD, {"name": name})


async def reached(session: AsyncSession, name: str) -> int:
    """The greatest number whose transaction has committed; all smaller ones have."""
    return (await session.scalar(select(Counter.value).where(Counter.name == name))) or 0
