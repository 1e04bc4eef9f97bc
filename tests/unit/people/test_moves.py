"""Somebody prefers another of their chats in the middle of a broadcast: what waits goes there, what is held stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery.model import Delivery, Priority, State
from tests.fakes.linked import TwoMessengers
from tests.unit.delivery.world import message
from tests.unit.people.test_linked import reading, two

__all__ = ["two"]
HOUR = timedelta(hours=1)


async def told(
    two: TwoMessengers, chat: int, item: int, *, priority: Priority = Priority.ANNOUNCEMENT
) -> None:
    """A copy of an item, or an answer, that leaves in an hour."""
    async with two.house.database.write() as session:
        await two.house.features.outbox.send(
            session, chat, message(f"Nummer {item}"), priority=priority, item=item or None,
            due_at=two.clock.now() + HOUR,
        )  # fmt: skip


async def chats(two: TwoMessengers, person: int) -> tuple[int, int]:
    async with two.house.database.read() as session:
        found = (await two.house.features.people.all_chats(session, [person]))[person]
    return found[0].chat, found[1].chat


async def prefer(two: TwoMessengers, person: int, chat: int) -> None:
    async with two.house.database.write() as session:
        await two.house.features.people.prefer(session, person, chat)


async def test_what_waits_goes_to_the_other_messenger(two: TwoMessengers) -> None:
    person = await reading(two)
    alpha, beta = await chats(two, person)
    await told(two, alpha, 1)
    await prefer(two, person, beta)
    assert await chats(two, person) == (beta, alpha)
    await two.later(HOUR)
    assert (two.texts(two.alpha, "mina"), two.texts(two.beta, "mina")) == ([], ["Nummer 1"])


async def test_an_answer_stays_where_it_was_asked(two: TwoMessengers) -> None:
    person = await reading(two)
    alpha, beta = await chats(two, person)
    await told(two, alpha, 0, priority=Priority.REPLY)
    await prefer(two, person, beta)
    await two.later(HOUR)
    assert (two.texts(two.alpha, "mina"), two.texts(two.beta, "mina")) == (["Nummer 0"], [])


async def test_what_is_held_stays_and_is_corrected_there(two: TwoMessengers) -> None:
    person = await reading(two)
    alpha, beta = await chats(two, person)
    await told(two, alpha, 1)
    await two.later(HOUR)
    await prefer(two, person, beta)
    async with two.house.database.write() as session:
        old = await session.scalar(select(Delivery.wanted_text).where(Delivery.item == 1))
        assert old is not None
        new = await two.house.features.outbox.store_text(session, message("Neu"), item=1)
        await two.house.features.outbox.replace(session, item=1, texts={old: new})
    await two.settled()
    assert (two.texts(two.alpha, "mina"), two.texts(two.beta, "mina")) == (["Neu"], [])


async def test_nobody_gets_it_in_both(two: TwoMessengers) -> None:
    person = await reading(two)
    alpha, beta = await chats(two, person)
    for chat in (alpha, beta):
        await told(two, chat, 1)
    await prefer(two, person, beta)
    await two.later(HOUR)
    assert (two.texts(two.alpha, "mina"), two.texts(two.beta, "mina")) == ([], ["Nummer 1"])
    async with two.house.database.read() as session:
        states = (await session.scalars(select(Delivery.state).order_by(Delivery.id))).all()
    assert states == [State.DROPPED, State.HELD]


async def test_a_chat_of_somebody_else_is_refused(two: TwoMessengers) -> None:
    mina = await reading(two)
    bea = await reading(two, "bea")
    with pytest.raises(LookupError):
        await prefer(two, mina, (await chats(two, bea))[0])
