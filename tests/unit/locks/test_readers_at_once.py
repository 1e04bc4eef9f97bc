"""Readers change their minds while something is written to them: nobody waits long, and a STOPP counts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.chats import chat_for
from bot.delivery.model import Chat, Delivery, State
from bot.people.model import Account, Pace, Person
from bot.posts.carry_model import Carry
from tests.unit.locks.meeting import alone, meet, outcome, waits
from tests.unit.locks.test_two_at_once import TEXT, counted, sends
from tests.unit.moderation.hall import Hall
from tests.unit.posts.town import PostsTown, at


async def evening_reader(town: PostsTown) -> int:
    """Somebody for whom a digest is due now."""
    author = await town.staff()
    await town.resident(pace=Pace.EVENING)
    await town.wake()
    await town.published(author, "Am Sonntag 14 Uhr Regale bauen im KAISERS, kostet nichts")
    town.clock.set(at("2026-11-23T18:00"))
    async with town.database.read() as session:
        return (await session.scalars(select(Person.id).order_by(Person.id.desc()).limit(1))).one()


async def test_a_tap_on_settings_does_not_wait_for_a_digest(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = hall.town
    reader = await evening_reader(town)
    tap: Any = None

    async def written(*_: Any) -> Any:
        """While the texts are written."""
        nonlocal tap
        tap = await outcome(alone(town.database, lambda s: town.people.set_quiet(s, reader, 22, 7)))
        return await write(*_)

    write = town.digests._writer.write
    monkeypatch.setattr(town.digests._writer, "write", written)
    async with town.database.write() as session:
        await session.execute(update(Person).values(digest_mark=0))
    assert await town.digests.due(town.database) == 1
    assert tap is None
    async with town.database.read() as session:
        person = await session.get_one(Person, reader)
    assert (person.quiet_from, person.digest_mark > 0) == (22, True)


@pytest.mark.parametrize("act", ["stop", "erase"])
async def test_who_says_stop_while_it_is_sent_gets_nothing(hall: Hall, act: str) -> None:
    town = hall.town
    author = await town.staff()
    await town.resident()
    async with town.database.read() as session:
        reader = await session.scalar(select(func.max(Person.id)))
    item, send = await sends(town, author)
    _, other = await meet(town.database, send, lambda session: getattr(town.people, act)(session, reader))
    assert other is None
    assert await counted(town, Delivery.item == item, Delivery.state == State.PENDING) == 0


async def test_who_says_stop_while_digests_are_written_gets_none(hall: Hall) -> None:
    town = hall.town
    reader = await evening_reader(town)
    sent, other = await meet(
        town.database, town.digests.run, lambda session: town.people.stop(session, reader)
    )
    assert (sent, other) == (1, None)
    assert await counted(town, Delivery.priority == 4, Delivery.state == State.PENDING) == 0


async def person_of(town: PostsTown, address: str) -> tuple[int, int]:
    """A resident and their chat."""
    async with town.database.read() as session:
        rows = select(Account.person_id, Account.chat_id).join(Chat, Chat.id == Account.chat_id)
        person, chat = (await session.execute(rows.where(Chat.address == address))).one()
    return person, chat


@pytest.mark.parametrize("act", ["stop", "erase"])
@pytest.mark.parametrize("moment", ["_spread_again", "_news"])
async def test_who_says_stop_while_a_correction_leaves_gets_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, moment: str, act: str
) -> None:
    """It moves: every copy is changed, whoever has none gets one (`_spread_again`), and news of it goes to everybody
    who knew: to who read of it in the evening by their next digest (`_news`).
    """
    town = hall.town
    author = await town.staff()
    evening = await person_of(town, await town.resident(pace=Pace.EVENING))
    post = await town.published(author, TEXT)
    town.clock.set(at("2026-11-23T18:00"))
    await town.wake()
    await town.deliver()
    fresh = await person_of(town, await town.resident())
    async with town.database.write() as session:
        draft = await town.posts.drafts.correction(session, author, post.id)
        await town.posts.drafts.change(session, draft, "doch Freitag 16 Uhr")
    await town.send(author, draft)
    town.clock.advance(timedelta(seconds=31))
    person, chat = fresh if moment == "_spread_again" else evening
    leaves = getattr(town.posts.corrections, moment)
    other: list[asyncio.Task[Any]] = []

    async def meanwhile(*about: Any) -> Any:
        done = await leaves(*about)
        says = alone(town.database, lambda s: getattr(town.people, act)(s, person))
        other.append(asyncio.create_task(outcome(says)))
        await waits(town.database, other[0])
        return done

    monkeypatch.setattr(town.posts.corrections, moment, meanwhile)

    async def correct(session: AsyncSession) -> Any:
        return await town.posts.publish_due(session, town.clock.now())

    assert await outcome(alone(town.database, correct)) == [draft.id]
    assert await other[0] is None
    assert await counted(town, Delivery.chat_id == chat, Delivery.state == State.PENDING) == 0
    async with town.database.read() as session:
        carried = await session.scalar(select(func.count()).select_from(Carry))
    assert carried == (0 if (moment, act) == ("_news", "erase") else 1)


async def test_who_prefers_another_chat_while_it_is_sent_gets_it_there(hall: Hall) -> None:
    town = hall.town
    author = await town.staff()
    person, chat = await person_of(town, await town.resident())
    async with town.database.write() as session:
        another = (await chat_for(session, town.lane, "another")).id
        session.add(Account(chat_id=another, person_id=person))
    item, send = await sends(town, author)
    _, other = await meet(town.database, send, lambda session: town.people.prefer(session, person, another))
    assert other is None
    assert [copy.chat_id for copy in await town.copies(item)] == [another]
    assert chat != another
