"""Table of thanks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, UTCDateTime


class Thanks(Base):
    """Somebody said thanks for a post; once."""

    __tablename__ = "thanks"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    told: Mapped[bool] = mapped_column(default=False, index=True)
    """Whoever wrote it has heard of this one."""
