"""What the words leave open is asked, and nothing that was typed is lost."""

from __future__ import annotations

import pytest

from bot.people.model import Role
from bot.posts.understanding.danger import sounds_dangerous
from tests.stories.driver import Town
from tests.stories.test_staff_announce import announces

GAS = "Gasaustritt in der Kaiserstr. 80, bitte Fenster schließen"


async def test_words_that_sound_like_danger_are_asked_about_once(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff, GAS)
    await staff.sees("Ist das eine Gefahr für Menschen?")
    assert await staff.buttons() == ["Ja, als Warnung senden", "Nein, ganz normal"]
    await staff.taps("Nein, ganz normal")
    await staff.sees("So kommt es an:", "Gasaustritt")
    assert "Senden" in await staff.buttons()
    await staff.says("im Fuchsbau")
    await staff.sees("So kommt es an:")
    await staff.does_not_see("Ein zweiter Mensch muss sie freigeben.")


async def test_a_danger_goes_out_as_a_warning_that_somebody_else_releases(town: Town) -> None:
    staff, second = await town.staff("Mira"), await town.staff("Jonas", role=Role.COORDINATOR)
    reader = await town.resident("Ali", pace="")
    await announces(staff, GAS)
    await staff.taps("Ja, als Warnung senden")
    await staff.sees("So kommt es an:", "Ein zweiter Mensch muss sie freigeben.")
    assert "Senden" not in await staff.buttons()
    await staff.taps("Um Freigabe bitten")
    await reader.looks_away()
    await second.taps("Freigeben")
    await reader.sees("Gasaustritt")


@pytest.mark.parametrize(
    "words",
    ["Warnung: Glatteis", "Unwetterwarnung", "Lebensgefahr!", "Brand im Keller", "Das Haus wird evakuiert",
     "Evakuierung", "Bombe gefunden", "Bombenfund am Bahnhof", "Gas-Austritt", "Gas leak in the cellar",
     "The house is on fire", "Danger of flooding", "We evacuate at 3", "A bomb was found"],
)  # fmt: skip
def test_what_sounds_like_danger(words: str) -> None:
    assert sounds_dangerous(words)


@pytest.mark.parametrize(
    "words",
    ["Ausflug nach Brandenburg", "Lagerfeuer mit Stockbrot", "Tag der offenen Tür bei der Feuerwehr",
     "Bombenstimmung garantiert", "Teilnahme auf eigene Gefahr", "Eisbombe zum Nachtisch", "Der brandneue Film"],
)  # fmt: skip
def test_what_does_not(words: str) -> None:
    assert not sounds_dangerous(words)


async def test_an_answer_that_says_more_than_where_loses_nothing(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff, "Donnerstag 15 Uhr Kaffee und Kuchen")
    await staff.says("KAISERS, im Saal ganz hinten, kostet 3 Euro, bitte den Hintereingang nehmen")
    await staff.sees(
        "Wo: KAISERS, Kaiserstr. 80", "Kosten: 3", "im Saal ganz hinten", "bitte den Hintereingang nehmen"
    )


async def test_nor_does_a_very_long_one(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff, "Donnerstag 15 Uhr Kaffee und Kuchen")
    way = (
        "Hinter dem Bahnhof links, "
        + "dann immer geradeaus und an der nächsten Ecke rechts, " * 6
        + "am Ziel"
    )
    await staff.says(way)
    await staff.sees("Wo: Hinter dem Bahnhof links", way)


async def test_facts_that_come_along_are_taken_and_not_said_twice(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff, "Donnerstag 15 Uhr Kaffee und Kuchen")
    await staff.says("Im KAISERS, Eintritt frei")
    await staff.sees("Wo: KAISERS, Kaiserstr. 80", "Kosten: keine")
    await staff.does_not_see("Eintritt frei")
