"""Who comes first: answers before broadcasts, small Quartiere beside large ones, each chat in its own order."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from adapters.memory import MemoryPlatform
from bot.contract import Limits
from bot.delivery.model import Priority
from bot.storage import Database
from tests.unit.delivery.world import QUICK, World, until


def sends(world: World) -> list[str]:
    return [call.to for call in world.platform.calls]


async def test_a_reply_overtakes_500_announcements_that_wait(database: Database) -> None:
    limits = Limits(per_second=200, per_chat_per_second=1000, in_flight=10)
    world = await World.make(database, MemoryPlatform(limits=limits))
    readers = [f"reader{n}" for n in range(500)]
    await world.publish(1, "Sommerfest", readers)
    async with world.running():
        await until(lambda: len(world.platform.calls) >= 20)
        await world.answer("asker", "Gern!")
        await until(lambda: bool(world.sees("asker")))
        before = sends(world).index("asker")
    waiting = (await world.counts(1)).pending
    assert before < 100
    assert waiting > 350


async def test_a_reply_overtakes_an_announcement_to_the_same_chat(world: World) -> None:
    await world.publish(1, "Sommerfest", ["anna"])
    await world.answer("anna", "Gern!")
    await world.deliver()
    assert world.sees("anna") == ["Gern!", "Sommerfest"]


async def test_classes_go_strictly_one_after_the_other(database: Database) -> None:
    world = await World.make(database, MemoryPlatform(limits=Limits(per_second=1000, in_flight=1)))
    for item, priority in enumerate(reversed(Priority), start=1):
        await world.publish(item, "x", [priority.name], priority=priority)
    await world.deliver()
    assert sends(world) == ["REPLY", "ALERT", "RELAY", "ANNOUNCEMENT", "DIGEST"]


async def test_a_small_quartier_is_not_stuck_behind_a_large_one(database: Database) -> None:
    world = await World.make(database, MemoryPlatform(limits=Limits(per_second=10_000, in_flight=1)))
    await world.publish(1, "groß", [f"large{n}" for n in range(300)], quartier=1)
    await world.publish(2, "klein", [f"small{n}" for n in range(20)], quartier=2)
    await world.deliver()
    last_small = max(place for place, to in enumerate(sends(world)) if to.startswith("small"))
    assert last_small < 60
    assert len(sends(world)) == 320


async def test_what_waits_for_its_chat_goes_as_soon_as_the_chat_is_free(database: Database) -> None:
    """Not only at the next look at all rows, which is an hour away here."""
    platform = MemoryPlatform(limits=Limits(per_second=1000, per_chat_per_second=10))
    world = await World.make(database, platform, tempo=replace(QUICK, poll=3600))
    for n in range(3):
        await world.answer("anna", f"{n}")
    async with asyncio.timeout(30):
        await world.deliver()
    assert world.sees("anna") == ["0", "1", "2"]


async def test_each_chat_gets_its_messages_in_order(world: World) -> None:
    for n in range(10):
        await world.answer("anna", f"{n}")
    await world.deliver()
    assert world.sees("anna") == [str(n) for n in range(10)]


async def test_a_chat_in_two_quartiere_gets_what_fell_due_first(database: Database) -> None:
    world = await World.make(database, MemoryPlatform(limits=Limits(per_second=10_000, in_flight=1)))
    crowd = [f"reader{n}" for n in range(30)]
    await world.publish(1, "zuerst", [*crowd, "anna"], quartier=5)
    await world.publish(2, "danach", ["anna"], quartier=2)
    await world.deliver()
    assert world.sees("anna") == ["zuerst", "danach"]


async def test_one_message_at_a_time_per_chat(database: Database) -> None:
    platform = MemoryPlatform(latency=0.005)
    world = await World.make(database, platform)
    most = 0
    flying: list[str] = []
    send = platform.send

    async def watched(to, text, key):  # type: ignore[no-untyped-def]
        nonlocal most
        flying.append(to)
        most = max(most, flying.count("anna"))
        try:
            return await send(to, text, key)
        finally:
            flying.remove(to)

    platform.send = watched  # type: ignore[method-assign]  # watched from outside
    for n in range(5):
        await world.answer("anna", f"{n}")
    await world.publish(1, "x", ["anna", "bea"])
    await world.deliver()
    assert most == 1
    assert len(world.sees("anna")) == 6


async def test_a_room_with_a_long_backlog_does_not_hold_up_others(database: Database) -> None:
    limits = Limits(per_second=10_000, per_chat_per_second=float("inf"), per_room_per_minute=2)
    world = await World.make(database, MemoryPlatform(limits=limits))
    await world.chat("room", is_room=True)
    for item in range(1, 151):
        await world.publish(item, f"{item}", ["room"], priority=Priority.RELAY)
    await world.publish(500, "Sommerfest", ["anna"])
    async with world.running():
        await until(lambda: bool(world.sees("anna")) and len(world.sees("room")) == 2)
        await asyncio.sleep(0.1)
    assert world.sees("room") == ["1", "2"]


async def test_bulk_gives_way_to_replies_that_may_come_but_not_for_ever(database: Database) -> None:
    world = await World.make(database, MemoryPlatform(limits=Limits(per_second=100, in_flight=10)))
    await world.publish(1, "Sommerfest", [f"reader{n}" for n in range(40)])

    async def wake_all_the_time() -> None:
        while True:
            world.engine.expect(world.lane)
            world.engine.wake()
            await asyncio.sleep(0.001)

    async with world.running():
        waking = asyncio.create_task(wake_all_the_time())
        await until(lambda: len(world.platform.calls) == 40)
        waking.cancel()
        await asyncio.wait([waking])


async def test_bulk_gives_way_to_an_answer_that_is_being_written(database: Database) -> None:
    """Its slot comes between the question and the answer; at first it is a second long."""
    world = await World.make(database, MemoryPlatform(limits=Limits(per_second=2, in_flight=10)))
    await world.publish(1, "Sommerfest", ["reader1", "reader2"])
    async with world.running():
        await until(lambda: len(world.platform.calls) == 1)
        await asyncio.sleep(0.6)
        world.engine.expect(world.lane)
        await asyncio.sleep(0.5)
        await world.answer("anna", "Hier")
        await until(lambda: len(world.platform.calls) == 3)
    assert sends(world) == ["reader1", "anna", "reader2"]


async def test_quartiere_whose_chats_are_all_busy_do_not_hold_up_another(database: Database) -> None:
    """However few rows a batch takes: here two, and three Quartiere come before."""
    limits = Limits(per_second=10, per_chat_per_second=float("inf"), per_room_per_minute=1)
    world = await World.make(database, MemoryPlatform(limits=limits))
    for quartier in (1, 2, 3):
        await world.chat(f"room{quartier}", is_room=True)
        for item in (10, 20):
            await world.publish(
                item + quartier, "x", [f"room{quartier}"], priority=Priority.RELAY, quartier=quartier
            )
    async with world.running():
        await until(lambda: len(world.platform.calls) == 3)
        await world.publish(99, "Sommerfest", ["anna"], priority=Priority.RELAY, quartier=3)
        await until(lambda: bool(world.sees("anna")))
    assert sends(world) == ["room1", "room2", "room3", "anna"]


async def test_a_batch_serves_many_quartiere_in_turn_and_each_chat_once(world: World) -> None:
    """More Quartiere than one batch asks for, some of them with nothing but what waits elsewhere, too."""
    for quartier in range(1, 26):
        await world.publish(quartier, f"{quartier}", ["anna", f"reader{quartier}"], quartier=quartier)
    await world.deliver()
    assert world.sees("anna") == [str(quartier) for quartier in range(1, 26)]
    assert [world.sees(f"reader{n}") for n in range(1, 26)] == [[str(n)] for n in range(1, 26)]
