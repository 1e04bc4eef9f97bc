"""Tables of dialogue: what came in, and where each conversation stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, Json, UTCDateTime


class StoredInbound(Base):
    """One event. The payload is erased when it is done; the id stays a while, so that it never counts twice."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("lane_id", "event_id"),
        Index(
            "ix_inbound_open",
            "chat_id",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"))
    event_id: Mapped[str] = mapped_column(String(255))
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chat.id", ondelete="SET NULL"), index=True)
    payload: Mapped[dict[str, Any] | None] = mapped_column(Json)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(default=0)


class Conversation(Base):
    """Where a chat stands: the step it is in, what that step needs, and which choices are open by number."""

    __tablename__ = "conversation"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str | None] = mapped_column(String(60))
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    open: Mapped[list[list[str]]] = mapped_column(Json, default=list)
    """Number, label and value of each choice of the last answer."""
    revision: Mapped[int] = mapped_column(default=0)
