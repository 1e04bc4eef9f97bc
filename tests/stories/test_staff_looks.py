"""Looking at a scheduled announcement changes nothing: it still leaves at its time."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.stories.driver import Town


async def test_a_scheduled_post_that_was_looked_at_leaves_all_the_same(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await petra.says("/ansage")
    await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
    await petra.taps("Später senden")
    await petra.says("morgen 9 Uhr")
    await petra.sees("Dienstag, 24. November, 9 Uhr")
    # The buttons of the preview above still stand there.
    for label in ("In anderen Sprachen ansehen", "Ändern", "Andere Quartiere"):
        await petra.taps(label)
    await mina.looks_away()
    await town.at("2026-11-24T09:01")
    await mina.sees("Kaffee und Kuchen")


async def test_a_time_in_the_past_is_asked_about_again(town: Town) -> None:
    petra = await town.staff("Petra")
    await petra.says("/ansage")
    await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
    await petra.taps("Später senden")
    await petra.says("gestern 9 Uhr")
    await petra.does_not_see("Gut. Ich sende es")
    await petra.says("morgen 9 Uhr")
    await petra.sees("Dienstag, 24. November, 9 Uhr")


async def test_a_text_that_is_too_long_is_not_cut_in_silence(town: Town) -> None:
    petra = await town.staff("Petra")
    await petra.says("/ansage")
    await petra.says("Kaffee und Kuchen " * 200)
    await petra.sees("Das ist zu lang", "3000")
    await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
    await petra.sees("So kommt es an")


async def test_staff_get_a_link_to_the_page_that_shows_how_it_goes(town: Town) -> None:
    await town.resident("Mina")
    petra = await town.staff("Petra")
    await petra.says("/ansage")
    await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
    await petra.taps("Senden")
    await town.later(timedelta(seconds=31))
    await petra.looks_away()
    await petra.says("/posts")
    await petra.does_not_see("/deliveries/")

    town.house.features.page_address = "https://quartier.example.org"
    await petra.looks_away()
    await petra.says("/posts")
    await petra.sees(
        "2 Menschen haben es.", "8 Stunden lang diese Seite: https://quartier.example.org/deliveries/"
    )
    said = "\n".join(one.text for one in await petra.new())
    shown = re.search(r"/deliveries/([\w-]+)", said)
    assert shown is not None
    found = town.house.features.passes.read(shown[1])
    assert found is not None
    async with town.house.database.read() as session:
        assert await town.house.features.posts.rights.scopes(session, found[0]) != []
