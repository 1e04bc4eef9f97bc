"""Tables of items. The publication number comes from one locked counter (`bot.storage.counter_model`)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, UTCDateTime


class ItemState(StrEnum):
    """The life of an item."""

    DRAFT = "draft"
    AWAITING = "awaiting"
    """Needs a second person before it goes out (severe alerts)."""
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"
    """Taken back by a decision of a moderator; may be restored."""
    DISCARDED = "discarded"


class Item(Base):
    """Something that reaches people."""

    __tablename__ = "item"
    __table_args__ = ({"sqlite_autoincrement": True},)
    """Buttons carry the id: one that was erased is never given out again."""

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    author: Mapped[int | None] = mapped_column(BigInt, index=True)
    """The person who wrote it; empty once that person is erased."""
    treffpunkt: Mapped[int | None] = mapped_column(BigInt, index=True)
    """On whose behalf."""
    state: Mapped[str] = mapped_column(String(12), default=ItemState.DRAFT, index=True)
    revision: Mapped[int] = mapped_column(default=1)
    publication_no: Mapped[int | None] = mapped_column(BigInt, unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ItemQuartier(Base):
    """For which Quartiere an item is; 0 is the whole city."""

    __tablename__ = "item_quartier"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    quartier: Mapped[int] = mapped_column(BigInt, primary_key=True, index=True)
