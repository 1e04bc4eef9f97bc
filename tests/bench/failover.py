"""Failover: the owner of a lane is killed or stalled (real processes and signals) in the middle of a broadcast.

Two workers share a city on PostgreSQL; whichever owns Telegram's lane is struck at a random moment, again and again.
FAILOVER_ROUNDS says how often each way (50). What was in flight is what the Bot API server had begun and not answered
at the moment of the signal: all that is unsure beyond it had been answered and not marked, or had not left yet.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, quantiles

import asyncpg
from sqlalchemy import literal, null, select

from bot.app import House, open_house
from bot.contract import Outgoing, Paragraph, Text
from bot.delivery.chats import chat_for
from bot.delivery.model import Chat, Priority
from bot.prepare import prepare
from bot.storage import BigInt, UTCDateTime
from bot.storage.notify import DELIVER, tell
from tests.bench.databases import NO_POSTGRES
from tests.bench.report import Figure
from tests.fakes.botapi.client import BotApi
from tests.fakes.postgres import serve
from tests.kill.members import City, Member, shared_city
from tests.kill.program import PATIENCE

LIFE = 4.0
"""Seconds a lease lives."""
ROUNDS = int(os.environ.get("FAILOVER_ROUNDS", "50"))
READERS = 400
LATENCY = 0.05
BEYOND = 10
"""How many copies one failure may leave unsure besides those in flight."""
ENOUGH = 200
"""So many copies wait at least when the owner is struck."""
LONG = 2 * (ENOUGH + READERS) / 30
"""Seconds in which the last copies surely are out."""


class LateError(Exception):
    """What had to happen did not, in a time that is more than enough; the message says what."""


@asynccontextmanager
async def in_time(what: str, seconds: float = PATIENCE) -> AsyncIterator[None]:
    """A run never hangs: what doesn't come is a missed row."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise LateError(f"{what}: not within {seconds:g} s") from None


@dataclass(slots=True)
class Failure:
    """One of them. `struck`: when, by `time.monotonic`."""

    struck: float
    unsure: set[int] = field(default_factory=set)
    """The copies it left unsure."""

    def in_flight(self, spans: Sequence[tuple[float, float]]) -> int:
        """How many sends the server had begun and not answered at that moment."""
        return sum(came <= self.struck < answered for came, answered in spans)


@dataclass(slots=True)
class Seen:
    """What was measured of one kind of failure."""

    taken: list[float] = field(default_factory=list)
    """Seconds from the signal until another owned the lane."""
    sent: list[float] = field(default_factory=list)
    """Seconds from the signal until the next message arrived."""
    failures: list[Failure] = field(default_factory=list)


class Broadcasts:
    """One after the other, so that there is always something to send."""

    def __init__(self, house: House, lane: int) -> None:
        self._house = house
        self._lane = lane
        self.items = 0

    async def refill(self, waiting: int) -> None:
        if waiting >= ENOUGH:
            return
        self.items += 1
        outbox, now = self._house.features.outbox, self._house.clock.now()
        message = Outgoing((Paragraph(((Text(f"Ansage {self.items}"),),)),))
        async with self._house.database.write() as session:
            text = await outbox.store_text(session, message, item=self.items)
            recipients = select(
                Chat.id,
                Chat.lane_id,
                literal(1, BigInt),
                literal(text, BigInt),
                literal(now, UTCDateTime),
                null(),
            ).where(Chat.lane_id == self._lane)
            item, bulk = self.items, Priority.ANNOUNCEMENT
            await outbox.enqueue(session, item=item, priority=bulk, recipients=recipients)
            tell(session, DELIVER)


async def measure() -> list[Figure]:
    moments = random.Random("failover")
    with serve() as server, tempfile.TemporaryDirectory() as folder:
        if server is None:
            return _not_measured(NO_POSTGRES)
        url = server.create().render_as_string(hide_password=False)
        async with BotApi.start() as api, shared_city(Path(folder), url, api, lease=LIFE) as city:
            await api.set(latency=LATENCY)
            await api.users(range(1, READERS + 1))
            await prepare(city.settings)
            async with open_house(city.settings, connect=False) as house:
                return await _measured(city, house, api, moments)


async def _measured(city: City, house: House, api: BotApi, moments: random.Random) -> list[Figure]:
    async with house.database.write() as session:
        lane = (await chat_for(session, await _lane(house), "1")).lane_id
        for reader in range(2, READERS + 1):
            await chat_for(session, lane, str(reader))
    broadcasts = Broadcasts(house, lane)
    await broadcasts.refill(0)
    connection = await asyncpg.connect(
        house.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    watch = Watch(city, connection, api, broadcasts)
    killed, stalled = Seen(), Seen()
    try:
        async with in_time("two workers start"):
            workers = [await city.start(name, "worker") for name in ("one", "two")]
            await asyncio.gather(*(worker.is_up() for worker in workers))
        for number in range(2 * ROUNDS):
            kills = number % 2 == 0
            await watch.strike(workers, killed if kills else stalled, moments, kills=kills)
        await watch.drained()
        ends = await _ends(api, connection, broadcasts.items, killed.failures + stalled.failures)
    except (
        LateError,
        AssertionError,
    ) as end:  # a worker that ended by itself is an AssertionError, with its log
        struck = len(killed.failures + stalled.failures)
        ends = _not_measured(f"failure {struck} of {2 * ROUNDS}: {str(end).splitlines()[0]}")
    finally:
        await connection.close()
    return [*_figures("killed", killed), *_figures("stalled", stalled), *ends]


async def _lane(house: House) -> int:
    from bot.delivery.chats import lane_for

    async with house.database.write() as session:
        return (await lane_for(session, "telegram")).id


class Watch:
    """Strikes the owner, and looks what becomes of its lane."""

    def __init__(
        self, city: City, connection: asyncpg.Connection, api: BotApi, broadcasts: Broadcasts
    ) -> None:
        self._city = city
        self._connection = connection
        self._api = api
        self._broadcasts = broadcasts
        self._unsure: set[int] = set()
        self._last = Failure(0.0)

    async def strike(
        self, workers: Sequence[Member], seen: Seen, moments: random.Random, *, kills: bool
    ) -> None:
        """Kill or stall the owner somewhere in its work; at the end it stands by again."""
        await self._broadcasts.refill(await self._number("state = 'pending'"))
        async with in_time("an owner that sends"):
            owner = await self._city.owned_by(*workers)
            await self._so_many_more(15)
        await asyncio.sleep(moments.uniform(0, 1))
        epoch = await self._epoch()
        await self._count_unsure()
        self._last = Failure(time.monotonic())
        seen.failures.append(self._last)
        if kills:
            await owner.kill()
        else:
            owner.stall()
        await self._taken_over(epoch, seen)
        if kills:
            async with in_time("the killed one starts again"):
                await owner.start()
                await owner.is_up()
        else:
            await asyncio.sleep(moments.uniform(0, 1))
            owner.wake()

    async def _taken_over(self, epoch: int, seen: Seen) -> None:
        struck = self._last.struck
        async with in_time("another takes over"):
            while await self._epoch() == epoch:
                await asyncio.sleep(0.01)
        seen.taken.append(time.monotonic() - struck)
        async with in_time("the next message after a takeover"):
            await self._so_many_more(1)
        seen.sent.append(time.monotonic() - struck)

    async def _so_many_more(self, copies: int) -> None:
        """Until so many more are marked as held."""
        before = await self._number("state = 'held'")
        while await self._number("state = 'held'") < before + copies:
            await asyncio.sleep(0.01)

    async def drained(self) -> None:
        """Until every copy has ended."""
        async with in_time("the last copies leave", LONG):
            while await self._number("state IN ('pending', 'sending')"):
                await asyncio.sleep(0.1)
        await self._count_unsure()

    async def _count_unsure(self) -> None:
        """All that is new since the last failure is its doing, also what a stalled owner did when it woke up."""
        rows = await self._connection.fetch("SELECT id FROM delivery WHERE state = 'unsure'")
        unsure = {int(row["id"]) for row in rows}
        self._last.unsure, self._unsure = unsure - self._unsure, unsure

    async def _epoch(self) -> int:
        epoch: int = await self._connection.fetchval("SELECT epoch FROM lane WHERE platform = 'telegram'")
        return epoch

    async def _number(self, which: str) -> int:
        found: int = await self._connection.fetchval(f"SELECT count(*) FROM delivery WHERE {which}")  # noqa: S608
        return found


async def _ends(
    api: BotApi, connection: asyncpg.Connection, items: int, failures: list[Failure]
) -> list[Figure]:
    """What became of every copy, compared with what the platform accepted."""
    arrived = Counter((chat, text) for chat, texts in (await api.sends()).items() for text in texts)
    rows = await connection.fetch(
        "SELECT d.id, d.item, d.state, c.address FROM delivery d JOIN chat c ON c.id = d.chat_id"
    )
    came = {row["id"]: arrived[int(row["address"]), f"Ansage {row['item']}"] for row in rows}
    states = {row["id"]: row["state"] for row in rows}
    lost = [
        id
        for id, state in states.items()
        if state not in ("held", "unsure") or (state == "held" and not came[id])
    ]
    both = [id for id, state in states.items() if state == "unsure" and came[id] > 1]
    spans = await api.spans()
    in_flight = [failure.in_flight(spans) for failure in failures]
    beyond = [len(failure.unsure) - open for failure, open in zip(failures, in_flight, strict=True)]
    never_sent = [sum(1 for id in failure.unsure if not came[id]) for failure in failures]
    return [
        Figure("copies", len(rows), "copies"),
        Figure(LOST, len(lost) + (items * READERS - len(rows)), "copies", goal=0),
        Figure(TWICE, sum(1 for times in came.values() if times > 1), "copies", goal=0),
        Figure(BOTH, len(both), "copies", goal=0),
        Figure("in flight at a failure, most", max(in_flight), "copies"),
        Figure("unsure after a failure, most", max(len(f.unsure) for f in failures), "copies"),
        Figure("of these never sent, most", max(never_sent), "copies"),
        Figure(UNSURE, max(beyond), "copies", goal=BEYOND),
    ]


LOST, TWICE = "copies lost", "copies that arrived twice"
BOTH = "copies unsure and arrived twice"
UNSURE = "unsure beyond those in flight at the failure, most"


def _not_measured(why: str) -> list[Figure]:
    goals = {LOST: 0, TWICE: 0, BOTH: 0, UNSURE: BEYOND}
    return [Figure.not_measured(name, "copies", why, goal=goal) for name, goal in goals.items()]


def _figures(how: str, seen: Seen) -> list[Figure]:
    limit = LIFE + 1
    if len(seen.taken) < max(1, len(seen.failures)) or not seen.sent:
        why = f"{len(seen.taken)} of {len(seen.failures)} were taken over"
        return [Figure.not_measured(f"owner {how}: taken over after, most", "s", why, goal=limit)]
    return [
        Figure(
            f"owner {how} {len(seen.taken)} times: taken over after, p95", _p95(seen.taken), "s", goal=limit
        ),
        Figure(f"owner {how}: taken over after, most", max(seen.taken), "s", goal=limit),
        Figure(f"owner {how}: next message arrived and marked after, most", max(seen.sent), "s"),
        Figure(f"owner {how}: unsure each time, mean", mean(len(f.unsure) for f in seen.failures), "copies"),
    ]


def _p95(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[94] if len(values) > 1 else values[0]
