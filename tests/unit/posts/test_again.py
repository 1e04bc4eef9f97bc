"""Sent once more by its sender's tap: exactly what is in doubt, once, with the last version, and only by who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from adapters.memory import Fault
from bot.contract import Address, Unsure
from bot.delivery.model import Chat, Delivery, State
from bot.people.model import Account, Role
from bot.posts.errors import NotAllowedError, PostError, TooLateError, WrongStateError
from bot.posts.kinds import FieldName
from bot.posts.leaving.again import Doubt
from bot.posts.leaving.hiding import Hiding
from tests.unit.posts.town import PostsTown, at

CAKE = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts"


async def in_doubt(town: PostsTown, author: int, *lost: str) -> int:
    """An announcement that these people perhaps got; returns the item."""
    for address in lost:
        town.platform.fails(Fault(Unsure("lost"), to=Address(address)))
    item = (await town.published(author, CAKE)).id
    await town.deliver()
    return item


async def doubt(town: PostsTown, item: int) -> Doubt:
    post = await town.load(item)
    async with town.database.read() as session:
        return await town.posts.again.doubt(session, post)


async def again(town: PostsTown, person: int, item: int, stamp: int = 0) -> int:
    async with town.database.write() as session:
        return await town.posts.again.send(session, person, item, stamp)


async def test_exactly_those_in_doubt_get_it_once_more(town: PostsTown) -> None:
    author, ali, bea = await town.staff(), await town.resident(), await town.resident()
    await town.resident()
    item = await in_doubt(town, author, ali, bea)
    assert await doubt(town, item) == Doubt(2, 0)
    assert await again(town, author, item) == 2
    await town.deliver()
    sent = [call.to for call in town.platform.calls if call.act == "send"]
    assert sorted(sent.count(Address(one)) for one in (ali, bea)) == [2, 2]
    assert {copy.state for copy in await town.copies(item)} == {State.HELD}
    assert await doubt(town, item) == Doubt()


async def test_a_second_tap_sends_nothing(town: PostsTown) -> None:
    author, ali = await town.staff(), await town.resident()
    item = await in_doubt(town, author, ali)
    assert await again(town, author, item) == 1
    with pytest.raises(WrongStateError):
        await again(town, author, item)
    await town.deliver()
    with pytest.raises(WrongStateError):
        await again(town, author, item)
    assert len(town.platform.calls) == 2


async def test_lost_again_it_is_offered_anew_but_the_old_tap_means_nothing(town: PostsTown) -> None:
    author, ali = await town.staff(), await town.resident()
    item = await in_doubt(town, author, ali)
    town.platform.fails(Fault(Unsure("lost"), to=Address(ali)))
    await again(town, author, item)
    await town.deliver()
    (copy,) = await town.copies(item)
    assert copy.state == State.UNSURE  # bulk is not repeated by itself, this time neither
    with pytest.raises(WrongStateError):
        await again(town, author, item, stamp=0)
    assert await doubt(town, item) == Doubt(1, 1)
    assert await again(town, author, item, stamp=1) == 1


async def test_it_says_what_the_correction_says(town: PostsTown) -> None:
    author, ali = await town.staff(), await town.resident()
    item = await in_doubt(town, author, ali)
    async with town.database.write() as session:
        draft = await town.posts.drafts.correction(session, author, item)
        await town.posts.drafts.set_field(session, draft, FieldName.WHAT, "Torte für alle")
        await town.posts.publishing.send(session, author, draft.id, revision=draft.item.revision)
    town.clock.advance(timedelta(seconds=31))
    await town.wake()
    await again(town, author, item)
    await town.deliver()
    assert "Torte für alle" in town.sees(ali)[-1]


async def test_taken_back_the_sender_hears_who_perhaps_has_it(town: PostsTown) -> None:
    author, ali = await town.staff(), await town.resident()
    item = await in_doubt(town, author, ali)
    async with town.database.write() as session:
        await town.posts.corrections.withdraw(session, author, item)
        ((chat, _),) = (await town.people.chats(session, [author])).values()
        address = (await session.get_one(Chat, chat)).address
    await town.wake()
    await town.deliver()
    assert "1 Mensch hat es vielleicht bekommen, ich weiß es nicht." in town.sees(address)[-1]


async def test_only_who_may_announce_there(town: PostsTown) -> None:
    author, ali = await town.staff(), await town.resident()
    other = await town.staff(role=Role.MODERATOR)
    item = await in_doubt(town, author, ali)
    for somebody in (other, await person_of(town, ali)):
        with pytest.raises(NotAllowedError):
            await again(town, somebody, item)
    assert len(town.platform.calls) == 1


@pytest.mark.parametrize("fate", ["withdrawn", "over", "stopped", "blocked", "told"])
async def test_what_is_not_offered(town: PostsTown, fate: str) -> None:
    author, ali = await town.staff(), await town.resident()
    item = await in_doubt(town, author, ali)
    expected: type[PostError] = WrongStateError
    reader = await person_of(town, ali)
    async with town.database.write() as session:
        if fate == "withdrawn":
            await town.posts.corrections.withdraw(session, author, item)
        elif fate == "stopped":
            await town.people.stop(session, reader)
        elif fate == "blocked":
            await town.people.unreachable(session, (await town.copies(item))[0].chat_id)
    if fate == "over":
        town.clock.set(at("2026-11-28T12:00"))
        expected = TooLateError
    elif fate == "told":
        town.clock.set(at("2026-11-23T18:00"))
        await town.wake()  # the evening carries it
    assert await doubt(town, item) == Doubt()
    with pytest.raises(expected):
        await again(town, author, item)


async def test_at_night_it_waits_for_the_morning(town: PostsTown) -> None:
    author, ali = await town.staff(), await town.resident()
    item = await in_doubt(town, author, ali)
    town.clock.set(at("2026-11-23T17:00"))
    await town.change_habit(quiet_from=16, quiet_to=8)
    await again(town, author, item)
    (copy,) = await town.copies(item)
    assert copy.due_at == at("2026-11-24T08:00")


async def waits_for_the_morning(town: PostsTown) -> tuple[int, int, str]:
    """One copy was lost, and its sender tapped at night: it waits. Returns author, item and address."""
    author, ali = await town.staff(), await town.resident()
    item = await in_doubt(town, author, ali)
    town.clock.set(at("2026-11-23T17:00"))
    await town.change_habit(quiet_from=16, quiet_to=8)
    assert await again(town, author, item) == 1
    return author, item, ali


async def in_the_morning(town: PostsTown) -> None:
    town.clock.set(at("2026-11-24T08:00"))
    await town.deliver()


async def test_taken_back_before_it_left_once_more_somebody_perhaps_has_it(town: PostsTown) -> None:
    author, item, ali = await waits_for_the_morning(town)
    async with town.database.write() as session:
        await town.posts.corrections.withdraw(session, author, item)
    (copy,) = await town.copies(item)
    assert (copy.state, copy.wanted_text) == (State.UNSURE, None)
    await in_the_morning(town)
    assert [call.to for call in town.platform.calls].count(Address(ali)) == 1
    await town.wake()
    await town.deliver()
    assert "1 Mensch hat es vielleicht bekommen, ich weiß es nicht." in town.sees("staff-1")[-1]


async def test_corrected_before_it_left_once_more_it_is_a_repeat_still(town: PostsTown) -> None:
    author, item, ali = await waits_for_the_morning(town)
    (lost,) = await town.copies(item)
    async with town.database.write() as session:
        draft = await town.posts.drafts.correction(session, author, item)
        await town.posts.drafts.set_field(session, draft, FieldName.WHAT, "Torte für alle")
        await town.posts.publishing.send(session, author, draft.id, revision=draft.item.revision)
    town.clock.advance(timedelta(seconds=31))
    await town.wake()
    assert [copy.id for copy in await town.copies(item)] == [lost.id]
    await in_the_morning(town)
    said = town.sees(ali)[-1]
    assert said.startswith("Noch einmal:")
    assert "Torte für alle" in said


async def test_hidden_and_restored_before_it_left_once_more_it_rings_as_a_repeat_or_not_at_all(
    town: PostsTown,
) -> None:
    author, item, ali = await waits_for_the_morning(town)
    hiding = Hiding(town.clock, town.posts._outbox, town.posts.voices, lambda: town.able, town.posts.zone)
    async with town.database.write() as session:
        await hiding.hide(session, item)
    assert [copy.state for copy in await town.copies(item)] == [State.UNSURE]
    async with town.database.write() as session:
        assert await hiding.restore(session, item)
    await in_the_morning(town)
    assert [call.to for call in town.platform.calls].count(Address(ali)) == 1
    assert await again(town, author, item, stamp=1) == 1
    await town.deliver()
    assert town.sees(ali)[-1].startswith("Noch einmal:")


async def test_restored_while_it_is_returned_it_is_a_repeat_still(town: PostsTown) -> None:
    """Hidden while it was leaving once more, and the platform had no room: it was not sent, and not forgotten."""
    _, item, ali = await waits_for_the_morning(town)
    hiding = Hiding(town.clock, town.posts._outbox, town.posts.voices, lambda: town.able, town.posts.zone)
    async with town.database.write() as session:
        copies = update(Delivery).where(Delivery.item == item)
        await session.execute(copies.values(state=State.SENDING))
        await hiding.hide(session, item)
        await session.execute(copies.values(state=State.PENDING))
        assert await hiding.restore(session, item)
    await in_the_morning(town)
    assert town.sees(ali)[-1].startswith("Noch einmal:")


async def test_who_says_stop_meanwhile_gets_it_no_more_and_perhaps_has_it(town: PostsTown) -> None:
    _, item, ali = await waits_for_the_morning(town)
    reader = await person_of(town, ali)
    async with town.database.write() as session:
        await town.people.stop(session, reader)
    await in_the_morning(town)
    assert [copy.state for copy in await town.copies(item)] == [State.UNSURE]
    assert [call.to for call in town.platform.calls].count(Address(ali)) == 1


async def test_the_sender_hears_how_it_went(town: PostsTown) -> None:
    author, ali = await town.staff(), await town.resident()
    async with town.database.read() as session:
        ((chat, _),) = (await town.people.chats(session, [author])).values()
        address = (await session.get_one(Chat, chat)).address
    item = await in_doubt(town, author, ali)
    await town.wake()
    await town.deliver()
    offered = [choice.value for choice in town.platform.phone(address).screen[-1].choices]
    assert offered == [f"post.again:{item}.0"]
    await again(town, author, item)
    await town.deliver()
    await town.wake()
    await town.deliver()
    assert town.sees(address)[-1].startswith("1 von 1")


async def person_of(town: PostsTown, address: str) -> int:
    async with town.database.read() as session:
        rows = select(Account.person_id).join(Chat, Chat.id == Account.chat_id)
        person = await session.scalar(rows.where(Chat.address == address))
    assert person is not None
    return person
