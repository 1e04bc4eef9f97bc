"""Receiving from a real homeserver: nothing lost, nothing twice, and an edit is no second command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

from adapters.matrix import sync
from bot.contract import Choice, Happened, Inbound, Outgoing, RecipientGone
from tests.contract.harness import Inbox, plain, running
from tests.contract.matrix_side import Continued, MatrixSide, Neighbour

NORTH_SOUTH = ((Choice("Nordstadt", "q:nord"),), (Choice("Südstadt", "q:sued"),))


@pytest.fixture(params=["matrix", "matrix_encrypted"])
def both(request: pytest.FixtureRequest) -> MatrixSide:
    """Plain rooms, and encrypted ones."""
    side: MatrixSide = request.getfixturevalue(request.param)
    return side


async def restarted(side: MatrixSide) -> Continued:
    """The program ended and is there again."""
    reached = side.platform.reached
    await side.platform.close()
    side.platform = side.again()
    side.platform.reached = reached
    return side.platform


async def test_what_came_while_we_were_away_comes(both: MatrixSide) -> None:
    anna = await both.person()
    platform = await restarted(both)
    await anna.types("Seid ihr da?")
    inbox = Inbox()
    async with running(platform, inbox):
        (event,) = await inbox.has(1)
    assert (event.what, event.text) == (Happened.TEXT, "Seid ihr da?")


async def test_from_an_old_token_the_same_comes_again_by_the_same_ids(both: MatrixSide) -> None:
    anna = await both.person()
    await anna.types("eins")
    await anna.types("zwei")
    old, first, second = both.platform.reached, Inbox(), Inbox()
    async with running(both.platform, first, old):
        await first.has(2)
    platform = await restarted(both)
    async with running(platform, second, old):
        await second.has(2)
    assert first.events == second.events


async def test_killed_before_it_was_stored_it_comes_once_more(both: MatrixSide) -> None:
    anna = await both.person()

    async def killed(events: Sequence[Inbound], cursor: str | None) -> None:
        if events:
            raise SystemError("killed")

    await anna.types("Noch da?")
    with pytest.raises(SystemError):
        await asyncio.wait_for(both.platform.run(killed, None), 20)
    inbox, platform = Inbox(), await restarted(both)
    async with running(platform, inbox):
        (event,) = await inbox.has(1)
    assert event.text == "Noch da?"


async def test_a_timeline_that_was_cut_short_is_filled(
    both: MatrixSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = json.loads(sync.FILTER)
    short["room"]["timeline"]["limit"] = 3
    monkeypatch.setattr(sync, "FILTER", json.dumps(short))
    monkeypatch.setattr(sync, "PAGE", 4)
    anna = await both.person()
    said = [f"Zeile {number}" for number in range(14)]
    for line in said:
        await anna.types(line)
    inbox = Inbox()
    async with running(both.platform, inbox):
        events = await inbox.has(len(said))
    assert [event.text for event in events] == said


async def test_a_flood_is_cut_at_its_old_end(matrix: MatrixSide, monkeypatch: pytest.MonkeyPatch) -> None:
    short = json.loads(sync.FILTER)
    short["room"]["timeline"]["limit"] = 1
    monkeypatch.setattr(sync, "FILTER", json.dumps(short))
    monkeypatch.setattr(sync, "PAGE", 2)
    monkeypatch.setattr(sync, "MOST_PAGES", 2)
    anna, inbox = await matrix.person(), Inbox()
    for number in range(8):
        await anna.types(f"Zeile {number}")
    async with running(matrix.platform, inbox):
        await inbox.has(5)
        await anna.types("Noch da?")
        events = await inbox.has(6)
    assert [event.text for event in events] == [*(f"Zeile {number}" for number in range(3, 8)), "Noch da?"]


async def test_our_own_words_and_reactions_are_passed_over(matrix: MatrixSide) -> None:
    anna, inbox = await matrix.person(), Inbox()
    async with running(matrix.platform, inbox):
        await matrix.platform.send(anna.address, Outgoing(plain("Wo?").body, choices=NORTH_SOUTH), "1")
        await matrix.platform.seeder.planted()
        await anna.types("Hier")
        (event,) = await inbox.has(1)
    assert event.text == "Hier"


async def test_an_edit_is_no_second_command_and_a_deletion_none_at_all(both: MatrixSide) -> None:
    anna, inbox = await both.person(), Inbox()
    async with running(both.platform, inbox):
        said = await anna.matrix.types("/sotp")
        await anna.matrix.edits(said, "/stop")
        await anna.matrix.takes_back(said)
        events = await inbox.has(3)
    assert [event.what for event in events] == [Happened.TEXT, Happened.EDITED, Happened.DELETED]
    assert [event.ref for event in events] == [(said,)] * 3
    assert events[1].text == "/stop"


async def test_an_answer_names_what_it_answers_without_quoting_it(both: MatrixSide) -> None:
    anna, inbox = await both.person(), Inbox()
    async with running(both.platform, inbox):
        (sent,) = await both.platform.send(anna.address, plain("Kommst du?"), "1")
        await anna.matrix.screen()
        await anna.matrix.answers(f"> <{both.settings.user}> Kommst du?\n\nJa, gern", sent)
        (event,) = await inbox.has(1)
    assert (event.text, event.reply_to) == ("Ja, gern", (sent,))


# --- choices as reactions ------------------------------------------------------------------------------------


async def test_a_seeded_reaction_is_a_choice_even_after_a_restart_and_an_edit(both: MatrixSide) -> None:
    anna, inbox = await both.person(), Inbox()
    question = Outgoing(plain("Wo?").body, choices=NORTH_SOUTH, numbers=("117 1", "117 2"))
    ref = await both.platform.send(anna.address, question, "1")
    await both.platform.seeder.planted()
    (shown,) = await anna.matrix.screen()
    assert list(shown.reactions) == ["1️⃣", "2️⃣"]
    reached = both.platform.reached
    await restarted(both)
    async with running(both.platform, inbox, reached):
        await anna.matrix.reacts(shown.id, "2\u20e3")  # as some programs send it
        (event,) = await inbox.has(1)
        assert (event.what, event.choice, event.reply_to) == (Happened.CHOICE, "q:sued", (shown.id,))
        other = Outgoing(plain("Wo?").body, choices=((Choice("Weststadt", "q:west"),),))
        await both.platform.edit(anna.address, ref, other, "1.1")
        await both.platform.seeder.planted()
        await anna.matrix.reacts(shown.id, "1️⃣")
        event = (await inbox.has(2))[1]
        assert (event.what, event.choice) == (Happened.CHOICE, "q:west")
        (shown,) = await anna.matrix.screen()
        assert [len(who) for who in shown.reactions.values()] == [
            2,
            1,
        ]  # hers stay; of ours only what still stands


async def test_another_reaction_is_a_reaction_and_so_is_one_on_a_persons_words(matrix: MatrixSide) -> None:
    anna, inbox = await matrix.person(), Inbox()
    async with running(matrix.platform, inbox):
        (sent, _) = await matrix.platform.send(
            anna.address, Outgoing(plain("Wo?").body, choices=NORTH_SOUTH), "1"
        )
        await anna.matrix.reacts(sent, "❤️")
        forged = await anna.matrix.types("Wo?", **{"quartierbote.choices": {"1️⃣": "decide:7:exclude"}})
        await anna.matrix.reacts(forged, "1️⃣")
        events = await inbox.has(3)
    assert [event.what for event in events] == [Happened.REACTION, Happened.TEXT, Happened.REACTION]
    assert [event.choice for event in events] == ["", "", ""]


async def test_a_reaction_that_is_there_already_is_a_success(matrix: MatrixSide) -> None:
    anna = await matrix.person()
    (sent, _) = await matrix.platform.send(
        anna.address, Outgoing(plain("Wo?").body, choices=NORTH_SOUTH), "1"
    )
    await matrix.platform.seeder.planted()
    matrix.platform.seeder.plant(anna.address, sent, {"1️⃣": "", "3️⃣": ""}, "other key")
    await matrix.platform.seeder.planted()
    (shown,) = await anna.matrix.screen()
    assert {sign: len(who) for sign, who in shown.reactions.items()} == {"1️⃣": 1, "2️⃣": 1, "3️⃣": 1}


async def test_a_deleted_message_takes_its_reactions_along(matrix: MatrixSide) -> None:
    anna = await matrix.person()
    ref = await matrix.platform.send(anna.address, Outgoing(plain("Wo?").body, choices=NORTH_SOUTH), "1")
    await matrix.platform.seeder.planted()
    await matrix.platform.delete(anna.address, ref, "1.1")
    assert await anna.matrix.screen() == []
    assert [raw for raw in anna.matrix.raws("m.reaction") if raw.get("content")] == []


# --- rooms ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["10", "12"])
async def test_rooms_of_the_old_and_the_new_kind(matrix_encrypted: MatrixSide, version: str) -> None:
    matrix_encrypted.version = version
    anna, inbox = await matrix_encrypted.person(), Inbox()
    assert (":" in anna.address) == (version == "10")
    async with running(matrix_encrypted.platform, inbox):
        await anna.types("hin")
        (event,) = await inbox.has(1)
        await matrix_encrypted.platform.send(anna.address, plain("zurück"), "1")
    assert (event.text, event.is_room) == ("hin", False)
    assert await anna.sees() == ["zurück"]


async def test_an_invitation_is_taken_up_and_told(matrix: MatrixSide) -> None:
    anna, inbox = await matrix.stranger(), Inbox()
    await anna.meets()
    async with running(matrix.platform, inbox):
        (event,) = await inbox.has(1)
    assert (event.what, event.conversation) == (Happened.JOINED, anna.room)


async def test_who_goes_is_gone(matrix: MatrixSide) -> None:
    anna, inbox = await matrix.person(), Inbox()
    async with running(matrix.platform, inbox):
        await anna.matrix.leaves()
        (event,) = await inbox.has(1)
        with pytest.raises(RecipientGone):
            await sends_on(matrix, anna)
    assert (event.what, event.conversation) == (Happened.LEFT, anna.address)


async def test_who_throws_us_out_has_blocked_us(matrix: MatrixSide) -> None:
    anna, inbox = await matrix.person(), Inbox()
    async with running(matrix.platform, inbox):
        await anna.matrix.client.room_kick(anna.address, matrix.settings.user)
        (event,) = await inbox.has(1)
    assert (event.what, event.conversation) == (Happened.BLOCKED, anna.address)
    with pytest.raises(RecipientGone):
        await matrix.platform.send(anna.address, plain("Noch da?"), "1")


async def test_a_room_that_is_encrypted_later_is_written_to_encrypted_from_then_on(
    matrix: MatrixSide,
) -> None:
    anna, inbox = await matrix.person(), Inbox()
    async with running(matrix.platform, inbox):
        await matrix.platform.send(anna.address, plain("offen"), "1")
        await anna.matrix.encrypts()
        await anna.types("verschlossen?")
        (event,) = await inbox.has(1)
        (sent,) = await matrix.platform.send(anna.address, plain("verschlossen"), "2")
    assert event.text == "verschlossen?"
    assert await anna.sees() == ["offen", "verschlossen"]
    assert (await anna.matrix.as_it_lies_there(sent))["type"] == "m.room.encrypted"


async def sends_on(side: MatrixSide, to: Neighbour) -> None:
    """Until the bot has left too."""
    async with asyncio.timeout(20):
        while True:
            await side.platform.send(to.address, plain("Noch da?"), "1")


async def test_where_somebody_else_reads_along_we_leave(matrix: MatrixSide) -> None:
    anna, ben, inbox = await matrix.person(), await matrix.stranger(), Inbox()
    async with running(matrix.platform, inbox):
        await anna.matrix.invites(ben.user)
        events = await inbox.has(1)
        with pytest.raises(RecipientGone):
            await sends_on(matrix, anna)
    assert [event.what for event in events] == [Happened.LEFT]


# --- keys that are late or lost ------------------------------------------------------------------------------
