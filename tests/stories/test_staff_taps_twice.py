"""Old messages stay on people's phones: a tap on an older preview, or a second tap, never sends something else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.memory import MemoryPlatform
from bot.contract import Address, Happened, Inbound
from tests.stories.driver import Town
from tests.stories.sides import MemorySide
from tests.stories.test_staff_announce import announces


@pytest.fixture
def memory(town: Town) -> MemoryPlatform:
    """Only buttons can be tapped long after; numbers mean what is open now."""
    if not isinstance(town.side, MemorySide) or not town.side.platform.capabilities.buttons:
        pytest.skip("needs a phone whose old buttons can be tapped")
    return town.side.platform


def tap_again(platform: MemoryPlatform, town: Town, value: str, id: str) -> None:
    """A tap on a button of an older message."""
    platform.happens(
        Inbound(id, Address("Mira"), Happened.CHOICE, town.clock.now(), choice=value, language="de")
    )


async def test_an_older_preview_shows_the_present_one(town: Town, memory: MemoryPlatform) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    _, old = memory.phone("Mira").choice("Senden")
    await staff.says("doch Freitag 16 Uhr")
    await reader.looks_away()
    tap_again(memory, town, old.value, "old")
    await town.settled()
    await staff.sees("Das war eine ältere Vorschau.", "Wann: Freitag, 27. November, 16 Uhr")
    await town.later(timedelta(seconds=31))
    await reader.sees_nothing_new()


async def test_a_second_tap_sends_once(town: Town, memory: MemoryPlatform) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    _, send = memory.phone("Mira").choice("Senden")
    await reader.looks_away()
    tap_again(memory, town, send.value, "one")
    tap_again(memory, town, send.value, "two")
    await town.settled()
    await staff.sees("Geht in 30 Sekunden raus.", "Das ist schon erledigt")
    await town.later(timedelta(seconds=31))
    assert len(await reader.new()) == 1
