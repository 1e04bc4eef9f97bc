"""Small ports for platforms that live in several processes of one city at once; the contract itself needs none of them.

A platform without them is received from, and sent to, by the one process that owns its lane.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable


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
