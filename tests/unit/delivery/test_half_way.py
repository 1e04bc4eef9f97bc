"""Changed while half the copies are on their way: all end with the last version, told once, never an older one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory import Fault, MemoryPlatform
from bot.contract import Address, Limits, RecipientGone, Unsure
from bot.delivery.chats import open_chats
from bot.delivery.model import Priority
from bot.people.service import People
from bot.storage import Database
from tests.unit.delivery.world import QUICK, World, until

ON_BOTH = True

READERS = [f"reader{n}" for n in range(16)]
ANNA = Address("anna")
Change = Callable[[World, int], Awaitable[list[str]]]
"""Does something to the text and says what everybody sees in the end."""


async def correction(world: World, text: int) -> list[str]:
    await world.correct(1, text, "am Sonntag")
    return ["am Sonntag"]


async def better_translation(world: World, text: int) -> list[str]:
    """It follows at leisure, behind everything else."""
    await world.correct(1, text, "am Sonntag, besser gesagt", priority=Priority.DIGEST)
    return ["am Sonntag, besser gesagt"]


async def hiding(world: World, text: int) -> list[str]:
    await world.correct(1, text, None, priority=Priority.ALERT)
    return []


async def two_corrections(world: World, text: int) -> list[str]:
    second = await world.correct(1, text, "am Sonntag")
    assert second is not None
    await world.correct(1, second, "am Montag")
    return ["am Montag"]


async def a_correction_and_back(world: World, text: int) -> list[str]:
    second = await world.correct(1, text, "am Sonntag")
    assert second is not None
    async with world.database.write() as session:
        await world.outbox.replace(session, item=1, texts={second: text})
    return ["am Samstag"]


@pytest.mark.parametrize("idempotent", [False, True])
@pytest.mark.parametrize(
    "change", [correction, better_translation, hiding, two_corrections, a_correction_and_back]
)
async def test_half_way(database: Database, change: Change, idempotent: bool) -> None:
    limits = Limits(per_second=2000, per_chat_per_second=1000, in_flight=5)
    world = await World.make(database, MemoryPlatform(limits=limits, latency=0.005, idempotent=idempotent))
    text = await world.publish(1, "am Samstag", READERS)
    async with world.running():
        await until(lambda: sum(len(world.sees(reader)) for reader in READERS) >= len(READERS) // 2)
        ends = await change(world, text)
        await world.engine.settled()
    assert [world.sees(reader) for reader in READERS] == [ends] * len(READERS)
    rang = [len(world.platform.phone(reader).shown) for reader in READERS]
    assert max(rang) == 1  # whoever had it was told by an edit
    assert set((await world.states(1)).values()) == {"held" if ends else "dropped"}


@pytest.mark.parametrize("ends", [["am Sonntag"], []])
async def test_who_blocked_the_bot_meanwhile_holds_the_last_version_once_they_are_back(
    world: World, ends: list[str]
) -> None:
    old = await world.publish(1, "am Samstag", ["anna"])
    await world.deliver()
    world.platform.phone("anna").is_blocked = True
    await world.correct(1, old, ends[0] if ends else None)
    await world.deliver()
    assert (await world.states(1), world.sees("anna")) == ({"anna": "gone"}, ["am Samstag"])
    world.platform.phone("anna").is_blocked = False
    chat = await world.chat("anna")
    async with world.database.write() as session:
        await open_chats(session, [chat], world.clock.now())
    await world.deliver()
    assert world.sees("anna") == ends


async def test_changed_twice_while_they_were_gone(world: World) -> None:
    old = await world.publish(1, "am Samstag", ["anna"])
    await world.deliver()
    world.platform.phone("anna").is_blocked = True
    second = await world.correct(1, old, "am Sonntag")
    await world.deliver()
    assert second is not None
    await world.correct(1, second, "am Montag")
    world.platform.phone("anna").is_blocked = False
    await world.answer("anna", "Willkommen zurück")  # what arrives proves that they are there
    await world.deliver()
    assert world.sees("anna") == ["am Montag", "Willkommen zurück"]


async def test_what_somebody_missed_is_past_when_they_are_back(world: World) -> None:
    world.platform.fails(Fault(RecipientGone("blocked"), to=ANNA))
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    await world.answer("anna", "Willkommen zurück")
    await world.deliver()
    assert world.sees("anna") == ["Willkommen zurück"]


async def test_a_correction_of_a_copy_that_perhaps_arrived_is_noted_and_rings_for_nobody(
    world: World,
) -> None:
    world.platform.fails(Fault(Unsure("lost"), to=ANNA, arrives=True))
    old = await world.publish(1, "am Samstag", ["anna"])
    await world.deliver()
    new = await world.correct(1, old, "am Sonntag")
    await world.deliver()
    (row,) = await world.rows()
    assert (row.state, row.wanted_text, row.ref) == ("unsure", new, None)
    assert len(world.platform.calls) == 1


async def test_a_change_that_perhaps_arrived_is_made_once_more_by_the_next(database: Database) -> None:
    tempo = replace(QUICK, first_pause=0.001, longest_pause=0.002)
    world = await World.make(database, tempo=tempo)
    old = await world.publish(1, "am Samstag", ["anna"])
    await world.deliver()
    world.platform.fails(Fault(Unsure("lost"), act="edit", times=1000))
    second = await world.correct(1, old, "am Sonntag")
    assert second is not None
    await world.deliver()
    assert await world.states(1) == {"anna": "unsure"}
    world.platform.calms()
    await world.correct(1, second, "am Montag")
    await world.deliver()
    assert (await world.states(1), world.sees("anna")) == ({"anna": "held"}, ["am Montag"])


async def test_taken_back_while_nobody_knows_whether_it_arrived(world: World) -> None:
    world.platform.fails(Fault(Unsure("lost"), to=ANNA))
    text = await world.publish(1, "Fest", ["anna", "bea"])
    await world.deliver()
    await world.correct(1, text, None)
    await world.deliver()
    assert await world.states(1) == {"anna": "unsure", "bea": "dropped"}
    assert [row.wanted_text for row in await world.rows()] == [None, None]


async def test_forgotten_in_the_middle_of_a_broadcast(database: Database) -> None:
    world = await World.make(database, MemoryPlatform(latency=0.02))
    await world.publish(1, "Fest", ["anna", "bea"])
    await world.publish(2, "Flohmarkt", ["anna", "bea"], after=timedelta(seconds=1))
    people = People(world.clock, world.outbox)
    anna = await world.chat("anna")
    async with database.write() as session:
        speaker = await people.agree(session, anna, "de")
    async with world.running():
        await until(lambda: len(world.platform.calls) == 2)
        async with database.write() as session:
            await people.erase(session, speaker.person)  # her copy is on the line at this moment
        await world.later(timedelta(seconds=1))
    assert (world.sees("anna"), world.sees("bea")) == (["Fest"], ["Fest", "Flohmarkt"])
    assert (await world.states(1), await world.states(2)) == ({"bea": "held"}, {"bea": "held"})
