"""Several processes on one PostgreSQL: one owns a lane, the others stand by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from adapters.memory import MemoryPlatform
from adapters.memory.platform import UNHURRIED
from bot.clock import ManualClock
from bot.delivery import lease
from bot.delivery import owning as owning_module
from bot.delivery.chats import lane_for
from bot.delivery.engine import Engine
from bot.delivery.lease import ACTS_FOR, LaneLostError, Lease
from bot.delivery.model import Lane
from bot.delivery.owning import Owning
from bot.delivery.store import LaneStore
from bot.storage import Database
from tests.unit.delivery.world import NOON, QUICK, World, until

TEMPO = replace(QUICK, lease=2.0)
UNHURT = replace(QUICK, lease=60.0)
"""No machine is so busy that this lease runs out."""


@pytest.fixture
async def url(postgres_url: str) -> str:
    return postgres_url


@asynccontextmanager
async def process(url: str) -> AsyncIterator[tuple[Database, Owning]]:
    """One process's connections, and the lanes it owns."""
    database = Database(url, patience=TEMPO.lease)
    yield database, Owning(database, TEMPO)
    await database.close()


@asynccontextmanager
async def owning(one: Owning, lane: int, *, home: object = None) -> AsyncIterator[list[Lease]]:
    """It stands for the lane; the leases it got, with what came of each."""
    leases: list[Lease] = []

    async def work(held: Lease) -> None:
        leases.append(held)
        await asyncio.Event().wait()

    task = asyncio.create_task(one.own(lane, "lane", work, home))
    try:
        yield leases
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def a_lane(database: Database) -> int:
    async with database.write() as session:
        return (await lane_for(session, "memory")).id


async def test_one_owns_the_other_follows_at_once_when_it_ends_in_order(url: str) -> None:
    async with process(url) as (database, one), process(url) as (_, two):
        lane = await a_lane(database)
        async with owning(two, lane) as second:
            async with owning(one, lane) as first:
                await until(lambda: bool(first or second))
                await asyncio.sleep(TEMPO.lease * 1.2)  # renewed meanwhile
                assert len(first) + len(second) == 1
            if first:
                two.stir()
                await until(lambda: bool(second))
                assert second[0].epoch == first[0].epoch + 1


async def test_a_former_owner_learns_it_and_stops_its_work(url: str) -> None:
    async with process(url) as (database, one):
        lane = await a_lane(database)
        async with owning(one, lane) as leases:
            await until(lambda: bool(leases))
            async with database.write() as session:
                await session.execute(
                    update(Lane).where(Lane.id == lane).values(owner="another", epoch=Lane.epoch + 1)
                )
            await until(lambda: not one.held)
            await until(lambda: len(leases) == 2)  # the other one never renewed
            assert leases[1].epoch == leases[0].epoch + 2


async def test_a_lease_that_cannot_be_renewed_for_long_is_let_go(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> bool:
        raise OSError("no database")

    async with process(url) as (database, one):
        lane = await a_lane(database)
        async with owning(one, lane) as leases:
            await until(lambda: bool(leases))
            monkeypatch.setattr(owning_module, "GIVEN_UP", 1)
            monkeypatch.setattr(lease, "renew", fails)
            await until(lambda: not leases[0].is_fresh)
            await until(lambda: len(leases) == 2)
            assert not one.held or one.held[lane] is leases[1]


async def test_a_transaction_that_stands_still_does_not_keep_the_lane(url: str) -> None:
    async with process(url) as (stalled, one), process(url) as (_, two):
        lane = await a_lane(stalled)
        async with stalled.write() as session:
            epoch = await lease.take(session, lane, one.name, 0.01, alone=False)
        assert epoch is not None
        with suppress(Exception):
            async with stalled.write() as session:
                await lease.hold(session, lane, epoch)
                async with owning(two, lane) as leases:
                    await until(lambda: bool(leases))
        assert leases[0].epoch == epoch + 1


async def test_what_a_former_owner_writes_to_its_store_is_refused(url: str) -> None:
    async with process(url) as (database, _):
        lane = await a_lane(database)
        async with database.write() as session:
            old = await lease.take(session, lane, "old", 12, alone=True)
            await lease.take(session, lane, "new", 12, alone=True)
        assert old is not None
        store = LaneStore(database, lane)
        await store.put("key", "anybody's")
        token = ACTS_FOR.set(Lease(lane, old))
        with pytest.raises(LaneLostError):
            await store.put("key", "a former owner's")
        ACTS_FOR.reset(token)
        assert await store.get("key") == "anybody's"


class Home:
    """A place of which somebody else has the key, for a while."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.steps: list[str] = []

    async def move_in(self) -> str:
        why = self.answers.pop(0) if self.answers else ""
        self.steps.append(why or "in")
        return why

    async def move_out(self) -> None:
        self.steps.append("out")


async def test_a_lane_with_a_home_is_taken_only_by_who_can_move_in(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with process(url) as (database, one):
        lane = await a_lane(database)
        home = Home("the keys are elsewhere", "the keys are elsewhere")
        async with owning(one, lane, home=home) as leases:
            await until(lambda: bool(leases))
        assert home.steps == ["the keys are elsewhere", "the keys are elsewhere", "in", "out"]
    assert caplog.text.count("the keys are elsewhere") == 1


async def test_without_a_fresh_lease_nothing_leaves(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(url)
    platform = MemoryPlatform(limits=UNHURRIED, clock=ManualClock(NOON))
    world = await World.make(database, platform, tempo=UNHURT)
    async with world.running():
        await world.engine.settled()
        monkeypatch.setattr(lease, "uptime", lambda: 10.0**9)  # as after a long sleep of the whole process
        await world.publish(1, "Fest", ["anna"])
        world.engine.wake()
        await asyncio.sleep(0.1)
        assert platform.calls == []
        monkeypatch.undo()
        await world.engine.settled()
        assert world.sees("anna") == ["Fest"]
    await database.close()


async def test_the_database_says_how_long_a_lease_runs(url: str) -> None:
    async with process(url) as (database, _):
        lane = await a_lane(database)
        async with database.write() as session:
            assert await lease.seconds_left(session, lane) == 0
            await lease.take(session, lane, "one", 1000, alone=False)
            assert 990 < await lease.seconds_left(session, lane) <= 1000
            assert (await session.execute(select(lease.is_running()))).scalar_one()


async def test_two_engines_share_a_lane_and_everybody_gets_it_once(url: str) -> None:
    databases = [Database(url) for _ in range(2)]
    platform = MemoryPlatform(limits=UNHURRIED, clock=ManualClock(NOON))
    world = await World.make(databases[0], platform, tempo=UNHURT)
    other = Engine(databases[1], world.clock, {world.lane: platform}, world.hooks, UNHURT)
    readers = [f"reader{number}" for number in range(50)]
    await world.publish(1, "Fest", readers)
    running = [asyncio.create_task(engine.run()) for engine in (world.engine, other)]
    await until(lambda: len(platform.calls) == len(readers))
    assert len(world.engine.owning.held) + len(other.owning.held) == 1
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    assert await world.states(1) == dict.fromkeys(readers, "held")
    assert all(world.sees(reader) == ["Fest"] for reader in readers)
    for database in databases:
        await database.close()
