"""What every peer does alike: read what it is asked, send with so many at once, say what it cost."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import psutil


def asked() -> dict[str, Any]:
    """The benchmark's order: `url`, `token`, `chats`, `text`, and what else this one needs."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    return order


def tell(**figures: object) -> None:
    """What was measured, for the benchmark to read."""
    sys.stdout.write(json.dumps(figures) + "\n")


async def all_of(chats: Iterable[int], send: Callable[[int], Awaitable[object]], at_once: int) -> None:
    """`send` to each, so many at once: workers that take the next chat, as one would write it."""
    left = iter(chats)

    async def work() -> None:
        for chat in left:
            await send(chat)

    await asyncio.gather(*(work() for _ in range(at_once)))


async def measured(chats: Iterable[int], send: Callable[[int], Awaitable[object]], at_once: int) -> None:
    """Send to all and tell the seconds, of the clock and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    await all_of(chats, send, at_once)
    took, cpu = time.perf_counter() - began, time.process_time() - used
    tell(seconds=took, cpu=cpu, memory=psutil.Process().memory_info().rss / 2**20)


async def broadcast(to_all: Callable[[], Awaitable[None]], *, warm: float, seconds: float) -> None:
    """After a while of answering only, tell everybody, for so many seconds at most; then end the process at once.

    Tells when it began (`time.monotonic`, one clock for all processes), and what it cost.
    """
    await asyncio.sleep(warm)
    began, used = time.monotonic(), time.process_time()
    try:
        async with asyncio.timeout(seconds):
            await to_all()
    except TimeoutError:
        pass
    tell(began=began, cpu=time.process_time() - used)
    sys.stdout.flush()
    os._exit(0)  # what still waits inside a limiter would go on for minutes
