"""Features register what they hold about people; export, erasure and retention work through the register.

A test compares the register with the tables: a column that names a person and stands nowhere here fails it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Rich
from bot.language import Renderer, join

Export = Callable[[AsyncSession, int], Awaitable[object]]
Erase = Callable[[AsyncSession, int], Awaitable[None]]
Tell = Callable[[object, Renderer], Rich]
Sweep = Callable[[AsyncSession], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Holding:
    """What one feature holds about a person (by the person's id)."""

    name: str
    tables: frozenset[str]
    """The tables in which it lies."""
    export: Export
    """Gives it, ready for JSON."""
    erase: Erase
    """Deletes it, or cuts the tie to the person."""
    tell: Tell | None = None
    """Says in words what `export` gave; None where that adds nothing."""
    hold: Erase | None = None
    """Locks what `erase` changes and others change, too; None where nobody else does."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What is deleted by the passing of time."""

    name: str
    sweep: Sweep


class Register:
    """All holdings of the running program, in the order they were added; erased in the reverse order, in which locks
    are taken, too: from cases down to people (docs/architecture.md)."""

    def __init__(self) -> None:
        self.holdings: list[Holding] = []
        self.retentions: list[Retention] = []

    def holds(self, holding: Holding) -> None:
        self.holdings.append(holding)

    def sweeps(self, retention: Retention) -> None:
        self.retentions.append(retention)

    async def export(self, session: AsyncSession, person_id: int) -> dict[str, object]:
        """Everything about a person, by holding; ready for JSON."""
        return {holding.name: await holding.export(session, person_id) for holding in self.holdings}

    def tell(self, data: Mapping[str, object], render: Renderer) -> Rich:
        """What `export` gave, in words."""
        told = [holding.tell(data[holding.name], render) for holding in self.holdings if holding.tell]
        return join(*told)

    async def erase(self, session: AsyncSession, person_id: int) -> None:
        """Forget a person everywhere, in the caller's transaction."""
        # What is erased first may need a number, after which nothing is locked any more.
        for holding in reversed(self.holdings):
            if holding.hold is not None:
                await holding.hold(session, person_id)
        for holding in reversed(self.holdings):
            await holding.erase(session, person_id)
