"""Tables of moderation. Whoever is named here may be erased: a case stays whole without its people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, Json, UTCDateTime

CASE_KIND = "case"
APPEAL_KIND = "appeal"
STATEMENT_KIND = "statement"
"""`Item.kind` of what is pushed with choices: a case, an appeal, a statement or outcome."""


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    SECOND = "second"
    """An exclusion is proposed; a second person decides whether it comes about."""
    DECIDED = "decided"
    DISMISSED = "dismissed"
    VOID = "void"
    """What it was about is gone: the author was erased, or the author took it back."""


class Level(StrEnum):
    """Who decides: the moderators of its Quartiere, or the coordinator."""

    MODERATORS = "moderators"
    COORDINATOR = "coordinator"


class Standing(StrEnum):
    """What became of a decision."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    OVERTURNED = "overturned"


class AppealState(StrEnum):
    """What became of an appeal."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    VOID = "void"


OPEN_CASE = text("state IN ('open', 'second')")


class Case(Base):
    """What one or several people reported about one item. Its item carries its number."""

    __tablename__ = "case"
    __table_args__ = (
        # Two who report at once: the second joins.
        Index("uq_case_open", "about", unique=True, sqlite_where=OPEN_CASE, postgresql_where=OPEN_CASE),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInt, unique=True)
    about: Mapped[int] = mapped_column(BigInt, index=True)
    """The reported item."""
    author: Mapped[int | None] = mapped_column(BigInt, index=True)
    """Who wrote it; empty once erased, or where nobody is known."""
    official: Mapped[bool] = mapped_column(default=False)
    level: Mapped[str] = mapped_column(String(12))
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=CaseState.OPEN, index=True)
    claimed_by: Mapped[int | None] = mapped_column(BigInt)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    snapshot: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What was reported, and what stood around it; empty once nobody can appeal any more."""


class Report(Base):
    """One person's report. Nobody who decides ever learns whose it is."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("case_item", "reporter"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    case_item: Mapped[int] = mapped_column(ForeignKey("case.item_id", ondelete="CASCADE"), index=True)
    reporter: Mapped[int | None] = mapped_column(BigInt, index=True)
    reason: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome_item: Mapped[int | None] = mapped_column(BigInt)
    """The message that told the outcome."""


class Decision(Base):
    """What a human decided about a case, and why."""

    __tablename__ = "decision"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    case_item: Mapped[int] = mapped_column(ForeignKey("case.item_id", ondelete="CASCADE"), index=True)
    step: Mapped[str] = mapped_column(String(10))
    days: Mapped[int | None]
    rule: Mapped[str] = mapped_column(String(40), default="")
    """The house rule's id; empty where the reason is in words."""
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[int | None] = mapped_column(BigInt, index=True)
    second: Mapped[int | None] = mapped_column(BigInt, index=True)
    """Who confirmed it, or refused to."""
    state: Mapped[str] = mapped_column(String(12), default=Standing.IN_FORCE)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The end of what it restricts."""
    appeal_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    statement_item: Mapped[int | None] = mapped_column(BigInt)


class Restriction(Base):
    """A person may not post or reply; reading is never restricted. `until` NULL: only a decision ends it."""

    __tablename__ = "restriction"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    person: Mapped[int] = mapped_column(BigInt, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    case_number: Mapped[int] = mapped_column(BigInt)
    decision: Mapped[int] = mapped_column(BigInt, index=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Appeal(Base):
    """Somebody sees a decision differently: the author, or a reporter. Another human decides."""

    __tablename__ = "appeal"
    __table_args__ = (UniqueConstraint("decision", "person"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInt, unique=True)
    case_item: Mapped[int] = mapped_column(ForeignKey("case.item_id", ondelete="CASCADE"), index=True)
    decision: Mapped[int] = mapped_column(BigInt, index=True)
    person: Mapped[int | None] = mapped_column(BigInt, index=True)
    of_author: Mapped[bool]
    words: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(12), default=AppealState.OPEN, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInt)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(default="")
