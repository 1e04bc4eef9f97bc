"""What use cases write: one statement for an audience, refused where it would go wrong in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import literal, null, select

from bot.delivery.model import Chat, Delivery, Priority, StoredText
from tests.unit.delivery.world import NOON, World, message

ON_BOTH = True


async def test_publishing_is_all_or_nothing(world: World) -> None:
    await world.chat("anna")
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is the point
        async with world.database.write() as session:
            await world.outbox.send(session, 1, message("Fest"), item=1)
            raise ZeroDivisionError
    assert await world.rows() == []


async def test_a_chat_gets_one_copy_however_often_it_is_selected(world: World) -> None:
    await world.publish(1, "Fest", ["anna"])
    await world.publish(1, "Fest", ["anna", "bea"])
    await world.deliver()
    assert (world.sees("anna"), world.sees("bea")) == (["Fest"], ["Fest"])


async def test_a_moment_without_our_type_is_refused(world: World) -> None:
    chat = await world.chat("anna")
    recipients = select(Chat.id, Chat.lane_id, literal(1), literal(1), literal(NOON), null()).where(
        Chat.id == chat
    )
    async with world.database.write() as session:
        with pytest.raises(TypeError):
            await world.outbox.enqueue(session, item=1, priority=Priority.ANNOUNCEMENT, recipients=recipients)


async def test_drop_ends_what_waits_and_leaves_answers_and_what_is_held(world: World) -> None:
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    await world.publish(2, "Flohmarkt", ["anna"])
    await world.answer("anna", "Auf Wiedersehen")
    async with world.database.write() as session:
        dropped = await world.outbox.drop(session, chat_ids=select(Chat.id).where(Chat.address == "anna"))
    await world.deliver()
    assert dropped == 1
    assert world.sees("anna") == ["Fest", "Auf Wiedersehen"]
    assert await world.states(2) == {"anna": "dropped"}


async def test_drop_needs_to_know_what(world: World) -> None:
    async with world.database.write() as session:
        with pytest.raises(ValueError, match="drop what"):
            await world.outbox.drop(session)


async def test_replace_changes_only_its_item_and_text(world: World) -> None:
    german = await world.publish(1, "Fest", ["anna"])
    await world.publish(1, "Party", ["bea"])
    await world.publish(2, "Fest", ["anna"])
    await world.deliver()
    await world.correct(1, german, "Sommerfest")
    await world.deliver()
    assert world.sees("anna") == ["Sommerfest", "Fest"]
    assert world.sees("bea") == ["Party"]


async def test_replace_leaves_what_nobody_will_ever_hold(world: World) -> None:
    world.platform.blocks("anna")
    old = await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    await world.correct(1, old, "Sommerfest")
    assert await world.states(1) == {"anna": "gone"}


async def test_counts_say_how_far_an_item_has_come(world: World) -> None:
    world.platform.blocks("bea")
    await world.publish(1, "Fest", ["anna", "bea"])
    await world.publish(1, "Fest", ["carl"], after=timedelta(hours=8))
    await world.deliver()
    counts = await world.counts(1)
    assert (counts.held, counts.gone, counts.pending, counts.reached, counts.total) == (1, 1, 1, 1, 3)
    assert counts.by_platform["memory"].held == 1


async def test_a_forgotten_item_leaves_nothing(world: World) -> None:
    await world.publish(1, "Frage", ["anna"])
    await world.deliver()
    async with world.database.write() as session:
        await world.outbox.forget_items(session, [1])
    async with world.database.read() as session:
        left = [(await session.execute(select(table.id))).all() for table in (Delivery, StoredText)]
    assert left == [[], []]
