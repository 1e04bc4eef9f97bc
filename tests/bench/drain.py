"""Draining 100,000 copies without a platform: mark the last batch, claim the next, one transaction a batch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import quantiles

from sqlalchemy import func, select, update

from bot.clock import SystemClock
from bot.contract import Capabilities
from bot.delivery import lease
from bot.delivery.hooks import Hooks
from bot.delivery.job import Fate, Outcome
from bot.delivery.ledger import Ledger
from bot.delivery.model import Chat, Delivery, State
from bot.delivery.outbox import Outbox
from bot.delivery.tempo import Tempo
from bot.storage import Database
from tests.bench.databases import each_kind, publish, readers
from tests.bench.report import Figure

READERS = 100_000
GOALS = {"SQLite": 15_000, "PostgreSQL": 8_000}
PAUSE = 0.01
"""Seconds between two small writes."""


async def measure() -> list[Figure]:
    figures: list[Figure] = []
    async for kind, database in each_kind():
        lane = await readers(database, READERS)
        alone, _ = await _published_and_drained(database, lane, item=1, taps=False)
        beside, waits = await _published_and_drained(database, lane, item=2, taps=True)
        figures += [
            Figure(f"drain, {kind}", alone, "rows/s", goal=GOALS[kind], more_is_better=True),
            Figure(f"drain while people tap, {kind}", beside, "rows/s"),
            Figure(f"a small write meanwhile, p95, {kind}", quantiles(waits, n=20)[-1] * 1000, "ms", goal=20),
            Figure(f"a small write meanwhile, longest, {kind}", max(waits) * 1000, "ms"),
        ]
    return figures


async def _published_and_drained(
    database: Database, lane: int, *, item: int, taps: bool
) -> tuple[float, list[float]]:
    """Rows a second, and how long each small write took."""
    clock = SystemClock()
    await publish(database, Outbox(clock, lambda: None), lane, clock.now(), item=item)
    waits: list[float] = []
    async with _tapping(database, waits) if taps else _nobody():
        started = time.perf_counter()
        await _drain(database, lane)
        took = time.perf_counter() - started
    async with database.read() as session:
        held = (Delivery.item == item) & (Delivery.state == State.HELD)
        assert await session.scalar(select(func.count()).where(held)) == READERS
    return READERS / took, waits


async def _drain(database: Database, lane: int) -> None:
    clock = SystemClock()
    async with database.write() as session:
        epoch = await lease.take(session, lane, "bench", Tempo().lease, alone=True)
    assert epoch is not None
    ledger = Ledger(database, clock, lane, epoch, Capabilities(), Hooks())
    outcomes: list[Outcome] = []
    room = Tempo().most_ahead
    while True:
        entry = await ledger.turn(
            outcomes, busy=lambda _: (), room=lambda _: room, learned=None, news=not outcomes
        )
        if not entry.jobs:
            return
        outcomes = [Outcome(job, Fate.HELD, (f"{job.id}",)) for job in entry.jobs]


@asynccontextmanager
async def _tapping(database: Database, waits: list[float]) -> AsyncIterator[None]:
    """Somebody taps all the while: one update in a transaction of its own."""
    taps = asyncio.create_task(_tap(database, waits))
    try:
        yield
    finally:
        taps.cancel()
        await asyncio.wait([taps])


async def _tap(database: Database, waits: list[float]) -> None:
    mine = update(Chat).where(Chat.id == 7).values(is_room=Chat.is_room)
    while True:
        started = time.perf_counter()
        async with database.write() as session:
            await session.execute(mine)
        waits.append(time.perf_counter() - started)
        await asyncio.sleep(PAUSE)


@asynccontextmanager
async def _nobody() -> AsyncIterator[None]:
    yield
