"""The port through which a page shows how delivery goes: to staff by a pass, to machines as figures. Nothing of people.

Beside `bot.contract`, which has room for what every messenger needs and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PostSight:
    """How one post goes, in the reader's language."""

    head: str
    """Its title, and when it was or will be sent."""
    lines: tuple[str, ...]
    reached: int
    people: int
    """All whom it reaches by now or will."""


@dataclass(frozen=True, slots=True)
class StaffSight:
    """What staff see of the posts they may see."""

    title: str
    intro: str
    posts: tuple[PostSight, ...]
    empty: str
    """Said in place of posts."""
    is_moving: bool
    """Something is on its way: it is worth to look again soon."""


class Sights(Protocol):
    """What the house shows of itself."""

    async def metrics(self, accept: str) -> tuple[bytes, str]:
        """Everything measured, in the form that an Accept header asks for, and its content type."""

    async def staff_language(self, token: str) -> str | None:
        """The language of whoever a pass was made for; None if it is none of ours, or opens nothing any more."""

    async def staff(self, token: str, language: str) -> StaffSight | None:
        """What a pass shows; None as above. Rights are asked anew each time."""
