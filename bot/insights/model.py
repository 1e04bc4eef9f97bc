"""Table of daily totals. Only counts: nothing in it points at anybody, so it is kept without a time limit."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt


class DailyTotal(Base):
    """How many there were in a Quartier on a local day; Quartier 0 is what belongs to the whole city.

    `count` NULL: there were some, and fewer than may be told (decision 0017). No row: that day was not counted.
    """

    __tablename__ = "daily_total"

    day: Mapped[date] = mapped_column(primary_key=True)
    quartier: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int | None] = mapped_column(BigInt)
