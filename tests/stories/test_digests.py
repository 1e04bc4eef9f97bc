"""Digests as chats: every evening, once a week, and what takes place before."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.driver import Neighbour, Town

CAKE = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts"
SHELVES = "Die Leihregale sind wieder voll"


async def announces(town: Town, staff: Neighbour, words: str) -> None:
    """Sent, and its 30 seconds are over."""
    await staff.says("/ansage")
    await staff.says(words)
    if "Weglassen" in await staff.buttons():
        await staff.taps("Weglassen")
    await staff.taps("Senden")
    await town.later(timedelta(seconds=31))


async def test_every_evening_one_message_with_all_that_is_new(town: Town) -> None:
    mina = await town.resident("Mina", pace="Jeden Abend")
    petra = await town.staff("Petra")
    await announces(town, petra, CAKE)
    await announces(town, petra, SHELVES)
    await mina.looks_away()
    await town.at("2026-11-23T17:59")
    await mina.sees_nothing_new()
    await town.at("2026-11-23T18:00")
    await mina.sees(
        "Neu in deinem Quartier", "Donnerstag, 26. November", "15 Uhr: Kaffee und Kuchen, KAISERS",
        "Neues", "Leihregale", "Fragen? KAISERS: 05151",
    )  # fmt: skip
    assert len(await mina.new()) == 1
    await mina.looks_away()
    await town.at("2026-11-24T18:00")
    await mina.sees_nothing_new()


async def test_an_item_is_opened_in_full_and_can_be_asked_about(town: Town) -> None:
    mina = await town.resident("Mina", pace="Jeden Abend")
    petra = await town.staff("Petra")
    await announces(town, petra, CAKE)
    await town.at("2026-11-23T18:00")
    await mina.taps("Kaffee und Kuchen")
    await mina.sees("Wann: Donnerstag, 26. November, 15 Uhr", "Wo: KAISERS, Kaiserstr. 80")
    await mina.taps("Frage stellen")
    await mina.says("Gibt es auch Tee?")
    await petra.sees("Gibt es auch Tee?")


async def test_once_a_week_with_the_plan_of_the_coming_week(town: Town) -> None:
    erna = await town.resident("Erna", pace="")
    petra = await town.staff("Petra")
    await announces(town, petra, SHELVES)
    await erna.looks_away()
    await town.at("2026-11-26T18:00")
    await erna.sees_nothing_new()
    await town.at("2026-11-27T16:00")
    await erna.sees("Deine Woche im Quartier", "Leihregale", "Das ist jede Woche los", "Fragen?")
    assert len(await erna.new()) == 1
    await erna.looks_away()
    await town.at("2026-11-27T18:00")
    await erna.sees_nothing_new()
    await town.at("2026-12-04T16:00")
    await erna.sees("Das ist jede Woche los")
    await erna.does_not_see("Und noch 0")


async def test_what_takes_place_before_the_weekly_one_comes_the_evening_before(town: Town) -> None:
    erna = await town.resident("Erna", pace="")
    petra = await town.staff("Petra")
    await announces(town, petra, CAKE)
    await erna.looks_away()
    await town.at("2026-11-24T18:00")
    await erna.sees_nothing_new()
    await town.at("2026-11-25T18:00")
    await erna.sees("Bald ist es so weit", "Morgen", "Kaffee und Kuchen")
    await erna.looks_away()
    await town.at("2026-11-26T14:00")
    await erna.sees_nothing_new()
    await town.at("2026-11-27T16:00")
    assert "Kaffee und Kuchen" not in "\n".join(one.text for one in await erna.new())


async def test_too_near_for_any_slot_it_comes_at_once(town: Town) -> None:
    erna = await town.resident("Erna", pace="")
    petra = await town.staff("Petra")
    await erna.looks_away()
    await announces(town, petra, "Heute 15 Uhr Kaffee im KAISERS")
    await erna.sees("Kaffee")
    await town.at("2026-11-23T18:00")
    assert len(await erna.new()) == 1


async def test_cancelled_after_it_was_told_the_next_digest_says_so_in_time(town: Town) -> None:
    mina = await town.resident("Mina", pace="Jeden Abend")
    erna = await town.resident("Erna", pace="")
    petra = await town.staff("Petra")
    await announces(town, petra, "Am Freitag 12 Uhr Suppe im KAISERS, kostet nichts")
    await town.at("2026-11-23T18:00")
    await mina.sees("Suppe")
    await petra.says("/berichtigen")
    await petra.taps("Suppe")
    await petra.taps("Ändern")
    await petra.taps("Fällt aus")
    await petra.taps("Senden")
    await mina.looks_away()
    await town.later(timedelta(seconds=31))
    await mina.sees_nothing_new()
    await town.at("2026-11-24T18:00")
    await mina.sees("Geändert oder abgesagt", "Fällt aus: Suppe")
    for evening in ("2026-11-26T18:00", "2026-11-27T16:00"):
        await town.at(evening)
    await erna.does_not_see("Suppe")


async def test_withdrawn_before_the_slot_nobody_hears_of_it(town: Town) -> None:
    mina = await town.resident("Mina", pace="Jeden Abend")
    petra = await town.staff("Petra")
    await announces(town, petra, CAKE)
    await petra.says("/zurückziehen")
    await petra.taps("Kaffee und Kuchen")
    await petra.taps("Ja, zurückziehen")
    await mina.looks_away()
    await town.at("2026-11-23T18:00")
    await mina.sees_nothing_new()


async def test_one_tap_changes_the_pace_and_two_the_hour(town: Town) -> None:
    mina = await town.resident("Mina", pace="Jeden Abend")
    petra = await town.staff("Petra")
    await announces(town, petra, CAKE)
    await town.at("2026-11-23T18:00")
    await mina.taps("Einmal in der Woche")
    await mina.sees("Einmal in der Woche, freitags um 16 Uhr.")
    await mina.taps("Anderer Tag")
    await mina.taps("mittwochs")
    await mina.sees("mittwochs um 16 Uhr")
    await mina.taps("Andere Uhrzeit")
    await mina.taps("10 Uhr")
    await mina.sees("mittwochs um 10 Uhr")
    await announces(town, petra, SHELVES)
    await mina.looks_away()
    await town.at("2026-11-24T18:00")
    await mina.sees_nothing_new()
    await town.at("2026-11-25T10:00")
    await mina.sees("Deine Woche", "Leihregale")
    assert "Kaffee und Kuchen" not in (await mina.new())[0].text


async def test_from_slow_to_at_once_what_waited_comes_the_same_evening(town: Town) -> None:
    erna = await town.resident("Erna", pace="")
    petra = await town.staff("Petra")
    await announces(town, petra, SHELVES)
    await erna.says("/tempo sofort")
    await announces(town, petra, CAKE)
    await erna.sees("Kaffee und Kuchen")
    await erna.looks_away()
    await town.at("2026-11-23T18:00")
    await erna.sees("Leihregale")
    assert "Kaffee und Kuchen" not in (await erna.new())[0].text


async def test_in_arabic(town: Town) -> None:
    amal = await town.resident("Amal", pace="Jeden Abend")
    petra = await town.staff("Petra")
    await amal.says("/language ar")
    await announces(town, petra, CAKE)
    await amal.looks_away()
    await town.at("2026-11-23T18:00")
    await amal.sees("الجديد في حيّك", "Kaffee und Kuchen", "باللغة \u2068الألمانية\u2069", "هل لديك أسئلة؟")


async def test_nothing_new_nothing_sent(town: Town) -> None:
    mina = await town.resident("Mina", pace="Jeden Abend")
    await mina.looks_away()
    for day in range(23, 28):
        await town.at(f"2026-11-{day}T18:00")
    await mina.sees_nothing_new()


async def test_the_senders_figures_are_right_before_and_after(town: Town) -> None:
    await town.resident("Mina", pace="Jeden Abend")
    await town.resident("Erna", pace="")
    petra = await town.staff("Petra")
    await announces(town, petra, SHELVES)
    await petra.sees("1 von 1 hat es.", "2 Menschen bekommen es noch")
    await town.at("2026-11-23T18:00")
    await petra.says("/posts")
    await petra.sees("2 Menschen haben es", "1 Mensch bekommt es noch")
    await town.at("2026-11-27T16:00")
    await petra.says("/posts")
    await petra.sees("3 Menschen haben es")
