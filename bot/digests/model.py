"""Table of the runs: a slot of a day is worked through once, whoever comes first."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, UTCDateTime

ITEM_KIND = "digest"
"""`Item.kind` of a run's digests: they share one item, and with it the number that typed choices begin with."""


class DigestRun(Base):
    """One full local hour that was worked through, with everything that had become due since the one before."""

    __tablename__ = "digest_run"

    slot: Mapped[str] = mapped_column(String(8), primary_key=True)
    """The hour, "18". Where the clock is set back, the second of two equal hours has nothing of its own."""
    local_date: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    item: Mapped[int | None] = mapped_column(BigInt)
    """None if nobody was to be told anything."""
