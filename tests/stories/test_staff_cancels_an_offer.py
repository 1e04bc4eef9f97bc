"""Staff call one date of an offer off by a tap, and whoever would have read of it hears it: once, in time, undoably."""

from __future__ import annotations

from datetime import timedelta

from bot.people.model import Role
from tests.stories.driver import Neighbour, Town

DATE = "Rollender Südstadttreff, Freitag, 27. November"
"""At KAISERS, in the coming week."""
UNDO = timedelta(seconds=31)


async def called_off(staff: Neighbour, reason: str = "Ohne Grund") -> None:
    await staff.says("/angebote")
    await staff.taps(DATE)
    await staff.taps("Fällt aus")
    if reason == "Ohne Grund":
        await staff.taps(reason)
    else:
        await staff.says(reason)


async def test_three_taps_and_a_reason(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await petra.says("/angebote")
    await petra.sees("Tipp auf einen Termin")
    await petra.taps(DATE)
    await petra.sees("Rollender Südstadttreff", "Freitag, 27. November")
    await petra.taps("Fällt aus")
    await petra.sees("Warum fällt Rollender Südstadttreff am Freitag, 27. November aus?")
    await mina.looks_away()
    await petra.says("Der Bus ist kaputt.")
    await petra.sees("fällt aus. In 30 Sekunden geht das raus an: Südstadt")
    await mina.sees_nothing_new()

    await town.later(UNDO)
    await mina.sees("Rollender Südstadttreff", "Freitag, 27. November", "Der Bus ist kaputt.", "KAISERS")
    await mina.says("/woche")
    await mina.sees("Rollender Südstadttreff fällt aus (Der Bus ist kaputt.)")
    assert "\n".join(one.text for one in await mina.new()).count("Rollender Südstadttreff") == 1


async def test_readers_of_another_quartier_are_left_in_peace(town: Town) -> None:
    sven = await town.resident("Sven", "Nordstadt")
    petra = await town.staff("Petra")
    await sven.looks_away()
    await called_off(petra)
    await town.later(UNDO)
    await sven.sees_nothing_new()


async def test_weekly_readers_hear_of_it_the_evening_before(town: Town) -> None:
    erna = await town.resident("Erna", pace="")
    petra = await town.staff("Petra")
    await erna.looks_away()
    await called_off(petra)
    await town.at("2026-11-26T17:59")
    await erna.sees_nothing_new()
    await town.at("2026-11-26T18:01")
    await erna.sees("Rollender Südstadttreff")


async def test_halt_in_time(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await mina.looks_away()
    await called_off(petra)
    await petra.taps("Halt, noch nicht")
    await petra.sees("Angehalten", "findet statt")
    await town.later(UNDO)
    await mina.sees_nothing_new()
    await petra.says("/angebote")
    assert DATE in await petra.buttons()


async def test_it_takes_place_after_all(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await called_off(petra, "Der Bus ist kaputt.")
    await town.later(UNDO)
    erna = await town.resident("Erna")
    await mina.looks_away()
    await erna.looks_away()
    await petra.says("/angebote")
    await petra.taps(f"Fällt aus: {DATE}")
    await petra.taps("Findet doch statt")
    await petra.sees("Die Absage nehme ich zurück")
    await town.later(UNDO)
    await mina.sees("Rollender Südstadttreff findet doch statt")
    await mina.does_not_see("Der Bus ist kaputt.")
    await erna.sees_nothing_new()


async def test_two_of_the_team_tap_and_the_second_is_told(town: Town) -> None:
    petra = await town.staff("Petra")
    paul = await town.staff("Paul")
    for one in (petra, paul):
        await one.says("/angebote")
        await one.taps(DATE)
        await one.taps("Fällt aus")
    await petra.says("Der Bus ist kaputt.")
    await paul.taps("Ohne Grund")
    await paul.sees("Das hat schon jemand aus deinem Team eingetragen")


async def test_the_reason_is_left_by_stopp_and_nothing_is_sent(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await mina.looks_away()
    await petra.says("/angebote")
    await petra.taps(DATE)
    await petra.taps("Fällt aus")
    await petra.says("stopp")
    await petra.sees("wir lassen das")
    await town.later(UNDO)
    await mina.sees_nothing_new()


async def test_residents_get_a_friendly_sentence(town: Town) -> None:
    mina = await town.resident("Mina")
    await mina.says("/angebote")
    await mina.sees("die Teams der Treffpunkte", "/rolle", "/woche")


async def test_the_coordinator_chooses_a_treffpunkt_first(town: Town) -> None:
    kim = await town.staff("Kim", role=Role.COORDINATOR)
    await kim.says("/angebote")
    await kim.sees("Um welchen Treffpunkt geht es?")
    await kim.taps("KAISERS")
    assert DATE in await kim.buttons()


async def test_many_dates_are_shown_week_by_week(town: Town) -> None:
    petra = await town.staff("Petra")
    for slug in ("kuckucksnest", "mehrgenerationenhaus"):
        await also_staff_of(town, petra, slug)
    await petra.says("/angebote")
    assert "Hausaufgabenhilfe, Mittwoch, 25. November" in await petra.buttons()
    assert "Südstadtstammtisch, Mittwoch, 2. Dezember" not in await petra.buttons()
    await petra.taps("Die Woche danach")
    assert "Südstadtstammtisch, Mittwoch, 2. Dezember" in await petra.buttons()
    await petra.taps("Die Woche davor")
    assert DATE in await petra.buttons()


async def test_whose_role_was_taken_back_can_not_act_on_an_old_button(town: Town) -> None:
    petra = await town.staff("Petra")
    await petra.says("/angebote")
    await petra.taps(DATE)
    async with town.house.database.write() as session:
        for held in await town.house.features.roles.all(session):
            await town.house.features.roles.revoke(session, held.grant)
    await petra.taps("Fällt aus")
    await petra.sees("Das kann nur das Team von diesem Treffpunkt ändern.")


async def test_the_cancellation_taken_back_puts_the_date_back(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await called_off(petra, "Der Bus ist kaputt.")
    await town.later(UNDO)
    await petra.says("/posts")
    await petra.taps("Rollender Südstadttreff")
    assert "Fällt aus" not in await petra.buttons()
    await petra.taps("Zurückziehen")
    await petra.sees("Findet er doch statt?", "/angebote")
    await mina.looks_away()
    await petra.taps("Findet doch statt")
    await petra.sees("Die Absage nehme ich zurück")
    await town.later(UNDO)
    await mina.sees("Rollender Südstadttreff findet doch statt")
    await petra.says("/angebote")
    assert DATE in await petra.buttons()


async def also_staff_of(town: Town, somebody: Neighbour, slug: str) -> None:
    async with town.house.database.write() as session:
        place = await town.house.place.quartiere.treffpunkt_by_slug(session, slug)
        assert place is not None
        code = await town.house.features.roles.invite(session, Role.STAFF, place.id)
    await somebody.says(f"/rolle {code}")
