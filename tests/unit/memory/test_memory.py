"""The memory platform's own promises: what tests of everything else rely on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from adapters.memory import Fault, MemoryPlatform
from bot.contract import (
    Address,
    Bullets,
    Choice,
    Facts,
    Inbound,
    Outgoing,
    Paragraph,
    RecipientGone,
    Text,
    Unsure,
)

ANNA = Address("anna")
QUESTION = Outgoing(
    body=(
        Paragraph(((Text("Welches Quartier? "), Text("Karte", url="https://example.org/karte")),)),
        Bullets(((Text("eins"),), (Text("mehrere"),))),
        Facts((((Text("Wann"),), (Text("heute"),)),)),
    ),
    choices=(
        (Choice("Nordstadt", "q:1"), Choice("Südstadt", "q:2")),
        (Choice("Mehr", "", "https://example.org"),),
    ),
    numbers=("12 1", "12 2", "12 3"),
    notice="Schreib die Zahl.",
)


async def test_without_buttons_choices_are_numbered_lines() -> None:
    platform = MemoryPlatform(buttons=False)
    await platform.send(ANNA, QUESTION, "1")
    assert platform.phone("anna").last.text == (
        "Welches Quartier? Karte (https://example.org/karte)\n\n- eins\n- mehrere\n\nWann: heute\n\n"
        "12 1 Nordstadt\n12 2 Südstadt\nMehr: https://example.org\n\nSchreib die Zahl."
    )


async def test_with_buttons_choices_are_tapped() -> None:
    platform = MemoryPlatform()
    ref = await platform.send(ANNA, QUESTION, "1")
    assert "Nordstadt" not in platform.phone("anna").last.text
    platform.taps("anna", "Nordstadt")
    (event,) = await received(platform)
    assert (event.choice, event.reply_to) == ("q:1", ref)
    with pytest.raises(LookupError):
        platform.taps("anna", "Weststadt")


async def received(platform: MemoryPlatform, cursor: str | None = None) -> list[Inbound]:
    events: list[Inbound] = []

    async def receive(some: Sequence[Inbound], cursor: str | None) -> None:
        events.extend(some)

    task = asyncio.create_task(platform.run(receive, cursor))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    return events


async def test_who_was_away_goes_on_after_its_cursor() -> None:
    platform = MemoryPlatform()
    for text in "abc":
        platform.says("anna", text)
    assert [event.text for event in await received(platform)] == ["a", "b", "c"]
    assert [event.text for event in await received(platform, "2")] == ["c"]


async def test_a_key_is_known_where_the_platform_knows_keys() -> None:
    for idempotent, seen in ((True, 1), (False, 2)):
        platform = MemoryPlatform(idempotent=idempotent)
        await platform.send(ANNA, QUESTION, "1")
        await platform.send(ANNA, QUESTION, "1")
        assert len(platform.phone("anna").screen) == seen


async def test_a_fault_strikes_before_or_after_arrival() -> None:
    platform = MemoryPlatform()
    for arrives, seen in ((False, 0), (True, 1)):
        platform.fails(Fault(Unsure("lost"), arrives=arrives))
        with pytest.raises(Unsure):
            await platform.send(ANNA, QUESTION, "1")
        assert len(platform.phone("anna").screen) == seen


async def test_whoever_blocks_is_gone_until_they_unblock() -> None:
    platform = MemoryPlatform()
    platform.blocks("anna")
    with pytest.raises(RecipientGone):
        await platform.send(ANNA, QUESTION, "1")
    platform.unblocks("anna")
    await platform.send(ANNA, QUESTION, "1")
    assert [event.what for event in await received(platform)] == ["blocked", "joined"]
