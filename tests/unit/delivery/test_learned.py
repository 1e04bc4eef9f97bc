"""The limit that refusals taught: it is stored with the lane, shown, and where the next owner begins."""

from __future__ import annotations

from sqlalchemy import select

from adapters.memory import MemoryPlatform
from adapters.memory.faults import Fault
from bot.contract import Address, Limits, RateLimited
from bot.delivery.model import Lane, Priority
from bot.storage import Database
from tests.unit.delivery.world import World, until

LIMITS = Limits(per_second=100, per_chat_per_second=1000, in_flight=10)


async def test_a_learned_limit_outlives_the_program(database: Database) -> None:
    platform = MemoryPlatform(limits=LIMITS, latency=0.01)
    world = await World.make(database, platform)
    await world.publish(1, "Sommerfest", [f"reader{n}" for n in range(40)])
    platform.fails(Fault(RateLimited(0.05), times=2))
    await world.deliver()
    assert (await world.counts(1)).held == 40
    stored = await _stored(world)
    assert stored is not None
    assert LIMITS.per_second / 2 <= stored < LIMITS.per_second

    later = await World.make(database, platform)
    async with later.running():
        await later.engine.settled()
        (pulse,) = later.engine.pulse()
    assert pulse.learned == stored
    assert pulse.rate <= stored


async def test_a_refusal_in_one_chat_teaches_nothing_and_the_others_get_theirs(database: Database) -> None:
    platform = MemoryPlatform(limits=LIMITS)
    world = await World.make(database, platform)
    readers = [f"reader{n}" for n in range(20)]
    await world.publish(1, "Sommerfest", readers)
    platform.fails(Fault(RateLimited(3600.0), to=Address(readers[7])))
    async with world.running():
        await until(lambda: sum(bool(world.sees(reader)) for reader in readers) == 19)
        (pulse,) = world.engine.pulse()
    assert [pulse.halted, pulse.learned, await _stored(world)] == [0.0, None, None]
    assert world.sees(readers[7]) == []


async def test_the_pulse_counts_requests_and_how_soon_replies_arrive(database: Database) -> None:
    world = await World.make(database, MemoryPlatform(limits=LIMITS))
    await world.publish(1, "Sommerfest", ["anna", "bert"])
    await world.answer("cem", "Gern!")
    async with world.running():
        await world.engine.settled()
        (pulse,) = world.engine.pulse()
    assert pulse.outcomes == {("send", "held"): 3}
    assert [pulse.in_flight, pulse.ready[Priority.ANNOUNCEMENT]] == [0, 0]
    assert [pulse.reply_seconds.count, sum(pulse.reply_seconds.counts)] == [1, 1]


async def _stored(world: World) -> float | None:
    async with world.database.read() as session:
        return await session.scalar(select(Lane.learned_rate).where(Lane.id == world.lane))
