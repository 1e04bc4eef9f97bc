"""What came too late ends, also where nobody sends: on a lane that is switched off."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from bot.delivery.chats import chat_for, lane_for
from bot.delivery.erase import drop_overdue, erase_unsent
from bot.delivery.model import Delivery
from tests.unit.delivery.world import World, message

ON_BOTH = True

HOUR = timedelta(hours=1)


async def test_a_copy_on_a_lane_that_is_switched_off_expires(world: World) -> None:
    soon = world.clock.now() + HOUR
    await world.publish(1, "Fest", ["anna"], expires_at=soon)
    await world.publish(2, "Flohmarkt", ["anna"], expires_at=soon + HOUR)
    await world.publish(3, "Sprechstunde", ["anna"])
    world.clock.set(soon)
    async with world.database.write() as session:
        assert await world.outbox.drop_overdue(session) == 1
    assert [await world.states(item) for item in (1, 2, 3)] == [
        {"anna": "dropped"}, {"anna": "pending"}, {"anna": "pending"},
    ]  # fmt: skip
    assert world.platform.calls == []


async def test_what_is_held_or_perhaps_sent_does_not_expire(world: World) -> None:
    soon = world.clock.now() + HOUR
    old = await world.publish(1, "am Samstag", ["anna"], expires_at=soon)
    await world.deliver()
    await world.correct(1, old, "am Sonntag")
    await world.publish(2, "Fest", ["anna"], expires_at=soon)
    async with world.database.write() as session:
        await session.execute(
            update(Delivery).where(Delivery.item == 2).values(sending_text=Delivery.wanted_text)
        )
    world.clock.advance(2 * HOUR)
    async with world.database.write() as session:
        assert await drop_overdue(session, world.clock.now()) == 0
    await world.deliver()
    assert (await world.states(1), world.sees("anna")[0]) == ({"anna": "held"}, "am Sonntag")


async def test_what_was_to_go_out_once_more_is_perhaps_there_when_its_time_is_over(world: World) -> None:
    soon = world.clock.now() + HOUR
    for item in (1, 2):
        await world.publish(item, "Fest", ["anna"], expires_at=soon)
    once_more = update(Delivery).values(attempts=1, changes=1)
    async with world.database.write() as session:
        await session.execute(once_more)
        await session.execute(update(Delivery).where(Delivery.item == 1).values(due_at=soon))
    world.clock.set(soon)
    await world.deliver()  # the lane comes to the rows itself
    assert [await world.states(item) for item in (1, 2)] == [{"anna": "unsure"}, {"anna": "unsure"}]
    await world.publish(3, "Fest", ["anna"], expires_at=soon)
    async with world.database.write() as session:
        await session.execute(once_more.where(Delivery.item == 3))
        assert await drop_overdue(session, world.clock.now()) == 1
    assert (await world.states(3), world.platform.calls) == ({"anna": "unsure"}, [])


async def test_an_answer_with_an_end_of_its_own_is_erased_then(world: World) -> None:
    async with world.database.write() as session:
        off = await lane_for(session, "switched off")
        chat = await chat_for(session, off.id, "anna")
        await world.outbox.send(session, chat.id, message("Gern!"), expires_at=world.clock.now() + HOUR)
    world.clock.advance(HOUR)
    async with world.database.write() as session:
        assert await erase_unsent(session, world.clock.now()) == 1
    assert await world.rows() == []
