"""Cases that are the coordinator's: without a moderator, about one, official, or left lying."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.driver import Town
from tests.stories.moderating import RUDE, asked_rudely, coordinator, moderator, reported


async def test_without_a_moderator_it_goes_to_the_coordinator(town: Town) -> None:
    karin = await coordinator(town)
    other = await moderator(town, "Mo", "nordstadt")
    _, petra = await asked_rudely(town)
    await other.looks_away()
    number = await reported(town, petra)
    await karin.sees(f"Fall {number}", RUDE)
    await other.sees_nothing_new()
    await other.says(f"/fall {number}")
    await other.sees("Das gibt es nicht")


async def test_about_a_moderator_it_goes_to_the_coordinator(town: Town) -> None:
    karin, mia, mo = (
        await coordinator(town),
        await moderator(town, "Mia"),
        await moderator(town, "Mo", pace="Sofort"),
    )
    _, petra = await asked_rudely(town, mo)
    await mia.looks_away()
    await mo.looks_away()
    number = await reported(town, petra)
    await karin.sees(f"Fall {number}", RUDE)
    await mia.sees_nothing_new()
    await mo.sees_nothing_new()
    await mo.says(f"/entscheide {number} unbegründet")
    await mo.sees("Das gibt es nicht")


async def test_official_posts_are_hidden_by_the_coordinator_only(town: Town) -> None:
    karin, mo = await coordinator(town), await moderator(town, "Mo")
    nils, petra = await asked_rudely(town)
    mina = await town.resident("Mina")
    await karin.looks_away()
    await nils.says("1 4")
    await nils.taps("Werbung oder Betrug")
    await mo.sees("Das ist eine offizielle Nachricht.", "Kaffee und Kuchen")
    assert "Ausblenden" not in await mo.buttons()
    await mo.taps("An die Koordination geben")
    await mo.sees("liegt jetzt bei der Koordination")
    await karin.sees("Kaffee und Kuchen", "Werbung oder Betrug")
    await karin.taps("Ausblenden")
    await karin.taps("Werbung nur nach Absprache (Regel 6)")
    await karin.sees("ist entschieden: Ausblenden", "Ausgeblendet:")
    await nils.does_not_see("bitte eigene Tasse mitbringen")
    await petra.sees("wurde ausgeblendet")
    await mina.says("woche")
    await mina.does_not_see("bitte eigene Tasse mitbringen")


async def test_danger_in_an_official_post_goes_to_whoever_can_do_something(town: Town) -> None:
    karin, mo = await coordinator(town), await moderator(town, "Mo")
    nils, _ = await asked_rudely(town)
    await karin.looks_away()
    await nils.says("1 4")
    await nils.taps("Jemand ist in Gefahr")
    await mo.sees("Ausblenden kann sie nur die Koordination.", "Mein Vorschlag: An die Koordination geben.")
    text = "\n".join(one.text for one in await karin.new())
    assert "Das ist eine offizielle Nachricht." in text
    assert "Mein Vorschlag: Ausblenden." in text
    assert "nur die Koordination" not in text


async def test_a_case_nobody_claims_is_handed_up(town: Town) -> None:
    mo, karin = await moderator(town, "Mo"), await coordinator(town)
    _, petra = await asked_rudely(town)
    await karin.looks_away()
    number = await reported(town, petra)
    await karin.does_not_see(f"Fall {number}")
    await town.later(timedelta(hours=25))
    await karin.sees(f"Fall {number}", RUDE)
    await mo.says(f"/entscheide {number} hinweis 1")
    await mo.sees("ist entschieden: Hinweis geben")


async def test_a_case_somebody_claimed_and_left_is_handed_up(town: Town) -> None:
    mo, karin = await moderator(town, "Mo"), await coordinator(town)
    _, petra = await asked_rudely(town)
    await karin.looks_away()
    number = await reported(town, petra)
    await mo.taps("Ich kümmere mich")
    await mo.sees("gehört jetzt dir")
    await town.later(timedelta(hours=25))
    await karin.sees(f"Fall {number}", RUDE)
    await karin.says(f"/entscheide {number} hinweis 1")
    await karin.sees("ist entschieden: Hinweis geben")
