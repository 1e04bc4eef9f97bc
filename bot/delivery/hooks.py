"""What upper rooms may learn from delivery, without delivery knowing them. The composition root fills these in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Outgoing

Learn = Callable[[AsyncSession, Collection[int]], Awaitable[None]]
"""Called in the transaction that marks it: what the hook writes is kept if and only if the mark is."""


async def _nothing(_session: AsyncSession, _ids: Collection[int]) -> None:
    """Nobody wants to know."""


def _as_it_is(message: Outgoing) -> Outgoing:
    return message


@dataclass(slots=True)
class Hooks:
    """Each gets all that one batch of marks brought about."""

    gone: Learn = _nothing
    """These chats can't be reached any more."""
    repeat: Callable[[Outgoing], Outgoing] = _as_it_is
    """How an alert is marked that may have arrived before."""
