"""Small ports beside the contract, for what only some platforms need: most live in several processes of one city.

A platform without those is received from, and sent to, by the one process that owns its lane.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from bot.contract import Address, Attachment, Outgoing, Ref
from bot.host import Store

PAGE = 100


async def everything(store: Store, prefix: str, *, page: int = PAGE) -> AsyncIterator[tuple[str, str]]:
    """All that a store has under a prefix, in key order, so many rows at a time; the first short page is the last."""
    after = ""
    while True:
        rows = await store.listing(prefix, after=after, limit=page)
        for row in rows:
            yield row
        if len(rows) < page:
            return
        after = rows[-1][0]


@runtime_checkable
class Splits(Protocol):
    """For platforms on which one message of ours may be several of theirs, each of which counts against the limits.

    Elsewhere an album counts each of its files, and everything else is one.
    """

    def parts(self, message: Outgoing) -> int:
        """How many it is, sent or edited. Never raises: one that can't be sent at all counts as one."""


@runtime_checkable
class Remains(Protocol):
    """For platforms on which a message in parts may break off in the middle: its first parts are out, and stay so."""

    async def remains(self, key: str) -> Ref:
        """What is out of a message whose sending, or changing, under this key broke off; () if that is nothing new.

        Asked after a failure, as often as need be: what was noted about it stays until `settle_remains`.
        """

    async def all_remains(self) -> Mapping[str, Ref]:
        """All that is noted, by key: asked once by a new owner."""

    async def settle_remains(self, key: str) -> None:
        """What is out is written down, so the note may be forgotten. Unknown keys are harmless."""


@runtime_checkable
class Shares(Protocol):
    """For platforms whose `run` goes on in every process that serves (the page), while one of all processes sends.

    What they have in common is their `Store`.
    """

    def share(self) -> None:
        """From now on other processes write to the store too: remember nothing of it."""

    def stored(self, key: str) -> None:
        """Another process wrote or deleted this key of the store; "": perhaps any."""


@runtime_checkable
class Resides(Protocol):
    """For platforms that need something of one machine (Matrix: a folder of keys): they move only to where it is."""

    async def move_in(self) -> str:
        """Get ready to own the lane here: "", or one sentence that says why it can't be."""

    async def move_out(self) -> None:
        """Let go of it: another process may move in. Again is harmless."""


# --- what any platform may have ------------------------------------------------------------------------------


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
