"""Tables of posts. A draft is a row from its first word on: a conversation survives a restart in mid-step."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, Json, UTCDateTime

ITEM_KIND = "post"
"""`Item.kind` of every post; which kind of post it is says `Post.kind`."""
PROPOSAL_KIND = "proposal"
"""`Item.kind` of what a resident proposes, until staff release it: then it is a post like any other."""
APPROVAL_KIND = "approval"
"""`Item.kind` of the request to release an alert, which has a number of its own."""
AGAIN_KIND = "again"
"""`Item.kind` of a receipt with a choice, for the same reason."""


class Origin(StrEnum):
    """Where a text in a language comes from."""

    AUTHOR = "author"
    HAND = "hand"
    MACHINE = "machine"


class Source(StrEnum):
    """Whose words a post is, if not a Treffpunkt's own."""

    STAFF = ""
    RESIDENT = "resident"
    ORGANISATION = "organisation"


class Receipt(StrEnum):
    """What the sender still has to be told."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Post(Base):
    """An announcement: its kind, its facts, and where it stands beside the item's state."""

    __tablename__ = "post"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(35))
    """In which it was written."""
    template: Mapped[bool] = mapped_column(default=False)
    """Its sentences come from the catalogues, complete in every language; what was written is put into them."""
    fields: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """Facts that are only words, by `FieldName`: contact, helpers."""
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    all_day: Mapped[bool] = mapped_column(default=False)
    place: Mapped[str] = mapped_column(String(200), default="")
    new_starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Where something moved to, in time and place; `starts_at` and `place` say where it was."""
    new_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    new_all_day: Mapped[bool] = mapped_column(default=False)
    new_place: Mapped[str] = mapped_column(String(200), default="")
    cost: Mapped[str] = mapped_column(String(120), default="")
    """"free", "donation", "deposit", euros as "2.50", other words as they were written, or "" if nobody said."""
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """From then on it is of no use to anybody."""
    alert: Mapped[bool] = mapped_column(default=False)
    cancelled: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    """When it leaves: the scheduled time, or the end of the moment in which it can be undone."""
    sender: Mapped[int | None] = mapped_column(BigInt)
    """Who sent it or asked for its approval, and hears how it went."""
    approved_by: Mapped[int | None] = mapped_column(BigInt)
    corrects: Mapped[int | None] = mapped_column(BigInt, index=True)
    """This is the draft of a correction of that item."""
    follows: Mapped[int | None] = mapped_column(BigInt, index=True)
    """This is the short news that that item was changed or cancelled."""
    media: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    """Files: `media`, `kind`, `name`, `mime`, `alt`; what is not asked yet is missing."""
    doubts: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    """What was unclear in the words, as `drafting.doubts` writes it; each is asked before anything is sent."""
    asked: Mapped[list[str]] = mapped_column(Json, default=list)
    """Facts that were asked for already: once is enough."""
    rendered: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    """The stored text of each combination of languages ("de", "ar de") at the present revision."""
    receipt: Mapped[str | None] = mapped_column(String(12), index=True)
    source: Mapped[str] = mapped_column(String(12), default=Source.STAFF, server_default=text("''"))
    """A `Source`. If it isn't staff's, `Item.author` is the resident, and `Item.treffpunkt` released it."""
    organisation: Mapped[int | None] = mapped_column(BigInt)
    """For which organisation a resident speaks."""


class PostText(Base):
    """What a post says in one language."""

    __tablename__ = "post_text"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    """The item's revision when it was written. A translation older than the author's text is no longer shown."""
    origin: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str]
