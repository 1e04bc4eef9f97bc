"""Who is gone: what waits for them ends, in the transaction that notes it, for all of a batch at once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from adapters.memory import MemoryPlatform
from bot.contract import Limits
from bot.delivery.chats import close_chats
from bot.delivery.model import Chat, Priority
from bot.storage import Database
from tests.unit.delivery.world import World, until

ON_BOTH = True


async def test_what_waits_for_the_chats_of_a_batch_ends_with_its_marks(world: World) -> None:
    readers = [f"reader{n}" for n in range(10)]
    await world.publish(2, "Flohmarkt", readers, after=timedelta(hours=6))
    for reader in readers[:5]:
        world.platform.phone(reader).is_blocked = True
    await world.publish(1, "Fest", readers)
    await world.deliver()
    stays = dict.fromkeys(readers[5:], "held")
    assert await world.states(1) == {**dict.fromkeys(readers[:5], "gone"), **stays}
    assert await world.states(2) == {
        **dict.fromkeys(readers[:5], "gone"),
        **dict.fromkeys(readers[5:], "pending"),
    }


async def test_answers_that_wait_for_a_closed_chat_are_erased(world: World) -> None:
    await world.answer("anna", "Gern!")
    await world.answer("bea", "Gern!")
    anna = await world.chat("anna")
    async with world.database.write() as session:
        await close_chats(session, [anna])
    async with world.database.read() as session:
        closed = list(await session.scalars(select(Chat.id).where(~Chat.reachable)))
    assert closed == [anna]
    await world.deliver()
    assert (world.sees("anna"), world.sees("bea")) == ([], ["Gern!"])


async def test_what_was_ready_for_a_chat_before_an_alert_found_it_closed_does_not_leave(
    database: Database,
) -> None:
    """It was marked while its chat was open, and alerts came before it; one more for others comes between."""
    limits = Limits(per_second=20, per_chat_per_second=1000, in_flight=1)
    world = await World.make(database, MemoryPlatform(limits=limits, latency=0.1))
    world.platform.phone("anna").is_blocked = True
    await world.publish(1, "Fest", ["adam", "anna"])
    async with world.running():
        await until(lambda: bool(world.platform.calls))
        await world.publish(2, "Gas!", ["anna", "bea"], priority=Priority.ALERT)
        await world.engine.settled()
    assert [call.to for call in world.platform.calls] == ["adam", "anna", "bea"]
    assert (await world.states(1))["anna"] == "gone"
