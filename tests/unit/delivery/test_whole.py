"""A broadcast from its publication to its withdrawal, and what adapters keep, on both kinds of database."""

from __future__ import annotations

from bot.delivery.store import LaneStore
from tests.unit.delivery.world import World

ON_BOTH = True


async def test_a_broadcast_its_correction_and_its_withdrawal(world: World) -> None:
    readers = [f"reader{n}" for n in range(120)]
    old = await world.publish(1, "am Samstag", readers)
    await world.answer("reader0", "Gern!")
    world.platform.blocks("reader1")
    async with world.running():
        await world.engine.settled()
        new = await world.correct(1, old, "am Sonntag")
        await world.engine.settled()
        assert world.sees("reader0") == ["Gern!", "am Sonntag"]
        assert new is not None
        await world.correct(1, new, None)
        await world.engine.settled()
    assert world.sees("reader2") == []
    counts = await world.counts(1)
    assert (counts.dropped, counts.gone, counts.total) == (119, 1, 120)


async def test_the_adapters_drawer(world: World) -> None:
    store = LaneStore(world.database, world.lane)
    assert await store.put_new("a", "1")
    assert not await store.put_new("a", "2")
    for key in ("m:b", "m:B", "m:a"):
        await store.put(key, key)
    assert [key for key, _ in await store.listing("m:")] == ["m:B", "m:a", "m:b"]
