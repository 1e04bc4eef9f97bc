"""Tables of people: as little as works. No name, no number; the Quartier is what the person says it is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, Json, UTCDateTime


class Pace(StrEnum):
    """How often a person wants to hear from us. Severe alerts come at once, whatever the pace."""

    NOW = "now"
    EVENING = "evening"
    WEEKLY = "weekly"


class Role(StrEnum):
    """What a person may do; each grant has a scope."""

    STAFF = "staff"
    MODERATOR = "moderator"
    COORDINATOR = "coordinator"
    ORGANISATION = "organisation"
    """May propose posts in an organisation's name."""


class Person(Base):
    """Somebody who agreed that we store this. Hours are the city's local hours."""

    __tablename__ = "person"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    languages: Mapped[list[str]] = mapped_column(Json)
    """Tags, the first is the one we write in."""
    language: Mapped[str] = mapped_column(String(35))
    """`languages[0]`, as a column of its own for the audience's queries."""
    pace: Mapped[str] = mapped_column(String(10), default=Pace.WEEKLY)
    slot_weekday: Mapped[int] = mapped_column(default=4)
    """0 Monday … 6 Sunday; used by the weekly pace."""
    slot_hour: Mapped[int] = mapped_column(default=16)
    """Used by the weekly pace."""
    evening_hour: Mapped[int] = mapped_column(default=18, server_default="18")
    """Used by the daily pace."""
    quiet_from: Mapped[int] = mapped_column(default=20)
    quiet_to: Mapped[int] = mapped_column(default=8)
    """Hours; equal values: never quiet."""
    preferred_chat: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), index=True)
    agreed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    digest_mark: Mapped[int] = mapped_column(BigInt, default=0)
    """A publication number: everything up to it has been told, or was there before the person came."""


class Account(Base):
    """A chat that belongs to a person; one person may have several."""

    __tablename__ = "account"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


class Subscription(Base):
    """A person reads a Quartier; Quartier 0 is the whole city. Paused: the person said STOPP or blocked us."""

    __tablename__ = "subscription"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    quartier: Mapped[int] = mapped_column(BigInt, primary_key=True, index=True)
    paused: Mapped[bool] = mapped_column(default=False)


class Grant(Base):
    """A role with its scope: staff of a Treffpunkt, moderator of a Quartier, coordinator of the city (scope 0),
    voice of an organisation."""

    __tablename__ = "grant"
    __table_args__ = (UniqueConstraint("person_id", "role", "scope"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[int] = mapped_column(BigInt, default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Invite(Base):
    """A one-time code for a role; only its hash is kept."""

    __tablename__ = "invite"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[int] = mapped_column(BigInt, default=0)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Try(Base):
    """How often a chat typed a wrong code lately, so that codes can't be guessed."""

    __tablename__ = "try"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    count: Mapped[int] = mapped_column(default=0)
