"""Table of questions: what a reader asked about an announcement, and what the Treffpunkt answered. No names."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, UTCDateTime

QUESTION_KIND = "question"
ANSWER_KIND = "answer"


class Direction(StrEnum):
    """Who speaks."""

    QUESTION = "question"
    ANSWER = "answer"


class Message(Base):
    """One message between a reader and a Treffpunkt; an item of its own, so that it can be answered in turn."""

    __tablename__ = "question"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    direction: Mapped[str] = mapped_column(String(10))
    about: Mapped[int | None] = mapped_column(BigInt, index=True)
    """The announcement it is about."""
    answers: Mapped[int | None] = mapped_column(BigInt, index=True)
    """The question this answers, or the answer this asks on from."""
    asker: Mapped[int | None] = mapped_column(BigInt, index=True)
    """The reader; empty once erased."""
    treffpunkt: Mapped[int | None] = mapped_column(BigInt)
    language: Mapped[str] = mapped_column(String(35))
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    neighbour: Mapped[bool] = mapped_column(default=False, server_default=false())
    """An answer of the resident whose post it is about: theirs, not the Treffpunkt's."""
