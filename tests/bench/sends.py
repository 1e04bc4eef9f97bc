"""Sends without a limit: processor time of the whole durable path to 10,000 chats, beside clients that only send."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, insert, literal, null, select

from adapters.telegram import Telegram
from bot.clock import SystemClock
from bot.contract import Limits, Outgoing, Paragraph, Text
from bot.delivery.chats import lane_for
from bot.delivery.engine import Engine
from bot.delivery.model import Chat, Delivery, Priority, State
from bot.delivery.outbox import Outbox
from bot.storage import BigInt, Database, UTCDateTime
from bot.tables import metadata
from tests.bench.beside import peer
from tests.bench.report import Figure, Peer
from tests.contract.harness import Files, KeyValues
from tests.fakes.botapi.client import BotApi

READERS = 10_000
AT_ONCE = 30
QUARTIERE = 4
ROUNDS = 3
"""Of everybody, in turn; of each the best counts, the one least disturbed by whatever else the machine does."""
WORDS = (
    "Kaffee und Kuchen",
    "Wann: Donnerstag, 26. November, 15 Uhr",
    "Wo: KAISERS, Kaiserstr. 80",
    "Bitte eigene Tasse mitbringen.",
)
MESSAGE = Outgoing((Paragraph(((Text(WORDS[0], bold=True),), *((Text(line),) for line in WORDS[1:]))),))
HTML = "\n".join((f"<b>{WORDS[0]}</b>", *WORDS[1:]))


class Unlimited(Telegram):
    """Telegram as if it had no limits."""

    @property
    def limits(self) -> Limits:
        return Limits(per_second=1e6, per_chat_per_second=1e6, per_room_per_minute=10**6, in_flight=AT_ONCE)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for all."""

    cpu: float
    took: float

    @property
    def per_thousand(self) -> float:
        return self.cpu / READERS * 1000

    @property
    def per_second(self) -> float:
        return READERS / self.took


async def measure() -> list[Figure]:
    ways = (_ours, _peer("sends_ptb"), _peer("sends_aiohttp"), _peer("sends_aiogram"))
    async with BotApi.start() as api:
        rounds = [[await way(api) for way in ways] for _ in range(ROUNDS)]
    ours, *costs = (min(costs, key=lambda cost: cost.cpu) for costs in zip(*rounds, strict=True))
    names = (f"PTB, {AT_ONCE} at once", f"raw aiohttp, {AT_ONCE} at once", f"aiogram, {AT_ONCE} at once")
    goals = (0.2, 2.2, None)
    return [
        Figure(
            f"CPU per 1000 sends, {READERS:,} chats: claim, send, mark",
            ours.per_thousand,
            "s",
            peers=tuple(
                Peer(name, cost.per_thousand, goal)
                for name, cost, goal in zip(names, costs, goals, strict=True)
            ),
        ),
        Figure(
            "the same, messages a second",
            ours.per_second,
            "messages/s",
            more_is_better=True,
            peers=tuple(Peer(name, cost.per_second) for name, cost in zip(names, costs, strict=True)),
        ),
    ]


async def _fresh(api: BotApi) -> list[int]:
    await api.order("reset")
    chats = list(range(1, READERS + 1))
    await api.users(chats)
    return chats


async def _all_arrived(api: BotApi) -> None:
    sends = await api.sends()
    if sorted(sends) != list(range(1, READERS + 1)) or any(len(texts) != 1 for texts in sends.values()):
        raise RuntimeError("not everybody got it once")


def _peer(script: str) -> Callable[[BotApi], Awaitable[Cost]]:
    async def run(api: BotApi) -> Cost:
        chats = await _fresh(api)
        told = await peer(script, url=api.url, token=api.token, chats=chats, text=HTML, at_once=AT_ONCE)
        await _all_arrived(api)
        return Cost(told["cpu"], told["seconds"])

    return run


async def _ours(api: BotApi) -> Cost:
    chats = await _fresh(api)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}")
        try:
            async with database.engine.begin() as connection:
                await connection.run_sync(metadata().create_all)
            cost = await _broadcast(database, api, await _published(database, chats))
        finally:
            await database.close()
    await _all_arrived(api)
    return cost


async def _published(database: Database, chats: list[int]) -> int:
    """A post to everybody, in one transaction; gives the lane."""
    clock = SystemClock()
    outbox = Outbox(clock, lambda: None)
    async with database.write() as session:
        lane = (await lane_for(session, "telegram")).id
        rows = [{"lane_id": lane, "address": str(n), "is_room": False, "reachable": True} for n in chats]
        await session.execute(insert(Chat), rows)
        text = await outbox.store_text(session, MESSAGE, item=1)
        recipients = select(
            Chat.id,
            Chat.lane_id,
            literal(1, BigInt) + Chat.id % QUARTIERE,
            literal(text, BigInt),
            literal(clock.now(), UTCDateTime),
            null(),
        ).where(Chat.lane_id == lane)
        await outbox.enqueue(session, item=1, priority=Priority.ANNOUNCEMENT, recipients=recipients)
    return lane


async def _broadcast(database: Database, api: BotApi, lane: int) -> Cost:
    platform = Unlimited(api.token, api.url, KeyValues(), Files())
    engine = Engine(database, SystemClock(), {lane: platform})
    began, used = time.perf_counter(), time.process_time()
    running = asyncio.create_task(engine.run())
    await asyncio.sleep(0)
    await engine.settled()
    cost = Cost(time.process_time() - used, time.perf_counter() - began)
    running.cancel()
    await asyncio.wait([running])
    await platform.close()
    async with database.read() as session:
        held = select(func.count()).select_from(Delivery).where(Delivery.state == State.HELD)
        if await session.scalar(held) != READERS:
            raise RuntimeError("not every copy is marked as held")
    return cost
