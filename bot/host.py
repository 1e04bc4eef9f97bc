"""What the house gives an adapter when it is built: a store, files, what everybody may read, and its own figures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.contract import Attachment, Platform, Rich
from bot.sights import Sights


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
