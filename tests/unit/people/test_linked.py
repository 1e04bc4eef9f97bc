"""One person, two accounts: nothing goes to both, and nothing is forgotten in one only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.delivery.model import Chat, Delivery, Priority
from bot.people.audience import audience
from bot.people.model import Account, Pace, Person
from tests.fakes.linked import TwoMessengers, two_messengers
from tests.unit.delivery.world import message


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[TwoMessengers]:
    async with two_messengers(tmp_path) as opened:
        yield opened


async def reading(two: TwoMessengers, address: str = "mina") -> int:
    """A linked person who reads the Südstadt at once."""
    person = await two.linked(address)
    async with two.house.database.write() as session:
        quartier = await two.house.place.quartiere.by_slug(session, "suedstadt")
        assert quartier is not None
        await two.house.features.people.subscribe(session, person, quartier.id)
        await two.house.features.people.set_pace(session, person, Pace.NOW)
    return person


async def test_both_accounts_are_the_same_person(two: TwoMessengers) -> None:
    person = await reading(two)
    async with two.house.database.read() as session:
        chats = (await session.scalars(select(Account.chat_id).where(Account.person_id == person))).all()
        speakers = [await two.house.features.people.speaker(session, chat) for chat in chats]
        assert {speaker.person for speaker in speakers if speaker} == {person}
        found = (await two.house.features.people.all_chats(session, [person]))[person]
        preferred = await session.scalar(select(Person.preferred_chat).where(Person.id == person))
        assert [chat.chat for chat in found] == [preferred, *(chat for chat in chats if chat != preferred)]


async def test_an_audience_holds_a_person_once(two: TwoMessengers) -> None:
    person = await reading(two)
    async with two.house.database.read() as session:
        rows = (await session.execute(audience([0]))).all()
        assert [(row.person_id, row.lane_id) for row in rows] == [(person, two.house.lanes["alpha"])]


async def test_what_is_said_on_one_is_answered_there(two: TwoMessengers) -> None:
    await reading(two)
    two.beta.says("mina", "/menü", language="de")
    await two.settled()
    assert two.texts(two.alpha, "mina") == []
    assert len(two.texts(two.beta, "mina")) == 1


async def test_stop_on_one_stops_both(two: TwoMessengers) -> None:
    person = await reading(two)
    async with two.house.database.write() as session:
        for chat in (await two.house.features.people.all_chats(session, [person]))[person]:
            for priority in (Priority.ALERT, Priority.ANNOUNCEMENT):
                await two.house.features.outbox.send(
                    session, chat.chat, message("Hochwasser"), priority=priority,
                    due_at=two.clock.now() + timedelta(hours=1),
                )  # fmt: skip
    two.beta.says("mina", "STOPP", language="de")
    await two.settled()
    await two.later(timedelta(hours=2))
    assert not any(
        "Hochwasser" in text for platform in (two.alpha, two.beta) for text in two.texts(platform, "mina")
    )
    async with two.house.database.read() as session:
        assert (await session.execute(audience([0]))).all() == []


async def test_the_export_names_both(two: TwoMessengers) -> None:
    person = await reading(two)
    async with two.house.database.read() as session:
        data = await two.house.features.people.export(session, person)
    chats = data["chats"]
    assert chats == [{"platform": "alpha", "address": "mina"}, {"platform": "beta", "address": "mina"}]


async def test_erasing_forgets_both(two: TwoMessengers) -> None:
    await reading(two)
    two.beta.says("mina", "/delete", language="de")
    await two.settled()
    two.beta.taps("mina", "Ja, alles löschen", language="de")
    await two.settled()
    await two.later(timedelta(hours=25))  # where the farewell is read from what we keep, it stays for a day
    await two.house.tidy()
    async with two.house.database.read() as session:
        for table in (Person, Account, Chat, Delivery):
            assert await session.scalar(select(func.count()).select_from(table)) == 0, table


async def test_a_closed_preferred_chat_leaves_the_other_open(two: TwoMessengers) -> None:
    person = await reading(two)
    async with two.house.database.write() as session:
        lane = two.house.lanes["alpha"]
        await session.execute(update(Chat).where(Chat.lane_id == lane).values(reachable=False))
        found = (await two.house.features.people.all_chats(session, [person]))[person]
    assert [chat.is_open for chat in found] == [False, True]
