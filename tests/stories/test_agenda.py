"""What is announced with a date stands among what is on, and what was moved stands where it was moved to."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.driver import Town

TEXT = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts"


async def test_an_announced_event_is_on_the_list_once_it_has_left(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await petra.says("/ansage")
    await petra.says(TEXT)
    await petra.taps("Senden")
    await mina.says("woche")
    await mina.does_not_see("Kaffee und Kuchen")
    await town.later(timedelta(seconds=31))
    await mina.says("woche")
    await mina.sees("15 Uhr: Kaffee und Kuchen, KAISERS")


async def test_a_closure_stands_on_each_of_its_days_with_its_sentence(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await petra.says("/ansage")
    await petra.taps("Vorlage nehmen")
    await petra.taps("Geschlossen")
    await petra.taps("KAISERS")
    await petra.says("vom 25.11. bis 27.11.")
    while "Senden" not in await petra.buttons():
        await petra.taps("Weglassen")
    await petra.taps("Senden")
    await town.later(timedelta(seconds=31))
    await mina.says("woche")
    text = "\n".join(one.text for one in await mina.new())
    assert text.count("ganzer Tag: Geschlossen: KAISERS\n") == 3, text
