"""What goes wrong on the way: what becomes of the copy, and what the rest of the lane does meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.memory import Fault, MemoryPlatform
from bot.contract import (
    Address,
    AddressMoved,
    Outgoing,
    PlatformDown,
    PlatformError,
    RateLimited,
    RecipientGone,
    Rejected,
    Unsure,
)
from bot.delivery.chats import chat_for
from bot.delivery.job import MAX_REPEATS
from bot.delivery.model import Chat, Priority
from bot.storage import Database
from tests.unit.delivery.world import QUICK, World, until

ANNA, BEA = Address("anna"), Address("bea")
UNSURE = Unsure("the answer was lost")
SOON = 0.03
HASTY = replace(QUICK, first_pause=0.001, longest_pause=0.002)


async def chat_at(world: World, chat_id: int) -> Chat:
    async with world.database.read() as session:
        return await session.get_one(Chat, chat_id)


async def test_whoever_blocked_the_bot_is_gone_and_what_waits_for_them_too(world: World) -> None:
    world.platform.blocks("anna")
    await world.publish(1, "Fest", ["anna", "bea"])
    await world.publish(2, "Flohmarkt", ["anna", "bea"])
    await world.deliver()
    assert await world.states(1) == {"anna": "gone", "bea": "held"}
    assert await world.states(2) == {"anna": "gone", "bea": "held"}
    assert [call.to for call in world.platform.calls].count(ANNA) == 1
    assert not (await chat_at(world, await world.chat("anna"))).reachable


async def test_rows_of_unreachable_chats_neither_go_out_nor_fill_the_batch(world: World) -> None:
    readers = [f"reader{n}" for n in range(150)]
    await world.publish(1, "Fest", [*readers, "anna"])
    async with world.database.write() as session:
        for reader in readers:
            (await chat_for(session, world.lane, reader)).reachable = False
    await world.deliver()
    assert [call.to for call in world.platform.calls] == [ANNA]
    assert (await world.counts(1)).gone == 150


async def test_an_answer_to_a_closed_chat_is_tried_and_opens_it_again(world: World) -> None:
    chat = await world.chat("anna")
    async with world.database.write() as session:
        (await session.get_one(Chat, chat)).reachable = False
    await world.answer("anna", "Willkommen zurück")
    await world.deliver()
    assert world.sees("anna") == ["Willkommen zurück"]
    assert (await chat_at(world, chat)).reachable


async def test_a_moved_conversation_is_followed(world: World) -> None:
    chat = await world.chat("anna")
    world.platform.fails(Fault(AddressMoved(BEA), to=ANNA))
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert world.sees("bea") == ["Fest"]
    assert (await chat_at(world, chat)).address == "bea"


async def test_an_announcement_that_followed_a_move_is_no_repeat(world: World) -> None:
    world.hooks.repeat = lambda message: replace(message, notice="Noch einmal")
    world.platform.fails(Fault(AddressMoved(BEA), to=ANNA))
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert [shown.message.notice for shown in world.platform.phone("bea").screen] == [""]


async def test_a_moved_conversation_keeps_its_identity_when_the_new_address_spoke_first(world: World) -> None:
    old, young = await world.chat("anna"), await world.chat("bea")
    world.platform.fails(Fault(AddressMoved(BEA), to=ANNA))
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert world.sees("bea") == ["Fest"]
    assert [(await chat_at(world, id)).address for id in (old, young)] == ["bea", f"moved:{young}"]


async def test_a_move_after_a_lost_answer_is_followed_all_the_same(world: World) -> None:
    chat = await world.chat("anna")
    world.platform.fails(Fault(UNSURE, to=ANNA))
    world.platform.fails(Fault(AddressMoved(BEA), to=ANNA))
    await world.publish(1, "Hochwasser", ["anna"], priority=Priority.ALERT)
    await world.deliver()
    assert world.sees("bea") == ["Hochwasser"]
    assert (await chat_at(world, chat)).address == "bea"


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Rejected("bad markup"), "rejected"),
        (UNSURE, "unsure"),
        (RateLimited(0.01, chat_only=True), "held"),
        (RecipientGone("kicked"), "gone"),
    ],
)
async def test_the_new_address_is_kept_whatever_becomes_of_the_message(
    world: World, fault: PlatformError, state: str
) -> None:
    chat = await world.chat("anna")
    world.platform.fails(Fault(AddressMoved(BEA), to=ANNA))
    world.platform.fails(Fault(fault, to=BEA))
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    found = await chat_at(world, chat)
    assert (found.address, found.reachable) == ("bea", state != "gone")
    assert await world.states(1) == {"bea": state}


async def test_of_a_conversation_that_moves_on_the_newest_address_is_kept(world: World) -> None:
    carl, chat = Address("carl"), await world.chat("anna")
    world.platform.fails(Fault(AddressMoved(BEA), to=ANNA))
    world.platform.fails(Fault(AddressMoved(carl), to=BEA))
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert await world.states(1) == {"carl": "rejected"}
    assert (await chat_at(world, chat)).address == "carl"
    await world.answer("carl", "Gern!")
    await world.deliver()
    assert world.sees("carl") == ["Gern!"]


async def test_a_conversation_that_moves_for_ever_is_given_up(world: World) -> None:
    world.platform.fails(Fault(AddressMoved(ANNA), to=ANNA, times=10))
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert await world.states(1) == {"anna": "rejected"}
    assert len(world.platform.calls) == 2


async def test_a_refused_message_is_rejected_and_not_tried_again(world: World) -> None:
    world.platform.fails(Fault(Rejected("bad markup"), to=ANNA))
    await world.publish(1, "Fest", ["anna", "bea"])
    await world.deliver()
    assert await world.states(1) == {"anna": "rejected", "bea": "held"}


async def test_a_limit_of_one_chat_halts_that_chat_only(world: World) -> None:
    world.platform.fails(Fault(RateLimited(0.2, chat_only=True), to=ANNA))
    await world.publish(1, "Fest", ["anna", *(f"reader{n}" for n in range(20))])
    async with world.running():
        await until(lambda: sum(len(world.sees(f"reader{n}")) for n in range(20)) == 20)
        assert world.sees("anna") == []
        await world.engine.settled()
    assert world.sees("anna") == ["Fest"]


async def test_a_limit_of_the_account_halts_the_lane_and_nothing_is_lost(world: World) -> None:
    world.platform.fails(Fault(RateLimited(0.1), times=3))
    await world.publish(1, "Fest", [f"reader{n}" for n in range(50)])
    await world.deliver()
    counts = await world.counts(1)
    assert (counts.held, counts.total) == (50, 50)
    assert all(len(world.sees(f"reader{n}")) == 1 for n in range(50))


async def test_one_platform_down_does_not_trouble_the_other(database: Database) -> None:
    world = await World.make(database)
    other = await World.make(database, MemoryPlatform(name="other"))
    world.platform.fails(Fault(PlatformDown("no network"), times=10_000))
    await world.publish(1, "Fest", ["anna"])
    await other.publish(2, "Fest", ["bea"])
    async with world.running(), other.running():
        await other.engine.settled()
        assert other.sees("bea") == ["Fest"]
        assert await world.states(1) != {"anna": "held"}
    assert await world.states(1) == {"anna": "pending"}


async def test_a_platform_that_comes_back_gets_everything_and_few_tries_were_made(world: World) -> None:
    world.platform.fails(Fault(PlatformDown("no network"), times=5))
    await world.publish(1, "Fest", [f"reader{n}" for n in range(100)])
    await world.deliver()
    assert (await world.counts(1)).held == 100
    assert len(world.platform.calls) == 105


@pytest.mark.parametrize("arrives", [False, True])
@pytest.mark.parametrize(
    ("priority", "state", "sends"),
    [
        (Priority.ANNOUNCEMENT, "unsure", 1),
        (Priority.DIGEST, "unsure", 1),
        (Priority.RELAY, "held", 2),
        (Priority.ALERT, "held", 2),
    ],
)
async def test_unsure_without_keys_bulk_is_never_sent_twice(
    world: World, priority: Priority, state: str, sends: int, arrives: bool
) -> None:
    world.platform.fails(Fault(UNSURE, arrives=arrives))
    await world.publish(1, "Fest", ["anna"], priority=priority)
    await world.deliver()
    assert await world.states(1) == {"anna": state}
    assert len(world.platform.calls) == sends


async def test_unsure_twice_is_left_alone(world: World) -> None:
    world.platform.fails(Fault(UNSURE, times=5))
    await world.publish(1, "Hochwasser", ["anna"], priority=Priority.ALERT)
    await world.deliver()
    assert await world.states(1) == {"anna": "unsure"}
    assert len(world.platform.calls) == 2


async def test_a_repeated_alert_says_so(world: World) -> None:
    def marked(message: Outgoing) -> Outgoing:
        return replace(message, notice="Noch einmal, zur Sicherheit")

    world.hooks.repeat = marked
    world.platform.fails(Fault(UNSURE, arrives=True))
    await world.publish(1, "Hochwasser", ["anna"], priority=Priority.ALERT)
    await world.deliver()
    notices = [shown.message.notice for shown in world.platform.phone("anna").screen]
    assert notices == ["", "Noch einmal, zur Sicherheit"]


@pytest.mark.parametrize("arrives", [False, True])
async def test_unsure_with_keys_everything_arrives_once(database: Database, arrives: bool) -> None:
    world = await World.make(database, MemoryPlatform(idempotent=True))
    world.platform.fails(Fault(UNSURE, times=3, arrives=arrives))
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert world.sees("anna") == ["Fest"]
    assert len({call.key for call in world.platform.calls}) == 1


async def test_a_correction_between_unsure_and_its_repeat_follows_as_an_edit(database: Database) -> None:
    tempo = replace(QUICK, first_pause=0.1)
    world = await World.make(database, MemoryPlatform(idempotent=True), tempo=tempo)
    world.platform.fails(Fault(UNSURE, arrives=True))
    old = await world.publish(1, "am Samstag", ["anna"])
    async with world.running():
        while True:
            (row,) = await world.rows()
            if row.attempts:
                break
            await asyncio.sleep(0.005)
        await world.correct(1, old, "am Sonntag")
        await world.engine.settled()
    assert [shown.text for shown in world.platform.phone("anna").shown] == ["am Sonntag"]


@pytest.mark.parametrize("arrives", [False, True])
async def test_edits_and_deletions_may_be_repeated_on_every_platform(world: World, arrives: bool) -> None:
    old = await world.publish(1, "am Samstag", ["anna"])
    await world.deliver()
    world.platform.fails(Fault(UNSURE, act="edit", arrives=arrives))
    world.platform.fails(Fault(UNSURE, act="delete", arrives=arrives))
    new = await world.correct(1, old, "am Sonntag")
    await world.deliver()
    assert world.sees("anna") == ["am Sonntag"]
    assert new is not None
    await world.correct(1, new, None)
    await world.deliver()
    assert world.sees("anna") == []
    assert await world.states(1) == {"anna": "dropped"}


async def test_an_adapter_that_never_answers_is_given_up_on(database: Database) -> None:
    world = await World.make(database, tempo=replace(QUICK, patience=SOON))
    world.platform.fails(Fault(None, to=ANNA))
    await world.publish(1, "Fest", ["anna", "bea"])
    await world.deliver()
    assert await world.states(1) == {"anna": "unsure", "bea": "held"}


async def test_a_fault_of_the_adapter_is_unsure_and_its_words_are_not_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(to: Address, text: Outgoing, key: str) -> tuple[str, ...]:
        raise ValueError(f"can't write {text.body!r}")

    world.platform.send = broken  # type: ignore[assignment,method-assign]  # an adapter with a bug
    await world.publish(1, "Geheimnis", ["anna"])
    await world.deliver()
    assert await world.states(1) == {"anna": "unsure"}
    assert "ValueError" in caplog.text
    assert "Geheimnis" not in caplog.text


async def test_a_platform_that_loses_answers_is_left_alone_and_the_operator_told(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    world = await World.make(database, tempo=HASTY)
    world.platform.fails(Fault(UNSURE, times=20))
    await world.publish(1, "Fest", [f"reader{n}" for n in range(60)])
    await world.deliver()
    counts = await world.counts(1)
    assert (counts.held, counts.unsure) == (40, 20)
    assert caplog.text.count("nothing goes out") == 1


async def test_one_message_that_always_gets_lost_holds_nobody_up(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    world = await World.make(database, tempo=HASTY)
    old = await world.publish(1, "Fest", ["anna", *(f"reader{n}" for n in range(20))])
    await world.deliver()
    world.platform.fails(Fault(UNSURE, act="edit", to=ANNA, times=10_000))
    await world.correct(1, old, "Fest am Sonntag")
    await world.deliver()
    states = await world.states(1)
    assert states.pop("anna") == "unsure"
    assert set(states.values()) == {"held"}
    assert "nothing goes out" not in caplog.text


@pytest.mark.parametrize("act", ["send", "edit", "delete"])
async def test_where_keys_are_known_an_outage_of_any_length_leaves_nothing_in_doubt(
    database: Database, act: str
) -> None:
    world = await World.make(database, MemoryPlatform(idempotent=True), tempo=HASTY)
    readers = [f"reader{n}" for n in range(4)]
    if act == "send":
        world.platform.fails(Fault(UNSURE, times=2 * MAX_REPEATS))
        await world.publish(1, "Fest", readers)
    else:
        old = await world.publish(1, "Fest", readers)
        await world.deliver()
        world.platform.fails(Fault(UNSURE, act=act, times=2 * MAX_REPEATS))
        await world.correct(1, old, "Fest am Sonntag" if act == "edit" else None)
    await world.deliver()
    states = await world.states(1)
    assert set(states.values()) == {"dropped" if act == "delete" else "held"}
    assert all(len(world.sees(reader)) == (act != "delete") for reader in readers)
