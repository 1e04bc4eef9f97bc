"""Table of what hidden copies said, so that restoring gives everybody exactly what they had."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt


class HiddenCopy(Base):
    """A copy of a hidden item: its text and class from before."""

    __tablename__ = "hidden_copy"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[int] = mapped_column(BigInt, index=True)
    text: Mapped[int] = mapped_column(BigInt)
    priority: Mapped[int]
