"""Publishing to 10,000 recipients, and bringing it to them through the whole durable path."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
from sqlalchemy import insert, literal, null, select

from adapters.memory import MemoryPlatform
from bot.clock import SystemClock
from bot.contract import Outgoing, Paragraph, Text
from bot.delivery.chats import lane_for
from bot.delivery.engine import Engine
from bot.delivery.model import Chat, Priority
from bot.delivery.outbox import Outbox
from bot.storage import BigInt, Database, UTCDateTime
from bot.tables import metadata
from tests.bench.report import Figure
from tests.unit.delivery.counts import counts

READERS = 10_000
QUARTIERE = 4
FEST = Outgoing((Paragraph(((Text("Sommerfest am Samstag um 15 Uhr"),),)),))


async def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}")
        try:
            async with database.engine.begin() as connection:
                await connection.run_sync(metadata().create_all)
            lane = await _readers(database)
            return [await _publish(database, lane), *await _drain(database, lane)]
        finally:
            await database.close()


async def _readers(database: Database) -> int:
    async with database.write() as session:
        lane = (await lane_for(session, "memory")).id
        chats = [
            {"lane_id": lane, "address": f"reader{n}", "is_room": False, "reachable": True}
            for n in range(READERS)
        ]
        await session.execute(insert(Chat), chats)
    return lane


async def _publish(database: Database, lane: int) -> Figure:
    clock = SystemClock()
    outbox = Outbox(clock, lambda: None)
    started = time.perf_counter()
    async with database.write() as session:
        text = await outbox.store_text(session, FEST, item=1)
        recipients = select(
            Chat.id,
            Chat.lane_id,
            literal(1, BigInt) + Chat.id % QUARTIERE,
            literal(text, BigInt),
            literal(datetime.now(UTC), UTCDateTime),
            null(),
        ).where(Chat.lane_id == lane)
        await outbox.enqueue(session, item=1, priority=Priority.ANNOUNCEMENT, recipients=recipients)
    return Figure("publish to 10,000, one transaction", time.perf_counter() - started, "s", goal=0.6)


async def _drain(database: Database, lane: int) -> list[Figure]:
    process = psutil.Process()
    engine = Engine(database, SystemClock(), {lane: MemoryPlatform()})
    before = process.memory_info().rss
    cpu, started = time.process_time(), time.perf_counter()
    task = asyncio.create_task(engine.run())
    await asyncio.sleep(0)
    await engine.settled()
    took, used = time.perf_counter() - started, time.process_time() - cpu
    task.cancel()
    await asyncio.wait([task])
    async with database.read() as session:
        held = (await counts(session, 1)).held
    return [
        Figure("copies held after the drain", held, "copies", goal=READERS, more_is_better=True),
        Figure("drain: claim, send (memory), mark", READERS / took, "copies/s"),
        Figure("CPU per 1000 copies", used / READERS * 1000, "s"),
        Figure("memory grown by", (process.memory_info().rss - before) / 2**20, "MB"),
    ]
