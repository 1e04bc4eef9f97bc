"""Whatever happens to an item on the way: in the end everybody holds the last version, or none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from adapters.memory import Fault, MemoryPlatform
from bot.contract import Capabilities, Rejected
from bot.delivery.model import Delivery, Priority, State
from bot.storage import Database
from tests.unit.delivery.world import World, message, until

ON_BOTH = True

UNDO = timedelta(seconds=30)


async def test_nothing_goes_out_before_it_is_due(world: World) -> None:
    await world.publish(1, "Fest", ["anna"], after=UNDO)
    async with world.running():
        await world.engine.settled()
        assert world.sees("anna") == []
        await world.later(UNDO)
    assert world.sees("anna") == ["Fest"]


async def test_a_correction_while_pending_is_sent_once_and_new(world: World) -> None:
    old = await world.publish(1, "am Samstag", ["anna"], after=UNDO)
    await world.correct(1, old, "am Sonntag")
    world.clock.advance(UNDO)
    await world.deliver()
    assert [shown.is_edited for shown in world.platform.phone("anna").screen] == [False]
    assert world.sees("anna") == ["am Sonntag"]


async def test_a_correction_of_what_is_held_is_an_edit(world: World) -> None:
    old = await world.publish(1, "am Samstag", ["anna"])
    await world.deliver()
    await world.correct(1, old, "am Sonntag")
    await world.deliver()
    assert [call.act for call in world.platform.calls] == ["send", "edit"]
    assert world.sees("anna") == ["am Sonntag"]


@pytest.mark.parametrize(
    ("new", "seen", "state"), [("am Sonntag", ["am Sonntag"], "held"), (None, [], "dropped")]
)
async def test_a_change_while_it_is_being_sent(
    database: Database, new: str | None, seen: list[str], state: str
) -> None:
    world = await World.make(database, MemoryPlatform(latency=0.05))
    old = await world.publish(1, "am Samstag", ["anna"])
    async with world.running():
        await until(lambda: bool(world.platform.calls))
        await world.correct(1, old, new)
        await world.engine.settled()
    assert world.sees("anna") == seen
    assert await world.states(1) == {"anna": state}


async def test_there_and_back_again_are_two_edits(database: Database) -> None:
    world = await World.make(database, MemoryPlatform(idempotent=True))
    first = await world.publish(1, "A", ["anna"])
    await world.deliver()
    second = await world.correct(1, first, "B")
    assert second is not None
    await world.deliver()
    async with database.write() as session:
        await world.outbox.replace(session, item=1, texts={second: first})
    await world.deliver()
    assert world.sees("anna") == ["A"]
    assert len({call.key for call in world.platform.calls}) == 3


async def test_a_change_undone_before_it_went_out_asks_nothing_of_the_platform(world: World) -> None:
    first = await world.publish(1, "A", ["anna"])
    await world.deliver()
    second = await world.correct(1, first, "B")
    assert second is not None
    async with world.database.write() as session:
        await world.outbox.replace(session, item=1, texts={second: first})
    await world.deliver()
    assert [call.act for call in world.platform.calls] == ["send"]
    assert await world.states(1) == {"anna": "held"}


async def test_a_change_undone_after_it_perhaps_arrived_is_undone_on_the_device(world: World) -> None:
    first = await world.publish(1, "A", ["anna"])
    await world.deliver()
    second = await world.correct(1, first, "B")
    assert second is not None
    async with world.database.write() as session:
        dies = update(Delivery).values(state=State.SENDING, sending_text=second, changes=1)
        await session.execute(dies)
    [row] = await world.rows()
    await world.platform.edit(world.platform.phone("anna").address, tuple(row.ref or ()), message("B"), "1.1")
    async with world.database.write() as session:
        await world.outbox.replace(session, item=1, texts={second: first})
    await world.deliver()
    assert world.sees("anna") == ["A"]
    assert await world.states(1) == {"anna": "held"}


async def test_withdrawing_drops_what_waits_and_takes_back_what_is_held(world: World) -> None:
    now_due = await world.publish(1, "Fest", ["anna"])
    in_the_evening = await world.publish(1, "Fest", ["bea"], after=timedelta(hours=6))
    await world.deliver()
    async with world.database.write() as session:
        await world.outbox.replace(session, item=1, texts={now_due: None, in_the_evening: None})
    await world.deliver()
    assert world.sees("anna") == []
    assert await world.states(1) == {"anna": "dropped", "bea": "dropped"}
    assert (await world.counts(1)).reached == 0


@pytest.mark.parametrize("idempotent", [False, True])
async def test_what_was_taken_back_returns_each_time_it_is_given_back(
    database: Database, idempotent: bool
) -> None:
    world = await World.make(database, MemoryPlatform(idempotent=idempotent))
    text = await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    for _ in range(2):
        await world.correct(1, text, None)
        await world.deliver()
        assert world.sees("anna") == []
        await give_back(world, text)
        await world.deliver()
        assert world.sees("anna") == ["Fest"]
    assert await world.states(1) == {"anna": "held"}
    assert [call.key for call in world.platform.calls] == ["1", "1.1", "1~1", "1.2", "1~2"]


@pytest.mark.parametrize("idempotent", [False, True])
async def test_what_is_wanted_again_while_it_is_taken_back_returns(
    database: Database, idempotent: bool
) -> None:
    world = await World.make(database, MemoryPlatform(idempotent=idempotent, latency=0.02))
    text = await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    await world.correct(1, text, None)
    async with world.running():
        await until(lambda: len(world.platform.calls) == 2)
        await give_back(world, text, state=None)
        await world.engine.settled()
    assert world.sees("anna") == ["Fest"]
    assert await world.states(1) == {"anna": "held"}


async def give_back(world: World, text: int, state: State | None = State.PENDING) -> None:
    """As restoring does: the same row wants its text again."""
    values = {"wanted_text": text} if state is None else {"wanted_text": text, "state": state}
    async with world.database.write() as session:
        await session.execute(update(Delivery).values(values))


async def test_a_copy_that_the_platform_would_not_delete_is_rejected_and_still_held(world: World) -> None:
    text = await world.publish(1, "Fest", ["anna", "bea"])
    await world.deliver()
    world.platform.fails(Fault(Rejected("too late"), act="delete", to=world.platform.phone("anna").address))
    await world.correct(1, text, None)
    await world.deliver()
    assert await world.states(1) == {"anna": "rejected", "bea": "dropped"}
    assert (await world.counts(1)).reached == 1


async def test_a_platform_that_deletes_for_two_days_is_not_asked_on_the_third(database: Database) -> None:
    able = Capabilities(deletes_after=timedelta(hours=48))
    world = await World.make(database, MemoryPlatform(capabilities=able))
    text = await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    world.clock.advance(timedelta(hours=49))
    await world.correct(1, text, None)
    await world.deliver()
    assert [call.act for call in world.platform.calls] == ["send"]
    assert await world.states(1) == {"anna": "rejected"}


async def test_hiding_can_go_as_an_alert(world: World) -> None:
    text = await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    await world.correct(1, text, None, priority=Priority.ALERT)
    assert [row.priority for row in await world.rows()] == [Priority.ALERT]


async def test_what_expired_is_dropped_but_what_is_held_is_still_corrected(world: World) -> None:
    soon = world.clock.now() + timedelta(hours=1)
    old = await world.publish(1, "am Samstag", ["anna"], expires_at=soon)
    await world.deliver()
    world.clock.advance(timedelta(hours=2))
    await world.publish(2, "zu spät", ["anna", "bea"], expires_at=soon)
    await world.correct(1, old, "war am Samstag")
    await world.deliver()
    assert world.sees("anna") == ["war am Samstag"]
    assert await world.states(2) == {"anna": "dropped", "bea": "dropped"}


async def test_a_refused_copy_is_meant_to_say_the_latest_should_it_be_given_back(world: World) -> None:
    """Hiding keeps what each copy is meant to say, and restoring sends it."""
    world.platform.fails(Fault(Rejected("bad markup"), to=world.platform.phone("anna").address))
    old = await world.publish(1, "am Samstag", ["anna"])
    await world.deliver()
    new = await world.correct(1, old, "am Sonntag")
    await world.deliver()
    (row,) = await world.rows()
    assert (row.state, row.wanted_text, world.sees("anna")) == ("rejected", new, [])
