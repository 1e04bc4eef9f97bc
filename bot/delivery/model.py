"""Tables of delivery: who can be written to (lane, chat), what (text), and the copy someone should hold (delivery).

Ids of chats, texts and deliveries are never given out twice, though rows are erased as soon as they have served:
SQLite would hand the id of an erased last row to the next one, and with it a key that a platform has seen already.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    TextClause,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, Json, UTCDateTime


class Priority(IntEnum):
    """The class of a delivery: lower goes first."""

    REPLY = 0
    ALERT = 1
    RELAY = 2
    ANNOUNCEMENT = 3
    DIGEST = 4


class State(StrEnum):
    """Where a copy stands. `pending` and `sending` are on the way, all others are ends."""

    PENDING = "pending"
    SENDING = "sending"
    HELD = "held"
    GONE = "gone"
    REJECTED = "rejected"
    UNSURE = "unsure"
    DROPPED = "dropped"


_BY_BYTES = String(255).with_variant(String(255, collation="C"), "postgresql")
"""Compared byte by byte on both databases, so that all keys with one beginning are a range of the primary key."""


def spelled(state: State) -> ColumnElement[str]:
    """A state as conditions say it, in these words: a bound parameter would miss the partial indexes."""
    return literal_column(f"'{state}'", String)


def _only(state: State) -> TextClause:
    """The condition of a partial index."""
    return text(f"state = '{state}'")


_PENDING, _SENDING, _UNSURE = _only(State.PENDING), _only(State.SENDING), _only(State.UNSURE)


class Lane(Base):
    """One sending account on one platform, and how far its events are read."""

    __tablename__ = "lane"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    platform: Mapped[str] = mapped_column(String(40), unique=True)
    cursor: Mapped[str | None]
    owner: Mapped[str | None] = mapped_column(String(40))
    epoch: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    learned_rate: Mapped[float | None]


class Chat(Base):
    """A conversation on a platform that can be written to."""

    __tablename__ = "chat"
    __table_args__ = (UniqueConstraint("lane_id", "address"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"))
    address: Mapped[str] = mapped_column(String(255))
    is_room: Mapped[bool] = mapped_column(default=False)
    reachable: Mapped[bool] = mapped_column(default=True)


class StoredText(Base):
    """An `Outgoing`, rendered once per item, revision and language, or one reply."""

    __tablename__ = "text"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    item: Mapped[int | None] = mapped_column(BigInt, index=True)
    revision: Mapped[int] = mapped_column(default=0)
    language: Mapped[str] = mapped_column(String(35))
    body: Mapped[dict[str, Any]] = mapped_column(Json)


class TextItem(Base):
    """Which items a stored text tells, and in which order: a digest tells of many."""

    __tablename__ = "text_item"

    text: Mapped[int] = mapped_column(ForeignKey("text.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[int] = mapped_column(BigInt, primary_key=True, index=True)
    position: Mapped[int]


class Delivery(Base):
    """One recipient's copy of one item: what it should say (`wanted_text`) and what it says (`held_text`).

    `wanted_text` NULL with a `ref`: the copy is to be taken back. `sending_text` is what a request under way says;
    it stays when that request's fate is unknown and the platform knows keys, so that it is repeated word for word.
    `changes` counts edits and deletions, each of which has a key of its own, and how often a sender had it sent once
    more. `generation` counts how often a copy was taken back: one that is given back is a new message, under a key that
    no platform has seen. `moves` counts how often it followed its conversation elsewhere. `requests` counts all that
    was ever begun for it: what becomes of one is noted only while it is the last.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("item", "chat_id"),
        Index(
            "ix_delivery_claim",
            "lane_id",
            "priority",
            "quartier",
            "due_at",
            "id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(
            "ix_delivery_queue_of_chat",
            "chat_id",
            "due_at",
            "id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index("ix_delivery_sending", "lane_id", sqlite_where=_SENDING, postgresql_where=_SENDING),
        Index("ix_delivery_unsure", "item", sqlite_where=_UNSURE, postgresql_where=_UNSURE),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    item: Mapped[int | None] = mapped_column(BigInt)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"), index=True)
    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"))
    priority: Mapped[int]
    quartier: Mapped[int] = mapped_column(BigInt, default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    wanted_text: Mapped[int | None] = mapped_column(ForeignKey("text.id"), index=True)
    held_text: Mapped[int | None] = mapped_column(ForeignKey("text.id"), index=True)
    sending_text: Mapped[int | None] = mapped_column(BigInt)
    """No foreign key: erasing a text must not have to look for it here."""
    ref: Mapped[list[str] | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10), default=State.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0)
    generation: Mapped[int] = mapped_column(default=0, server_default="0")
    moves: Mapped[int] = mapped_column(default=0, server_default="0")
    requests: Mapped[int] = mapped_column(default=0, server_default="0")
    held_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


IS_PENDING = Delivery.state == spelled(State.PENDING)
IS_SENDING = Delivery.state == spelled(State.SENDING)


class AdapterValue(Base):
    """What an adapter keeps for itself, by lane and key."""

    __tablename__ = "adapter_store"

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    key: Mapped[str] = mapped_column(_BY_BYTES, primary_key=True)
    value: Mapped[str]


class StoredMedia(Base):
    """A checked file, and under which id each lane already knows it."""

    __tablename__ = "media"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    mime: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(255))
    content: Mapped[bytes]
    owner: Mapped[int | None] = mapped_column(BigInt, index=True)
    """The person it was made for (an export); it goes when the person goes."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
