"""Draining 100,000 copies without a platform: mark the last batch, claim the next, one transaction a batch.

Beside PostgreSQL's figure procrastinate's, on the same server: as many jobs at once as we have requests in flight, each
of which does nothing.
"""

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
from tests.bench.beside import peer
from tests.bench.databases import NO_POSTGRES, each_kind, publish, readers
from tests.bench.report import Figure, Peer
from tests.fakes.postgres import PostgresServer

READERS = 100_000
GOALS = {"SQLite": 15_000, "PostgreSQL": 8_000}
WAIT = 20.0
"""Milliseconds."""
JOBS, AT_ONCE = 2_000, 30
"""procrastinate's: enough for a steady rate, and no more than a minute of it."""
PAUSE = 0.01
"""Seconds between two small writes."""


async def measure() -> list[Figure]:
    figures: list[Figure] = []
    async for kind, database in each_kind():
        if database is None:
            figures += _not_measured(kind)
            continue
        lane = await readers(database, READERS)
        alone, _ = await _published_and_drained(database, lane, item=1, taps=False)
        beside, waits = await _published_and_drained(database, lane, item=2, taps=True)
        peers = () if database.is_sqlite else (await _procrastinate(database),)
        figures += [
            Figure(f"drain, {kind}", alone, "rows/s", goal=GOALS[kind], more_is_better=True, peers=peers),
            Figure(f"drain while people tap, {kind}", beside, "rows/s"),
            Figure(
                f"a small write meanwhile, p95, {kind}", quantiles(waits, n=20)[-1] * 1000, "ms", goal=WAIT
            ),
            Figure(f"a small write meanwhile, longest, {kind}", max(waits) * 1000, "ms"),
        ]
    return figures


def _not_measured(kind: str) -> list[Figure]:
    return [
        Figure.not_measured(f"drain, {kind}", "rows/s", NO_POSTGRES, goal=GOALS[kind]),
        Figure.not_measured(f"a small write meanwhile, p95, {kind}", "ms", NO_POSTGRES, goal=WAIT),
    ]


async def _procrastinate(database: Database) -> Peer:
    """On a database of its own, of the same server."""
    server = PostgresServer(database.url)
    own = server.create()
    try:
        url = own.set(drivername="postgresql").render_as_string(hide_password=False)
        told = await peer("procrastinate_drain", url=url, jobs=JOBS, at_once=AT_ONCE)
    finally:
        server.drop(own)
    return Peer("procrastinate", told["rows_per_second"])


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
