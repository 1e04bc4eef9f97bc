"""A process died. What its rows say decides; what was under way may have arrived or not."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from adapters.memory import MemoryPlatform
from bot.delivery import lease
from bot.delivery.job import MAX_REPEATS
from bot.delivery.ledger import Ledger
from bot.delivery.model import Delivery, Lane, Priority, State
from bot.storage import Database
from tests.unit.delivery.world import World, message

ON_BOTH = True


async def left_sending(world: World, **values: object) -> None:
    """As a killed process leaves its rows."""
    async with world.database.write() as session:
        sending = {"state": State.SENDING, "sending_text": Delivery.wanted_text, **values}
        await session.execute(update(Delivery).where(Delivery.state == State.PENDING).values(sending))


@pytest.mark.parametrize(
    ("priority", "state", "seen"),
    [
        (Priority.ANNOUNCEMENT, "unsure", []),
        (Priority.DIGEST, "unsure", []),
        (Priority.RELAY, "held", ["Fest"]),
        (Priority.ALERT, "held", ["Fest"]),
    ],
)
async def test_without_keys_bulk_becomes_unsure_and_the_rest_is_repeated_once(
    world: World, priority: Priority, state: str, seen: list[str]
) -> None:
    await world.publish(1, "Fest", ["anna"], priority=priority)
    await left_sending(world)
    await world.deliver()
    assert world.sees("anna") == seen
    assert await world.states(1) == {"anna": state}


async def test_without_keys_nothing_is_repeated_twice(world: World) -> None:
    await world.publish(1, "Hochwasser", ["anna"], priority=Priority.ALERT)
    await left_sending(world, attempts=1)
    await world.deliver()
    assert await world.states(1) == {"anna": "unsure"}
    assert world.platform.calls == []


async def test_with_keys_it_is_repeated_however_often_we_died(database: Database) -> None:
    world = await World.make(database, MemoryPlatform(idempotent=True))
    await world.publish(1, "Fest", ["anna"])
    await left_sending(world, attempts=MAX_REPEATS)
    await world.deliver()
    assert world.sees("anna") == ["Fest"]
    assert await world.states(1) == {"anna": "held"}


async def test_an_answer_is_repeated_once(world: World) -> None:
    await world.answer("anna", "Gern!")
    await left_sending(world)
    await world.deliver()
    assert world.sees("anna") == ["Gern!"]
    assert await world.rows() == []


async def test_with_keys_what_had_arrived_is_not_shown_twice(database: Database) -> None:
    platform = MemoryPlatform(idempotent=True)
    world = await World.make(database, platform)
    await world.publish(1, "Fest", ["anna"])
    (row,) = await world.rows()
    await platform.send(platform.phone("anna").address, message("Fest"), str(row.id))
    await left_sending(world)
    await world.deliver()
    assert world.sees("anna") == ["Fest"]
    assert await world.states(1) == {"anna": "held"}


async def test_an_edit_under_way_is_repeated(world: World) -> None:
    old = await world.publish(1, "am Samstag", ["anna"])
    await world.deliver()
    await world.correct(1, old, "am Sonntag")
    await left_sending(world)
    await world.deliver()
    assert world.sees("anna") == ["am Sonntag"]


async def test_a_former_owner_is_shut_out_when_it_wakes(world: World) -> None:
    async with world.database.write() as session:
        old = await lease.take(session, world.lane, "old", 12, alone=True)
        new = await lease.take(session, world.lane, "new", 12, alone=True)
    assert (old, new) == (1, 2)
    assert old is not None
    ledger = Ledger(world.database, world.clock, world.lane, old, world.platform.capabilities, world.hooks)
    await world.publish(1, "Fest", ["anna"])
    with pytest.raises(lease.LaneLostError):
        await ledger.turn([], busy=lambda _: (), room=lambda _: 10, learned=None)
    assert await world.states(1) == {"anna": "pending"}


async def test_a_running_lease_is_respected_and_an_expired_one_is_not(world: World) -> None:
    async with world.database.write() as session:
        await lease.take(session, world.lane, "one", 12, alone=False)
        assert await lease.take(session, world.lane, "two", 12, alone=False) is None
        assert await lease.renew(session, world.lane, 1, -0.001)  # it ran out just now
        assert await lease.take(session, world.lane, "two", 12, alone=False) == 2
        assert not await lease.renew(session, world.lane, 1, 12)


async def test_an_orderly_stop_gives_the_lane_back(world: World) -> None:
    await world.deliver()
    async with world.database.read() as session:
        lane = await session.get_one(Lane, world.lane)
    assert (lane.owner, lane.lease_until) == (None, None)
