"""What is hidden goes everywhere, and what is restored returns to those who had it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from adapters.memory import MemoryPlatform
from bot.delivery.model import Chat
from bot.items.model import ItemState
from bot.people.model import Account, Pace, Person, Role
from bot.posts.digesting import carried
from tests.unit.moderation.hall import TEXT, Hall


@pytest.mark.parametrize("idempotent", [False, True])
async def test_hidden_and_restored(hall: Hall, idempotent: bool) -> None:
    town = hall.town
    town.platform = MemoryPlatform(clock=town.clock, idempotent=idempotent)
    anna, ben = await town.resident(), await town.resident("ar")
    staff = await hall.person(Role.STAFF)
    post = await town.published(staff, TEXT)
    await town.deliver()
    before = {who: town.sees(who) for who in (anna, ben)}
    assert all(len(texts) == 1 for texts in before.values())
    async with hall.database.write() as session:
        assert await hall.moderation.hiding.hide(session, post.id) == (2, 0)
    await town.deliver()
    assert town.sees(anna) + town.sees(ben) == []
    assert (await town.load(post.id)).item.state == ItemState.HIDDEN
    async with hall.database.write() as session:
        assert await hall.moderation.hiding.restore(session, post.id)
    await town.deliver()
    assert {who: town.sees(who) for who in (anna, ben)} == before
    assert (await town.load(post.id)).item.state == ItemState.PUBLISHED


async def test_restored_at_night_nobody_is_woken(hall: Hall) -> None:
    town = hall.town
    anna = await town.resident()
    post = await town.published(await hall.person(Role.STAFF), TEXT)
    await town.deliver()
    async with hall.database.write() as session:
        await hall.moderation.hiding.hide(session, post.id)
    await town.deliver()
    town.clock.advance(timedelta(hours=10))
    async with hall.database.write() as session:
        await hall.moderation.hiding.restore(session, post.id)
    await town.deliver()
    assert town.sees(anna) == []
    town.clock.advance(timedelta(hours=12))
    await town.deliver()
    assert len(town.sees(anna)) == 1


@pytest.mark.parametrize("when", ["before", "since"])
async def test_who_said_stop_does_not_get_back_what_is_restored(hall: Hall, when: str) -> None:
    town = hall.town
    anna, ben = await town.resident(), await town.resident()
    async with hall.database.read() as session:
        rows = select(Account.person_id).join(Chat, Chat.id == Account.chat_id)
        person = await session.scalar(rows.where(Chat.address == anna))
    assert person is not None
    post = await town.published(await hall.person(Role.STAFF), TEXT)
    if when == "since":
        await town.deliver()
    async with hall.database.write() as session:
        if when == "before":
            await town.people.stop(session, person)
        await hall.moderation.hiding.hide(session, post.id)
    await town.deliver()
    async with hall.database.write() as session:
        if when == "since":
            await town.people.stop(session, person)
        await hall.moderation.hiding.restore(session, post.id)
    await town.deliver()
    assert (town.sees(anna), len(town.sees(ben))) == ([], 1)


async def test_what_is_too_old_to_delete_is_overwritten_and_written_back(hall: Hall) -> None:
    town = hall.town
    town.able[town.lane] = replace(town.able[town.lane], deletes_after=timedelta(hours=48))
    anna = await town.resident()
    post = await town.published(await hall.person(Role.STAFF), TEXT)
    await town.deliver()
    before = town.sees(anna)
    town.clock.advance(timedelta(hours=49))
    async with hall.database.write() as session:
        assert await hall.moderation.hiding.hide(session, post.id) == (1, 1)
    await town.deliver()
    assert town.sees(anna) == ["Diese Nachricht wurde von der Moderation ausgeblendet."]
    async with hall.database.write() as session:
        await hall.moderation.hiding.restore(session, post.id)
    await town.deliver()
    assert town.sees(anna) == before


async def test_who_reads_digests_hears_of_what_was_restored_after_their_slot(hall: Hall) -> None:
    town = hall.town
    slow = await town.resident(pace=Pace.WEEKLY)
    async with hall.database.read() as session:
        (person,) = await session.scalars(select(Person.id))
    post = await town.published(await hall.person(Role.STAFF), TEXT)
    async with hall.database.write() as session:
        await hall.moderation.hiding.hide(session, post.id)
        # Their slot comes and goes meanwhile.
        await session.execute(update(Person).where(Person.id == person).values(digest_mark=999))
    async with hall.database.write() as session:
        await hall.moderation.hiding.restore(session, post.id)
        assert await carried(session) == {(person, post.id)}
    assert town.sees(slow) == []
