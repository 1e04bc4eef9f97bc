"""Growing a hundredfold: what one message costs and what the engine holds in memory, at 1,000 and 100,000 recipients.

The whole durable path (claim, dispatch, mark) on the platform in memory, each size in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from adapters.memory import MemoryPlatform
from bot.clock import SystemClock
from bot.contract import Address, Outgoing, Ref
from bot.delivery.engine import Engine
from bot.delivery.outbox import Outbox
from bot.storage import Database
from tests.bench.databases import publish, readers, sqlite
from tests.bench.report import Figure
from tests.unit.delivery.counts import counts

SMALL, LARGE = 1_000, 100_000
ROUNDS = 20
"""Broadcasts to the few: one alone is over too soon to be measured."""


class _Forgetful(MemoryPlatform):
    """Takes everything and keeps nothing, so that what is measured is the engine's memory."""

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        await asyncio.sleep(0)
        return (key,)


async def measure() -> list[Figure]:
    small = await _apart(SMALL, ROUNDS)
    large = await _apart(LARGE, 1)
    used = large["cpu"] / small["cpu"]
    return [
        Figure("copies a second, whole path, 1,000 recipients", 1 / small["seconds"], "copies/s"),
        Figure("copies a second, whole path, 100,000 recipients", 1 / large["seconds"], "copies/s"),
        Figure("processor per 1000 copies, 1,000 recipients", small["cpu"] * 1000, "s"),
        Figure("processor per 1000 copies, 100,000 recipients", large["cpu"] * 1000, "s"),
        Figure("time per message, hundredfold", large["seconds"] / small["seconds"], "x", goal=1.1),
        Figure("processor per message, hundredfold", used, "x", goal=1.1),
        Figure("peak memory of the process, 100,000 recipients", large["memory"], "MB", goal=150),
    ]


async def _apart(recipients: int, rounds: int) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.growth", str(recipients), str(rounds)),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    told: dict[str, float] = json.loads(out)
    return told


async def _grown(recipients: int, rounds: int) -> dict[str, float]:
    """Seconds per copy, of the clock and of the processor, and the peak in MB."""
    async with sqlite() as database:
        lane = await readers(database, recipients)
        engine = Engine(database, SystemClock(), {lane: _Forgetful()})
        running = asyncio.create_task(engine.run())
        took = used = 0.0
        for item in range(1, rounds + 1):
            seconds, cpu = await _broadcast(database, engine, lane, item, recipients)
            took, used = took + seconds, used + cpu
        running.cancel()
        await asyncio.wait([running])
    copies = recipients * rounds
    return {"seconds": took / copies, "cpu": used / copies, "memory": _peak()}


def _peak() -> float:
    """MB of this process alone: what `getrusage` says begins with the parent's."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["VmHWM"].split()[0]) / 1024


async def _broadcast(
    database: Database, engine: Engine, lane: int, item: int, recipients: int
) -> tuple[float, float]:
    clock = SystemClock()
    await publish(database, Outbox(clock, lambda: None), lane, clock.now(), item=item)
    began, cpu = time.perf_counter(), time.process_time()
    await engine.settled()
    took, used = time.perf_counter() - began, time.process_time() - cpu
    async with database.read() as session:
        assert (await counts(session, item)).held == recipients
    return took, used


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_grown(int(sys.argv[1]), int(sys.argv[2])))))
