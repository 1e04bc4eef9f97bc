"""A post that broke off in the middle: hidden, taken back, restored. Nothing of it stays, and nobody is told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, null, select, update

from adapters.memory import Fault
from bot.contract import Unsure
from bot.delivery.model import Chat, Delivery, State, StoredText
from bot.people.model import Account
from bot.posts.leaving.hiding import Hiding
from tests.unit.posts.town import BERLIN, PostsTown

CAKE = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts"
NOTICE = "Diese Nachricht wurde von der Moderation ausgeblendet."


@pytest.fixture
def hiding(town: PostsTown) -> Hiding:
    posts = town.posts
    return Hiding(town.clock, posts._outbox, posts.voices, lambda: town.able, lambda: BERLIN)


async def set_copies(town: PostsTown, item: int, **columns: Any) -> None:
    async with town.database.write() as session:
        await session.execute(update(Delivery).where(Delivery.item == item).values(**columns))


async def broken_off(town: PostsTown, author: int) -> int:
    """A post with one copy that is out in part, nobody knows whether wholly."""
    item = (await town.published(author, CAKE)).id
    await town.deliver()
    await set_copies(town, item, state=State.UNSURE, held_text=null())
    return item


async def count_texts(town: PostsTown) -> int:
    async with town.database.read() as session:
        return await session.scalar(select(func.count()).select_from(StoredText)) or 0


async def hide(town: PostsTown, hiding: Hiding, item: int) -> None:
    async with town.database.write() as session:
        await hiding.hide(session, item)


async def restore(town: PostsTown, hiding: Hiding, item: int) -> None:
    async with town.database.write() as session:
        assert await hiding.restore(session, item)


@pytest.mark.parametrize("hours", [49, 200], ids=["before it is over", "after"])
async def test_what_can_not_be_deleted_any_more_says_the_notice(
    town: PostsTown, hiding: Hiding, hours: int
) -> None:
    town.able[town.lane] = replace(town.able[town.lane], deletes_after=timedelta(hours=48))
    author, ali = await town.staff(), await town.resident()
    item = await broken_off(town, author)
    town.clock.advance(timedelta(hours=hours))
    await hide(town, hiding, item)
    await town.deliver()
    assert town.sees(ali) == [NOTICE]


@pytest.mark.parametrize("how", ["hidden", "withdrawn"])
async def test_a_refused_deletion_of_a_part_stores_one_notice(
    town: PostsTown, hiding: Hiding, how: str
) -> None:
    author, ali = await town.staff(), await town.resident()
    item = await broken_off(town, author)
    before = town.sees(ali)
    if how == "hidden":
        await hide(town, hiding, item)
    else:
        async with town.database.write() as session:
            await town.posts.corrections.withdraw(session, author, item)
    await set_copies(town, item, state=State.REJECTED)
    texts = []
    for _ in range(3):
        async with town.database.write() as session:
            await hiding.overwrite_refused(session)
            refused = await town.posts.corrections.refused(session)
            await town.posts.corrections.overwrite_refused(session, refused, town.clock.now())
        texts.append(await count_texts(town))
    await town.deliver()
    assert len(set(texts)) == 1
    assert town.sees(ali) != before
    assert len(town.sees(ali)) == 1
    assert {copy.state for copy in await town.copies(item)} == {State.HELD}


@pytest.mark.parametrize("when", ["at once", "after its deletion"])
async def test_hidden_and_restored_what_is_in_doubt_is_not_sent(
    town: PostsTown, hiding: Hiding, when: str
) -> None:
    author, ali = await town.staff(), await town.resident()
    item = await broken_off(town, author)
    await hide(town, hiding, item)
    if when == "after its deletion":
        await town.deliver()
        assert town.sees(ali) == []
    await restore(town, hiding, item)
    calls = len(town.platform.calls)
    await town.deliver()
    assert {copy.state for copy in await town.copies(item)} == {State.UNSURE}
    assert len(town.platform.calls) == calls


@pytest.mark.parametrize("state", [State.PENDING, State.SENDING])
async def test_restored_while_a_deletion_is_lost_nobody_says_that_it_is_held(
    town: PostsTown, hiding: Hiding, state: State
) -> None:
    author, ali = await town.staff(), await town.resident()
    item = (await town.published(author, CAKE)).id
    await town.deliver()
    await hide(town, hiding, item)
    town.platform.phone(ali).screen[-1].deleted = True  # it took effect, and its answer was lost
    await set_copies(town, item, state=state, attempts=1)
    await restore(town, hiding, item)
    if state == State.SENDING:
        town.platform.fails(Fault(Unsure("lost"), act="delete"))
    await town.deliver()
    (copy,) = await town.copies(item)
    assert (copy.state, copy.held_text, town.sees(ali)) == (State.UNSURE, None, [])
    assert copy.wanted_text is not None


async def test_who_said_stop_while_it_was_being_deleted_gets_nothing_back(
    town: PostsTown, hiding: Hiding
) -> None:
    author, ali, bea = await town.staff(), await town.resident(), await town.resident()
    item = (await town.published(author, CAKE)).id
    await town.deliver()
    await hide(town, hiding, item)
    await set_copies(town, item, state=State.SENDING)
    async with town.database.write() as session:
        rows = select(Account.person_id).join(Chat, Chat.id == Account.chat_id)
        person = (await session.scalars(rows.where(Chat.address == ali))).one()
        await town.people.stop(session, person)
    await restore(town, hiding, item)
    wanted = [copy.wanted_text is not None for copy in await town.copies(item)]
    assert wanted == [False, True]
    assert [len(town.sees(who)) for who in (ali, bea)] == [1, 1]


async def test_who_never_got_it_does_not_get_it_by_a_restore(town: PostsTown, hiding: Hiding) -> None:
    author = await town.staff()
    await town.resident()
    item = (await town.published(author, CAKE)).id
    await set_copies(town, item, state=State.REJECTED)
    await hide(town, hiding, item)
    await restore(town, hiding, item)
    await town.deliver()
    assert {copy.state for copy in await town.copies(item)} == {State.REJECTED}
    assert town.platform.calls == []
