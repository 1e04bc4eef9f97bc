"""In the 30 seconds before something leaves, a word is enough to halt it; afterwards words mean what they always do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stories.driver import Town
from tests.stories.test_staff_announce import announces
from tests.stories.test_staff_cancels_an_offer import called_off

HALF_A_MINUTE = timedelta(seconds=31)


@pytest.mark.parametrize("word", ["STOPP", "zurück", "/abbrechen", "halt", "Warte!", "/stopp"])
async def test_a_word_halts_what_was_just_sent(town: Town, word: str) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Senden")
    await reader.looks_away()
    await staff.says(word)
    await staff.sees("Angehalten.", "So kommt es an:")
    await town.later(HALF_A_MINUTE)
    await reader.sees_nothing_new()


async def test_also_after_a_look_at_the_menu(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Senden")
    await reader.looks_away()
    await staff.says("/heute")
    await staff.says("stopp")
    await staff.sees("Angehalten.")
    await town.later(HALF_A_MINUTE)
    await reader.sees_nothing_new()


async def test_when_it_has_left_stopp_ends_the_subscription(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await reader.looks_away()
    await staff.taps("Senden")
    await town.later(HALF_A_MINUTE)
    await reader.sees("Kaffee und Kuchen")
    await staff.says("halt")
    assert "Halt, noch nicht" not in await staff.buttons()
    await staff.says("STOPP")
    assert "Nein" in await staff.buttons()
    await staff.does_not_see("Angehalten.")


async def test_another_persons_stopp_is_their_own(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Senden")
    await reader.says("STOPP")
    await reader.does_not_see("Angehalten.")
    await staff.looks_away()
    await town.later(HALF_A_MINUTE)
    await staff.sees("1 von 1 hat es.")


async def test_after_a_word_nobody_understood_the_first_number_still_halts(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Senden")
    await reader.looks_away()
    await staff.says("ohje")
    await staff.sees("Deine Ansage geht gleich raus.")
    await staff.says("1")
    await staff.sees("Angehalten.")
    await town.later(HALF_A_MINUTE)
    await reader.sees_nothing_new()


async def test_in_a_form_stopp_leaves_the_form_and_halt_still_halts(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff)
    await staff.taps("Senden")
    await staff.says("/ansage")
    await staff.says("stopp")
    await staff.sees("wir lassen das")
    await staff.says("/ansage")
    await staff.says("halt")
    await staff.sees("Angehalten.")


@pytest.mark.parametrize("word", ["STOPP", "halt"])
async def test_a_cancelled_date_is_halted_with_its_date(town: Town, word: str) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await mina.looks_away()
    await called_off(petra)
    await petra.says("ohje")
    await petra.sees("Die Absage geht gleich raus.")
    await petra.says(word)
    await petra.sees("Angehalten", "findet statt")
    await town.later(HALF_A_MINUTE)
    await mina.sees_nothing_new()


async def test_a_command_in_the_middle_of_a_draft_says_that_it_is_kept(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff)
    await staff.says("/woche")
    assert "Dein Entwurf „Kaffee und Kuchen“ bleibt aufgehoben." in (await staff.new())[0].text
    await staff.says("/woche")
    assert "Dein Entwurf" not in "\n".join(one.text for one in await staff.new())


async def test_nothing_is_said_where_nothing_is_kept(town: Town) -> None:
    staff = await town.staff("Mira")
    await staff.says("/ansage")
    await staff.says("/woche")
    await staff.does_not_see("Dein Entwurf")
    await announces(staff)
    await staff.taps("Verwerfen")
    await staff.says("/woche")
    await staff.does_not_see("Dein Entwurf")
