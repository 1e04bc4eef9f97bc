"""A broadcast to 1000 chats while 40 people type a command, one a second: at the platform's limit, told or hidden.

Ours is `quartierbote run` as it is, on SQLite, in a process of its own: staff announce in the chat; what people type is
polled, stored, handled and answered. Beside it python-telegram-bot's limiter and aiogram's loop, each with a handler
that says one fixed sentence, in processes of their own too.

All are timed by the server's clock: from the moment somebody typed until it accepted the answer's `sendMessage`. Here a
call is on its way in for the whole round trip, and its answer for no time: what was typed is with whoever polls at
once, and the way of the answer is the one round trip on this path.
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

import psutil
from sqlalchemy import select

from bot.app import open_house
from bot.clock import SystemClock
from bot.delivery.chats import chat_for, lane_for
from bot.posts.model import Post
from bot.settings import Settings
from tests.bench.beside import Trace, peer, trace
from tests.bench.report import Figure, Peer
from tests.fakes.botapi.client import BotApi, User
from tests.kill import city
from tests.kill.program import Program, program

READERS = range(1, 1001)
PEOPLE = range(5001, 5041)
"""Those who ask. They don't get the broadcast, so that all that reaches them is an answer."""
WARM = 8.0
"""Seconds a peer has been started when its broadcast begins."""
LONG = 60.0
"""Seconds after which something went wrong before it began."""
LATENCY = 0.05
PATIENCE = 240.0
"""Seconds after which a peer's broadcast is broken off; what it reached until then counts. Ours must be out by then."""
PEERS = {"PTB, AIORateLimiter": "limited_ptb", "aiogram, sleep(0.05)": "limited_aiogram"}
QUESTION = "/heute"
NEWS, ANSWER = "Der Aufzug im KAISERS fährt wieder.", "Das nächste Treffen ist am Donnerstag."
OPEN = "SELECT count(*) FROM delivery WHERE item IS NOT NULL AND state IN ('pending', 'sending')"


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

    def not_measured(self, why: str) -> list[Figure]:
        """The rows that had a goal."""
        first = why.splitlines()[0]
        rows = ("messages a second", "messages/s", self.rate), ("429s", "429s", self.refused)
        return [
            Figure.not_measured(f"{self.name}: {row}", unit, first, goal=goal)
            for row, unit, goal in (*rows, ("reply p95", "ms", self.p95 * 1000))
        ]


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
    """Of the process, from the beginning to the end."""

    @classmethod
    async def of(cls, api: BotApi, began: float, cpu: float) -> Seen:
        """From the server's log, `began` by `time.monotonic`. Answers to somebody come in their questions' order.

        Who still waits when the broadcast ends has waited until then.
        """
        log = await api.log()
        ended = max(at for at, chat, _ in log["accepted"] if chat in READERS and at >= began)
        answers = {chat: [at for at, to, _ in log["accepted"] if to == chat] for chat in PEOPLE}
        questions = {chat: [at for at, who, _ in log["typed"] if who == chat] for chat in PEOPLE}
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
        """Milliseconds within which so many of the answers arrived."""
        return quantiles([wait * 1000 for _, wait in self.replies], n=100)[percent - 1]

    @property
    def cost(self) -> float:
        return self.cpu / len(self.sent) * 1000

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
            Figure(f"{scenario.name}: reply p50", self.waited(50), "ms", peers=beside(lambda seen: seen.waited(50))),
            Figure(f"{scenario.name}: reply p95", self.waited(95), "ms", goal=scenario.p95 * 1000,
                   peers=beside(lambda seen: seen.waited(95))),
            Figure(f"{scenario.name}: CPU per 1000 messages", self.cost, "s", peers=beside(lambda seen: seen.cost)),
        ]  # fmt: skip


async def measure() -> list[Figure]:
    figures: list[Figure] = []
    async with BotApi.start() as api:
        for scenario in SCENARIOS:
            try:
                own = await ours(api, scenario)
            except (TimeoutError, RuntimeError, AssertionError) as end:
                figures += scenario.not_measured(str(end) or type(end).__name__)
                continue
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
    with tempfile.TemporaryDirectory() as folder:
        async with program(Path(folder), api) as running:
            await _settle(running.settings)
            await prepared(api, scenario)
            staff = await api.user(city.STAFF)
            await running.start()
            async with _asking(api):
                began = await _announced(running, staff)
                await asyncio.sleep(began - time.monotonic())
                cpu = _cpu(running)
                await _told(running)
                cpu = _cpu(running) - cpu
            await running.stop()
    await _exactly_once(api)
    return await Seen.of(api, began, cpu)


async def _settle(settings: Settings) -> None:
    """Subscribers, and those who ask, who are as much at home but subscribe to nothing."""
    await city.settle(settings, "telegram", [str(reader) for reader in READERS])
    async with open_house(settings, connect=False) as house, house.database.write() as session:
        lane = await lane_for(session, "telegram")
        for one in PEOPLE:
            chat = await chat_for(session, lane.id, str(one))
            await house.features.people.agree(session, chat.id, "de")


async def _announced(running: Program, staff: User) -> float:
    """Staff announce in the chat. When the copies leave, by `time.monotonic`: half a minute after the tap."""
    await staff.types("/ansage")
    await staff.waits_for("Was möchtest du ansagen?", seconds=LONG)
    await staff.types(NEWS)
    await staff.waits_for("So kommt es an:", seconds=LONG)
    await staff.taps("Senden")
    await staff.waits_for("Geht in 30 Sekunden raus.", seconds=LONG)
    async with open_house(running.settings, connect=False) as house, house.database.read() as session:
        leaves = (await session.scalars(select(Post.due_at))).one()
    assert leaves is not None
    return time.monotonic() + (leaves - SystemClock().now()).total_seconds()


async def _told(running: Program) -> None:
    """Until every copy has come to its end."""
    async with asyncio.timeout(PATIENCE):
        while running.count(OPEN):
            running.is_up()
            await asyncio.sleep(0.5)


async def _exactly_once(api: BotApi) -> None:
    sends = await api.sends()
    if any(len(sends.get(reader, ())) != 1 for reader in READERS):
        raise RuntimeError("not everybody got it once")


def _cpu(running: Program) -> float:
    used = psutil.Process(running.pid).cpu_times()
    return used.user + used.system


async def theirs(api: BotApi, scenario: Scenario, script: str) -> Seen:
    """The same from a peer."""
    await prepared(api, scenario)
    async with _asking(api):
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
    return await Seen.of(api, told["began"], told["cpu"])


@asynccontextmanager
async def _asking(api: BotApi) -> AsyncIterator[None]:
    """All the while somebody types a command, each of the people in turn."""
    asking = asyncio.create_task(_people_ask(api))
    try:
        yield
    finally:
        asking.cancel()
        await asyncio.wait([asking])


async def _people_ask(api: BotApi) -> None:
    async for person in _one_a_second():
        await api.order("type", chat=person, text=QUESTION)


async def _one_a_second() -> AsyncIterator[int]:
    """Who asks next, each in turn; not in step with anybody's pace."""
    due = time.monotonic()
    for n in range(10**6):
        yield PEOPLE[n % len(PEOPLE)]
        due += 1.0 + 0.0071 * (n % 7 - 3)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
