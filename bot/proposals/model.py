"""Table of proposals: where a resident's post stands on its way to its release. The post lies with the posts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, Json, UTCDateTime

REQUEST_KIND = "proposal_request"
"""`Item.kind` of what is asked of a reviewer or an author; each has a number of its own."""


class Stage(StrEnum):
    """The way of a proposal."""

    DRAFT = "draft"
    """Its author still writes."""
    OPEN = "open"
    """Waits for somebody to release it."""
    CONSENT = "consent"
    """Other words were proposed; its author says yes or no."""
    RELEASED = "released"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """By its author."""
    TAKEN_BACK = "taken_back"
    """By somebody else, after it was published."""
    ENDED = "ended"
    """Ran out, and its author knows."""


WAITING = (Stage.OPEN, Stage.CONSENT)


class Proposal(Base):
    """What a resident or an organisation proposes."""

    __tablename__ = "proposal"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(12), default=Stage.DRAFT, index=True)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    reviewer: Mapped[int | None] = mapped_column(BigInt, index=True)
    """Who proposed other words, or decided."""
    requests: Mapped[list[int]] = mapped_column(Json, default=list)
    """The items under which reviewers and its author were asked about it."""
    words: Mapped[str] = mapped_column(default="")
    """The words a reviewer would have instead; they count only with the author's consent."""
    told: Mapped[bool] = mapped_column(default=False)
    """The author knows that it is out."""
