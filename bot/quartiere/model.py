"""Tables of the place. Ids stay over reloads (matched by slug); what left the file is retired, never deleted,
because subscriptions and posts point at it. Ids begin at 1: Quartier 0 means the whole city elsewhere.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, Json, UTCDateTime

WHOLE_CITY = 0
"""The Quartier id that means all of them."""


class City(Base):
    """The one city of this database: a single row."""

    __tablename__ = "city"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    zone: Mapped[str] = mapped_column(String(64))
    languages: Mapped[list[str]] = mapped_column(Json)
    sample: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    """Contact, imprint, privacy, accessibility and rules, as `cityfile.Facts` wrote them."""


class Quartier(Base):
    """A part of the city that people can subscribe to."""

    __tablename__ = "quartier"
    __table_args__ = (CheckConstraint("id > 0", name="not_whole_city"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    position: Mapped[int]
    texts: Mapped[dict[str, str]] = mapped_column(Json)
    """What the Quartier says of itself, by language tag."""
    welcome: Mapped[dict[str, str]] = mapped_column(Json, default=dict, server_default="{}")
    """What it says to somebody who subscribes for the first time, by language tag; empty: a sentence of ours."""
    retired: Mapped[bool] = mapped_column(default=False)


class Treffpunkt(Base):
    """A place where neighbours meet, and who runs it."""

    __tablename__ = "treffpunkt"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    quartier_id: Mapped[int] = mapped_column(ForeignKey("quartier.id"), index=True)
    position: Mapped[int]
    carrier: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(200))
    hours: Mapped[dict[str, str]] = mapped_column(Json)
    phone: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(200))
    accessibility: Mapped[dict[str, str]] = mapped_column(Json)
    retired: Mapped[bool] = mapped_column(default=False)


class Organisation(Base):
    """An association, shop or institution; the Treffpunkt vouches for it."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    treffpunkt_id: Mapped[int] = mapped_column(ForeignKey("treffpunkt.id"), index=True)
    retired: Mapped[bool] = mapped_column(default=False)


class Offer(Base):
    """Something that takes place again and again."""

    __tablename__ = "offer"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    treffpunkt_id: Mapped[int | None] = mapped_column(ForeignKey("treffpunkt.id"), index=True)
    whole_city: Mapped[bool] = mapped_column(default=False)
    title: Mapped[dict[str, str]] = mapped_column(Json)
    note: Mapped[dict[str, str]] = mapped_column(Json)
    place: Mapped[str] = mapped_column(String(200))
    """Only if it isn't at the Treffpunkt."""
    cost: Mapped[str] = mapped_column(String(12))
    """As `cityfile.Cost`: "free", "donation", "deposit", euros as "2.50", or "" if nobody said."""
    rules: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    """`when.When`, one each."""
    pauses: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    """`when.Span`, one each; those of the Treffpunkt too."""
    retired: Mapped[bool] = mapped_column(default=False)


class OfferException(Base):
    """One date of an offer that is not as its rule says."""

    __tablename__ = "offer_exception"
    __table_args__ = (UniqueConstraint("offer_id", "date"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    date: Mapped[date]
    kind: Mapped[str] = mapped_column(String(12))
    """"cancelled"."""
    note: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
