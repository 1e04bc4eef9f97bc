"""What delivery needs of upper rooms, without knowing them. The composition root fills it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.contract import Outgoing


def _as_it_is(message: Outgoing) -> Outgoing:
    return message


@dataclass(slots=True)
class Hooks:
    """Words that only upper rooms have."""

    repeat: Callable[[Outgoing], Outgoing] = _as_it_is
    """How an alert, or an announcement that its sender sends once more, is marked that may have arrived before."""
