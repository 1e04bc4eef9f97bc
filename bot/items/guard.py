"""Who may speak at present: the port that every use case asks before it carries a person's words to others.

Moderation fills it. A silenced person still reads everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import M, Msg


@dataclass(frozen=True, slots=True)
class Silence:
    """A person may not post or reply. `until`: None when it ends only by a decision; `case`: its number."""

    case: int
    until: datetime | None

    def said(self) -> Msg:
        """What the person is told when they try."""
        if self.until is None:
            # Translators: somebody who may no longer write here tries to. {case}: the number of the decision.
            return M("items.silenced", case=self.case)
        # Translators: the same for a time. {until}: the moment from which they may write again.
        return M("items.silenced_until", case=self.case, until=self.until)


class SilencedError(Exception):
    """This person may not speak now; `silence.said()` tells them."""

    def __init__(self, silence: Silence) -> None:
        super().__init__("this person may not speak now")
        self.silence = silence


class Guard(Protocol):
    """Asked in the transaction of what it guards."""

    async def silence(self, session: AsyncSession, person: int) -> Silence | None:
        """Why this person may not speak now; None if they may."""


class Open:
    """Everybody may speak."""

    async def silence(self, session: AsyncSession, person: int) -> Silence | None:
        return None


async def heard(guard: Guard, session: AsyncSession, person: int) -> None:
    """Raises `SilencedError` if this person may not speak now."""
    silence = await guard.silence(session, person)
    if silence is not None:
        raise SilencedError(silence)
