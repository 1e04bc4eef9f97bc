"""Answers are between the bot and a person: once they have served, nothing of them is kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from adapters.memory import Fault
from bot.contract import PlatformDown, Rejected
from bot.delivery.chats import erase_chat
from bot.delivery.erase import erase_unsent
from bot.delivery.model import Chat, Delivery, StoredText
from tests.unit.delivery.world import World

ON_BOTH = True


async def texts(world: World) -> list[int]:
    async with world.database.read() as session:
        return list((await session.execute(select(StoredText.id))).scalars())


async def test_an_answer_is_erased_once_it_arrived(world: World) -> None:
    await world.answer("anna", "Gern!")
    await world.deliver()
    assert world.sees("anna") == ["Gern!"]
    assert (await world.rows(), await texts(world)) == ([], [])


async def test_an_answer_is_erased_when_it_never_will_arrive(world: World) -> None:
    world.platform.blocks("anna")
    world.platform.fails(Fault(Rejected("bad"), to=world.platform.phone("bea").address))
    for reader in ("anna", "anna", "bea"):
        await world.answer(reader, "Gern!")
    await world.deliver()
    assert (await world.rows(), await texts(world)) == ([], [])


async def test_an_answer_that_waited_for_a_day_is_dropped_and_erased(world: World) -> None:
    await world.answer("anna", "Gern!")
    world.clock.advance(timedelta(hours=25))
    await world.deliver()
    assert world.platform.calls == []
    assert (await world.rows(), await texts(world)) == ([], [])


async def test_unsent_answers_are_erased_even_while_their_platform_is_switched_off(world: World) -> None:
    world.platform.fails(Fault(PlatformDown("off")))
    await world.answer("anna", "alt")
    await world.publish(1, "Fest", ["anna"])
    world.clock.advance(timedelta(hours=25))
    await world.answer("anna", "neu")
    async with world.database.write() as session:
        assert await erase_unsent(session, world.clock.now()) == 1
    assert [row.item for row in await world.rows()] == [1, None]


async def test_the_words_of_answers_go_with_the_person_they_were_meant_for(world: World) -> None:
    await world.answer("anna", "Gern!")
    await world.answer("bea", "Gern!")
    anna = await world.chat("anna")
    async with world.database.write() as session:
        await session.execute(delete(Delivery).where(Delivery.chat_id == anna))
        await erase_unsent(session, world.clock.now())
    assert len(await texts(world)) == 1


async def test_ids_of_erased_rows_are_never_given_out_again(world: World) -> None:
    """An id is a key: a platform that knows it would swallow another person's message."""
    for _ in range(3):
        await world.answer("anna", "Gern!")
        await world.deliver()
    keys = [call.key for call in world.platform.calls]
    assert keys == ["1", "2", "3"]
    await world.answer("anna", "Gern!")
    assert await texts(world) == [4]


async def test_an_erased_chat_leaves_nothing_and_its_id_is_not_used_again(world: World) -> None:
    chat = await world.chat("anna")
    await world.publish(1, "Fest", ["anna"])
    await world.answer("anna", "Gern!")
    async with world.database.write() as session:
        await erase_chat(session, chat)
    async with world.database.read() as session:
        assert (await session.execute(select(Chat.id))).all() == []
    assert await world.rows() == []
    assert await world.chat("bea") > chat


async def test_erasing_in_the_middle_of_a_broadcast_does_not_trouble_it(world: World) -> None:
    await world.publish(1, "Fest", [f"reader{n}" for n in range(50)])
    async with world.running():
        async with world.database.write() as session:
            found = select(Chat.id).where(Chat.address.in_(["reader30", "reader40"]))
            for chat in (await session.execute(found)).scalars().all():
                await erase_chat(session, chat)
        await world.engine.settled()
    assert (await world.counts(1)).held == 48
