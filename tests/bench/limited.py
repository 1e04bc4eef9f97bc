"""A broadcast to 1000 chats while 40 people ask something, one a second: at the platform's limit, told or hidden.

Ours is the durable path: rows in SQLite, the engine, the Telegram adapter, HTTP to the server in a process of its own.
The answers are written through the outbox as any use case writes them; they count from then until they arrived.
Beside it python-telegram-bot's limiter and aiogram's loop, whose answers count from when their handler is called.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from statistics import quantiles

from sqlalchemy import insert, literal, null, select

from adapters.telegram import Telegram
from bot.clock import SystemClock
from bot.contract import Outgoing, Paragraph, Text
from bot.delivery.chats import chat_for, lane_for
from bot.delivery.engine import Engine
from bot.delivery.model import Chat, Priority
from bot.delivery.outbox import Outbox
from bot.storage import BigInt, Database, UTCDateTime
from bot.tables import metadata
from tests.bench.beside import Trace, peer, trace
from tests.bench.report import Figure, Peer
from tests.contract.harness import Files, KeyValues
from tests.fakes.botapi.client import BotApi

READERS = range(1, 1001)
PEOPLE = range(5001, 5041)
"""Those who ask. They don't get the broadcast, so that all that reaches them is an answer."""
QUARTIERE = 4
WARM = 8.0
"""Seconds the program has been up when the broadcast begins."""
LATENCY = 0.05
PATIENCE = 240.0
"""Seconds after which a peer's broadcast is broken off; what it reached until then counts."""
PEERS = {"PTB, AIORateLimiter": "limited_ptb", "aiogram, sleep(0.05)": "limited_aiogram"}
NEWS, ANSWER = "Sommerfest am Samstag um 15 Uhr", "Das nächste Treffen ist am Donnerstag."


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the server does (`Control.do_set`), and what is to be reached."""

    name: str
    server: dict[str, object]
    rate: float
    refused: float | None
    """At most so many 429s; None: it must find out by them."""
    p95: float
    after: float = 0.0
    """Seconds after the beginning from which the rate counts."""


SCENARIOS = (
    Scenario("strict 30/s", {"per_second": 30, "jitter": 0.0}, 29.0, 0, LATENCY + 0.05),
    Scenario("strict 30/s, 0-100 ms jitter", {"per_second": 30, "jitter": 0.1}, 27.0, 1, 0.3),
    Scenario("strict, secretly 20/s", {"per_second": 20, "jitter": 0.0}, 18.0, None, 1.0, after=30.0),
)


@dataclass(slots=True)
class Seen:
    """What the server saw of one broadcast. Seconds since it began."""

    sent: list[float] = field(default_factory=list)
    """When each message arrived, answers included."""
    refused: list[float] = field(default_factory=list)
    replies: list[tuple[float, float]] = field(default_factory=list)
    """When somebody asked, and how long they waited."""
    cpu: float = 0.0

    @classmethod
    async def of(cls, api: BotApi, began: float, asked: list[tuple[float, int]], cpu: float) -> Seen:
        """From the server's log. `asked`: when (`time.monotonic`) which chat; answers come in the questions' order.

        Who still waits when the broadcast ends has waited until then.
        """
        log = await api.log()
        ended = max(at for at, chat, _ in log["accepted"] if chat in READERS and at >= began)
        answers = {chat: [at for at, to, _ in log["accepted"] if to == chat] for chat in PEOPLE}
        questions = {chat: [at for at, who in asked if who == chat] for chat in PEOPLE}
        waits = [
            (at - began, answer - at)
            for chat in PEOPLE
            for at, answer in zip_longest(questions[chat], answers[chat], fillvalue=ended)
        ]
        return cls(
            [at - began for at, _, _ in log["accepted"] if began <= at <= ended],
            [at - began for at, _, _ in log["refused"] if began <= at <= ended],
            sorted(wait for wait in waits if 0 <= wait[0] <= ended - began),
            cpu,
        )

    def rate(self, after: float = 0.0) -> float:
        """Messages a second from then on until the last."""
        return sum(at > after for at in self.sent) / (max(self.sent) - after)

    def waited(self, percent: int) -> float:
        return quantiles([wait for _, wait in self.replies], n=100)[percent - 1]

    def trace(self, who: str) -> Trace:
        return Trace(who, self.sent, self.replies, self.refused)

    def figures(self, scenario: Scenario, peers: dict[str, Seen]) -> list[Figure]:
        late = f" after {scenario.after:g} s" if scenario.after else ""

        def beside(value: Callable[[Seen], float]) -> tuple[Peer, ...]:
            return tuple(Peer(name, value(seen)) for name, seen in peers.items())

        return [
            Figure(f"{scenario.name}: messages a second{late}", self.rate(scenario.after), "messages/s",
                   goal=scenario.rate, more_is_better=True, peers=beside(lambda seen: seen.rate(scenario.after))),
            Figure(f"{scenario.name}: 429s", len(self.refused), "429s", goal=scenario.refused,
                   peers=beside(lambda seen: len(seen.refused))),
            Figure(f"{scenario.name}: reply p50", self.waited(50), "s", peers=beside(lambda seen: seen.waited(50))),
            Figure(f"{scenario.name}: reply p95", self.waited(95), "s", goal=scenario.p95,
                   peers=beside(lambda seen: seen.waited(95))),
            Figure(f"{scenario.name}: CPU", self.cpu, "s", peers=beside(lambda seen: seen.cpu)),
        ]  # fmt: skip


async def measure() -> list[Figure]:
    figures: list[Figure] = []
    async with BotApi.start() as api:
        for scenario in SCENARIOS:
            own = await ours(api, scenario)
            peers = {name: await theirs(api, scenario, script) for name, script in PEERS.items()}
            trace(
                "limited", scenario.name, [own.trace("Quartierbote")] + [p.trace(n) for n, p in peers.items()]
            )
            figures += own.figures(scenario, peers)
    return figures


async def prepared(api: BotApi, scenario: Scenario) -> None:
    """The server on its first day, with everybody there and its limits on."""
    await api.order("reset")
    await api.users([*READERS, *PEOPLE])
    await api.set(limiter=True, latency=LATENCY, **scenario.server)


async def ours(api: BotApi, scenario: Scenario) -> Seen:
    await prepared(api, scenario)
    with tempfile.TemporaryDirectory() as folder:
        async with City.open(Path(folder) / "bench.sqlite3", api) as city:
            asking = asyncio.create_task(city.ask())
            await asyncio.sleep(WARM)
            began, cpu = time.monotonic(), time.process_time()
            await city.publish()
            await city.arrived()
            cpu = time.process_time() - cpu
            asking.cancel()
            await asyncio.wait([asking])
            await city.engine.settled()
            return await Seen.of(api, began, city.asked, cpu)


async def theirs(api: BotApi, scenario: Scenario, script: str) -> Seen:
    """The same from a peer; the people really write to it, and it counts from when its handler is called."""
    await prepared(api, scenario)
    asking = asyncio.create_task(_people_ask(api))
    try:
        told = await peer(
            script,
            url=api.url,
            token=api.token,
            chats=list(READERS),
            news=NEWS,
            answer=ANSWER,
            warm=WARM,
            patience=PATIENCE,
        )
    finally:
        asking.cancel()
        await asyncio.wait([asking])
    return await Seen.of(api, told["began"], [(at, chat) for at, chat in told["asked"]], told["cpu"])


async def _people_ask(api: BotApi) -> None:
    async for person in _one_a_second():
        await api.order("type", chat=person, text="/heute")


async def _one_a_second() -> AsyncIterator[int]:
    """Who asks next, each in turn; not in step with anybody's pace."""
    due = time.monotonic()
    for n in range(10**6):
        yield PEOPLE[n % len(PEOPLE)]
        due += 1.0 + 0.0071 * (n % 7 - 3)
        await asyncio.sleep(max(0.0, due - time.monotonic()))


@dataclass(slots=True)
class City:
    """A running program as far as delivery goes, without its dialogue."""

    database: Database
    engine: Engine
    outbox: Outbox
    api: BotApi
    lane: int
    asked: list[tuple[float, int]] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def open(cls, file: Path, api: BotApi) -> AsyncIterator[City]:
        database = Database(f"sqlite+aiosqlite:///{file}")
        platform = Telegram(api.token, api.url, KeyValues(), Files())
        try:
            async with database.engine.begin() as connection:
                await connection.run_sync(metadata().create_all)
            async with database.write() as session:
                lane = (await lane_for(session, "telegram")).id
                chats = [
                    {"lane_id": lane, "address": str(n), "is_room": False, "reachable": True}
                    for n in (*READERS, *PEOPLE)
                ]
                await session.execute(insert(Chat), chats)
            engine = Engine(database, SystemClock(), {lane: platform})
            running = asyncio.create_task(engine.run())
            yield cls(database, engine, Outbox(SystemClock(), engine.wake), api, lane)
            running.cancel()
            await asyncio.wait([running])
        finally:
            await platform.close()
            await database.close()

    async def ask(self) -> None:
        """One of the people each second, each in turn; answered in a transaction of its own."""
        async for person in _one_a_second():
            self.asked.append((time.monotonic(), person))
            async with self.database.write() as session:
                chat = await chat_for(session, self.lane, str(person))
                await self.outbox.send(session, chat.id, _message(ANSWER))

    async def publish(self) -> None:
        clock = SystemClock()
        async with self.database.write() as session:
            text = await self.outbox.store_text(session, _message(NEWS), item=1)
            readers = [str(n) for n in READERS]
            recipients = select(
                Chat.id,
                Chat.lane_id,
                literal(1, BigInt) + Chat.id % QUARTIERE,
                literal(text, BigInt),
                literal(clock.now(), UTCDateTime),
                null(),
            ).where(Chat.lane_id == self.lane, Chat.address.in_(readers))
            await self.outbox.enqueue(session, item=1, priority=Priority.ANNOUNCEMENT, recipients=recipients)

    async def arrived(self) -> None:
        """Everybody has it, once."""
        while True:
            await asyncio.sleep(2.0)
            sends = await self.api.sends()
            got = [len(sends.get(reader, ())) for reader in READERS]
            if max(got) > 1:
                raise RuntimeError("somebody got it twice")
            if min(got) == 1:
                return


def _message(text: str) -> Outgoing:
    return Outgoing((Paragraph(((Text(text),),)),))
