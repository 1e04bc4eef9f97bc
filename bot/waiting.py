"""Waiting on the event loop, by its own clock."""

from __future__ import annotations

import asyncio


def now() -> float:
    """The running loop's seconds: they only ever go on, and say nothing about the time of day."""
    return asyncio.get_running_loop().time()


async def wait(event: asyncio.Event, seconds: float | None) -> None:
    """Return when it happens, or after so many seconds at the latest (None: however long it takes)."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
