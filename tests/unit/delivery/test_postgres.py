"""The same rows on PostgreSQL: a broadcast with an answer, a correction, a withdrawal and a takeover."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from bot.delivery.model import Delivery, Priority, State
from bot.delivery.store import LaneStore
from bot.storage import Database
from tests.fakes.postgres import postgres_server, postgres_template, postgres_url
from tests.unit.delivery.world import World

__all__ = ["postgres_server", "postgres_template", "postgres_url"]


@pytest.fixture
async def world(postgres_url: str) -> AsyncIterator[World]:
    database = Database(postgres_url)
    yield await World.make(database)
    await database.close()


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


async def test_what_a_killed_owner_left(world: World) -> None:
    await world.publish(1, "Fest", ["anna"])
    await world.publish(2, "Hochwasser", ["bea"], priority=Priority.ALERT)
    async with world.database.write() as session:
        await session.execute(update(Delivery).values(state=State.SENDING))
    await world.deliver()
    assert await world.states(1) == {"anna": "unsure"}
    assert await world.states(2) == {"bea": "held"}


async def test_the_adapters_drawer(world: World) -> None:
    store = LaneStore(world.database, world.lane)
    assert await store.put_new("a", "1")
    assert not await store.put_new("a", "2")
    for key in ("m:b", "m:B", "m:a"):
        await store.put(key, key)
    assert [key for key, _ in await store.listing("m:")] == ["m:B", "m:a", "m:b"]
