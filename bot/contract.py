"""The port between the neighbourhood and the messengers.

What happens on any platform becomes an `Inbound`; what a person should see becomes an `Outgoing`; a `Platform`
carries both. An adapter translates, and holds no rule of the neighbourhood. What only some platforms can is in
`bot.ports`, what an adapter is given in `bot.host`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol

Address = NewType("Address", str)
"""A conversation on one platform (direct or room), as the platform spells it."""

Ref = tuple[str, ...]
"""The platform's ids of one sent message; several when one message became several (albums, long texts)."""


# --- what comes in -------------------------------------------------------------------------------------------


class Happened(StrEnum):
    """What kind of thing an `Inbound` tells of."""

    TEXT = "text"
    CHOICE = "choice"
    ATTACHMENT = "attachment"
    JOINED = "joined"
    LEFT = "left"
    BLOCKED = "blocked"
    EDITED = "edited"
    DELETED = "deleted"
    REACTION = "reaction"
    UNREADABLE = "unreadable"
    """Somebody wrote, but what can't be read: its key never came. They would wait for an answer in vain."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file. `source` is what the adapter needs to fetch it; `media` is our own id once it is stored."""

    kind: str
    """"image" or "document"."""
    name: str = ""
    mime: str = ""
    size: int = 0
    """Bytes, as the platform says; 0 when it doesn't."""
    source: str = ""
    media: int | None = None
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that happened. `event_id` is unique per lane: the same event never counts twice."""

    event_id: str
    conversation: Address
    what: Happened
    at: datetime
    """Aware; when it happened, as the platform says."""
    text: str = ""
    """What was typed, or the caption, or the reaction."""
    choice: str = ""
    """The value of the tapped `Choice`."""
    attachments: tuple[Attachment, ...] = ()
    ref: Ref = ()
    """The message itself (for an edit or deletion: the one it happened to)."""
    reply_to: Ref = ()
    """The message of ours (or of somebody) that this answers or that carried the tapped choice."""
    is_room: bool = False
    language: str = ""
    """The platform's language hint, a BCP 47 tag, or empty."""


# --- what goes out -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A run of characters; bold or a link if so marked."""

    text: str
    bold: bool = False
    url: str = ""


Line = tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; one item a line."""

    items: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value, one pair a line: when, where, what it costs."""

    pairs: tuple[tuple[Line, Line], ...]


Block = Paragraph | Bullets | Facts
Rich = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tap, or to answer by its number or its word. `value` comes back in `Inbound.choice`.

    `value` has at most 64 bytes (Telegram's callback data).
    """

    label: str
    value: str
    url: str = ""
    """If set, the choice opens this address instead of coming back."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one recipient is to see. Neutral: the adapter escapes and splits."""

    body: Rich
    language: str = "de"
    rtl: bool = False
    choices: tuple[tuple[Choice, ...], ...] = ()
    """Rows of choices."""
    numbers: tuple[str, ...] = ()
    """What to type for each choice, in order, where there are no buttons ("1", "2"; or "117 3" in a pushed message)."""
    attachments: tuple[Attachment, ...] = ()
    reply_to: Ref = ()
    silent: bool = False
    forget: bool = False
    """What stands before this in the conversation is to be forgotten first, where we are the ones who keep it."""
    notice: str = ""
    """Said in place of a typed answer hint below numbered choices ("Schreib die Zahl.")."""


# --- the platform --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do. What it can't is data, never a method that raises."""

    buttons: bool = False
    edits: bool = True
    deletes: bool = True
    deletes_after: timedelta | None = None
    """How long after sending a message can still be deleted; None: always."""
    idempotent_sends: bool = False
    """The same key sent twice arrives once."""
    attachments: bool = True
    max_text: int = 4096
    """Characters, as the platform counts them (Telegram: UTF-16 units)."""
    max_file: int = 20 * 1024 * 1024
    """Bytes that can be fetched from people."""
    pushes: bool = True
    """A message reaches a closed device. The page's chat waits until the reader returns."""
    roles: bool = True
    """Accounts here may hold roles."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast one sending account may send."""

    per_second: float = 30.0
    per_chat_per_second: float = 1.0
    per_room_per_minute: int = 20
    in_flight: int = 30


class PlatformError(Exception):
    """The tree an adapter translates its platform's failures to. An adapter never retries by itself.

    PlatformError
    ├── RateLimited    not sent; come back after `retry_after` (this chat only, or the whole account)
    ├── RecipientGone  not sent and never will be: blocked, deleted, kicked
    ├── AddressMoved   not sent; the conversation lives at `new` now
    ├── Unsure         perhaps sent: the answer was lost
    ├── Rejected       not sent; the platform refuses this message as it is
    └── PlatformDown   not sent; the platform can't be reached
        └── LoginRefused   … because it doesn't take our login
    """


class RateLimited(PlatformError):
    """Not sent: too fast. `retry_after` in seconds; `chat_only` when only this chat is concerned."""

    def __init__(self, retry_after: float, *, chat_only: bool = False) -> None:
        super().__init__(f"too fast: wait {retry_after} s")
        self.retry_after = retry_after
        self.chat_only = chat_only


class RecipientGone(PlatformError):
    """Not sent, and never will be."""


class AddressMoved(PlatformError):
    """Not sent: the conversation has the address `new` now."""

    def __init__(self, new: Address) -> None:
        super().__init__("the conversation moved")
        self.new = new


class Unsure(PlatformError):
    """Perhaps sent: the request went out and no answer came back."""


class Rejected(PlatformError):
    """Not sent: the platform refuses this message as it is."""


class PlatformDown(PlatformError):
    """Not sent: the platform can't be reached, or our login is dead."""


class LoginRefused(PlatformDown):
    """Not sent: the platform doesn't take our login. At the start this is a bad setting; the message names it."""


Receive = Callable[[Sequence[Inbound], str | None], Awaitable[None]]
"""`receive(events, cursor)` stores both in one transaction before it returns; `cursor=None` leaves it as it is."""


class Platform(Protocol):
    """One sending account on one platform."""

    @property
    def name(self) -> str:
        """The platform's name, as in settings and in the lane ("telegram")."""

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def limits(self) -> Limits: ...

    async def check(self) -> str:
        """Log in once and say as whom, in a few words. Raises `PlatformError` if that fails."""

    async def run(self, receive: Receive, cursor: str | None) -> None:
        """Receive until cancelled, beginning after `cursor`."""

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        """Send and return the ids. `key` is the delivery's idempotency key."""

    async def edit(self, to: Address, ref: Ref, message: Outgoing, key: str) -> Ref:
        """Make the message say `message`; "not modified" is success. Returns the ids it has now."""

    async def delete(self, to: Address, ref: Ref, key: str) -> None:
        """Take the message away; "not found" is success. `Rejected` when it is too late for that."""

    def start_link(self, payload: str) -> str:
        """A link that opens the bot with `payload` ([A-Za-z0-9_-], at most 64; "": none), or "" if it can't be."""

    async def close(self) -> None: ...
