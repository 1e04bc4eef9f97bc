"""Two transactions that each wait for a row of the other: PostgreSQL ends one of them, and that one begins again.

The order of locks (docs/architecture.md) makes this rare; nobody is to notice when it happens all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

log = logging.getLogger(__name__)

PAUSES = (0.02, 0.1, 0.3, 0.5)
"""Seconds before each further try."""
_COLLISIONS = frozenset({"40P01", "40001"})
"""PostgreSQL's states: deadlock detected, could not serialize."""


async def again(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work`, a whole transaction, once more if it collided with another. Raises what it raises at last."""
    for pause in PAUSES:
        try:
            return await work()
        except DBAPIError as fault:
            if not collided(fault):
                raise
        log.info("two transactions met at the same rows; one begins again")
        await asyncio.sleep(pause)
    return await work()


def collided(fault: DBAPIError) -> bool:
    """Whether nothing is wrong but that another transaction was there at the same time."""
    return getattr(fault.orig, "sqlstate", None) in _COLLISIONS
