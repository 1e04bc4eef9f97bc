"""Failover: the owner of a lane is killed or stalled (real processes and signals) in the middle of a broadcast.

Two workers share a city on PostgreSQL; whichever owns Telegram's lane is struck at a random moment, again and again.
FAILOVER_ROUNDS says how often each way (50).
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import asyncpg
from sqlalchemy import literal, null, select

from bot.app import House, open_house
from bot.contract import Outgoing, Paragraph, Text
from bot.delivery.chats import chat_for
from bot.delivery.model import Chat, Priority
from bot.prepare import prepare
from bot.storage import BigInt, UTCDateTime
from bot.storage.notify import DELIVER, tell
from tests.bench.report import Figure
from tests.fakes.botapi.client import BotApi
from tests.fakes.postgres import serve
from tests.kill.members import City, Member, shared_city

LIFE = 4.0
"""Seconds a lease lives."""
ROUNDS = int(os.environ.get("FAILOVER_ROUNDS", "50"))
READERS = 400
LATENCY = 0.05
AHEAD = 10
"""How many copies beyond those that reached the platform may be left unsure by one failure."""
ENOUGH = 200
"""So many copies wait at least when the owner is struck."""


@dataclass(slots=True)
class Seen:
    """What was measured of one kind of failure."""

    taken: list[float] = field(default_factory=list)
    """Seconds from the signal until another owned the lane."""
    sent: list[float] = field(default_factory=list)
    """Seconds from the signal until the next message arrived."""
    unsure: list[set[int]] = field(default_factory=list)
    """The copies that each failure left unsure."""


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
        assert server is not None
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
    workers = [await city.start(name, "worker") for name in ("one", "two")]
    await asyncio.gather(*(worker.is_up() for worker in workers))
    connection = await asyncpg.connect(
        house.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    watch = Watch(city, connection, api, broadcasts)
    killed, stalled = Seen(), Seen()
    for number in range(2 * ROUNDS):
        kills = number % 2 == 0
        await watch.strike(workers, killed if kills else stalled, moments, kills=kills)
    await watch.drained()
    figures = [*_figures("killed", killed), *_figures("stalled", stalled)]
    figures += await _ends(api, connection, broadcasts.items, killed.unsure + stalled.unsure)
    await connection.close()
    return figures


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

    async def strike(
        self, workers: Sequence[Member], seen: Seen, moments: random.Random, *, kills: bool
    ) -> None:
        """Kill or stall the owner somewhere in its work; at the end it stands by again."""
        await self._broadcasts.refill(await self._number("state = 'pending'"))
        owner = await self._city.owned_by(*workers)
        before = await self._number("state = 'held'")
        while await self._number("state = 'held'") < before + 15:
            await asyncio.sleep(0.02)
        await asyncio.sleep(moments.uniform(0, 1))
        epoch, unsure = await self._epoch(), await self._unsure()
        struck = time.monotonic()
        if kills:
            await owner.kill()
        else:
            owner.stall()
        while await self._epoch() == epoch:
            await asyncio.sleep(0.01)
        seen.taken.append(time.monotonic() - struck)
        held = await self._number("state = 'held'")
        while await self._number("state = 'held'") == held:
            await asyncio.sleep(0.01)
        seen.sent.append(time.monotonic() - struck)
        if kills:
            await owner.start()
            await owner.is_up()
        else:
            await asyncio.sleep(moments.uniform(0, 1))
            owner.wake()
        seen.unsure.append(await self._unsure() - unsure)

    async def drained(self) -> None:
        while await self._number("state IN ('pending', 'sending')"):
            await asyncio.sleep(0.1)

    async def _epoch(self) -> int:
        epoch: int = await self._connection.fetchval("SELECT epoch FROM lane WHERE platform = 'telegram'")
        return epoch

    async def _number(self, which: str) -> int:
        found: int = await self._connection.fetchval(f"SELECT count(*) FROM delivery WHERE {which}")  # noqa: S608
        return found

    async def _unsure(self) -> set[int]:
        rows = await self._connection.fetch("SELECT id FROM delivery WHERE state = 'unsure'")
        return {int(row["id"]) for row in rows}


async def _ends(
    api: BotApi, connection: asyncpg.Connection, items: int, failures: list[set[int]]
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
    ahead = [sum(1 for id in failure if not came[id]) for failure in failures]
    return [
        Figure("copies", len(rows), "copies"),
        Figure("copies lost", len(lost) + (items * READERS - len(rows)), "copies", goal=0),
        Figure("copies that arrived twice", sum(1 for times in came.values() if times > 1), "copies", goal=0),
        Figure("copies unsure and arrived twice", len(both), "copies", goal=0),
        Figure("unsure after one failure, most", max(map(len, failures)), "copies"),
        Figure("of these never sent (beyond those in flight), most", max(ahead), "copies", goal=AHEAD),
    ]


def _figures(how: str, seen: Seen) -> list[Figure]:
    limit = LIFE + 1
    return [
        Figure(
            f"owner {how} {len(seen.taken)} times: taken over after, p95", _p95(seen.taken), "s", goal=limit
        ),
        Figure(f"owner {how}: taken over after, most", max(seen.taken), "s", goal=limit),
        Figure(f"owner {how}: next message arrived and marked after, most", max(seen.sent), "s"),
        Figure(
            f"owner {how}: unsure each time, mean", sum(map(len, seen.unsure)) / len(seen.unsure), "copies"
        ),
    ]


def _p95(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[94] if len(values) > 1 else values[0]
