"""The port between the neighbourhood and the messengers.

What happens on any platform becomes an `Inbound`; what a person should see becomes an `Outgoing`; a `Platform`
carries both. An adapter translates, and holds no rule of the neighbourhood.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol, runtime_checkable

from bot.sights import Sights

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


@runtime_checkable
class Downloads(Protocol):
    """For platforms where a person's file has to be fetched."""

    async def fetch(self, attachment: Attachment) -> bytes: ...


@runtime_checkable
class Menus(Protocol):
    """For platforms with a list of commands beside the text field."""

    async def set_menu(
        self, language: str, commands: Sequence[tuple[str, str]], to: Address | None = None
    ) -> None:
        """Show `commands` (name of [a-z0-9_], at most 32; description) to readers of `language`, or in chat `to`."""


@runtime_checkable
class Forgets(Protocol):
    """For platforms that keep something of their own about a conversation (the page's chat)."""

    async def forget(self, conversation: Address) -> None: ...


# --- what the house gives an adapter -------------------------------------------------------------------------


class Store(Protocol):
    """A small key–value store of the adapter's own, durable when a call returns."""

    async def get(self, key: str) -> str | None: ...

    async def put(self, key: str, value: str) -> None: ...

    async def put_new(self, key: str, value: str) -> bool:
        """Store only if the key is free; says whether it was."""

    async def delete(self, key: str) -> None: ...

    async def listing(self, prefix: str, *, after: str = "", limit: int = 100) -> list[tuple[str, str]]:
        """Keys and values under a prefix, in key order, keys greater than `after`."""


class Media(Protocol):
    """Stored files, by our id."""

    async def load(self, media: int) -> tuple[bytes, str]:
        """Content and MIME type. Raises `KeyError` for an unknown id."""


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of a public page: an announcement or an offer, rendered for a reader."""

    anchor: str
    body: Rich
    attachments: tuple[Attachment, ...] = ()
    announced: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One public page, rendered for one language: the adapter only lays it out."""

    title: str
    language: str
    rtl: bool
    intro: Rich = ()
    parts: tuple[tuple[str, tuple[Section, ...]], ...] = ()
    """Heading and what stands under it."""
    empty: dict[str, str] = field(default_factory=dict)
    """What to say under a heading that has nothing."""


class PublicPages(Protocol):
    """What anyone may read without an account. Names: "imprint", "privacy", "rules", "accessibility"."""

    async def city(self, language: str) -> Page: ...

    async def quartier(self, slug: str, language: str) -> Page | None: ...

    async def fixed(self, name: str, language: str) -> Page | None: ...

    async def quartiere(self) -> Sequence[tuple[str, str]]:
        """Slug and name, in the city's order."""

    def languages(self) -> Sequence[tuple[str, str, bool]]:
        """Tag, own name, right to left; those a reader can choose."""

    def text(self, language: str, key: str, **values: str) -> str:
        """A fixed text of the page by its message id."""

    def moment(self, language: str, at: datetime, *, brief: bool = False) -> str:
        """An aware time in the city's zone, in words; `brief`: the time of day alone on the day it is read."""


def _unheard(why: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Host:
    """What an adapter's `build(host)` gets. `settings` is its own section of the settings, unparsed."""

    settings: dict[str, object]
    store: Store
    media: Media
    pages: PublicPages
    demo: bool
    health: Callable[[], Awaitable[dict[str, object]]]
    secret: bytes
    """A random key of this installation (signing); never logged."""
    public_url: str = ""
    folder: str = ""
    """The path of a folder for files of its own, unless its settings name another; backups take it along."""
    well: Callable[[str], None] = _unheard
    """Tell the house how it goes while `run` goes on by itself: "" is well, else one sentence without secrets."""
    sights: Sights | None = None
    """What the house shows of itself, where there is a page for it."""


Build = Callable[[Host], Platform | None]
"""An adapter's entry point; None when its settings don't ask for it."""
