"""Staff who may not write at present are told so before they type anything; nothing of theirs leaves meanwhile."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.driver import Neighbour, Town
from tests.stories.moderating import asked_rudely, coordinator, moderator, reported
from tests.stories.test_resident_proposes import proposes
from tests.stories.test_staff_cancels_an_offer import DATE

MUTED = "Du kannst erst ab"


async def someone_reports(town: Town, reporter: Neighbour, petra: Neighbour) -> None:
    """An announcement of Petra's is reported."""
    await petra.says("/ansage")
    await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
    await petra.taps("Senden")
    await town.later(timedelta(seconds=31))
    await reporter.taps("Melden")
    await reporter.taps("Werbung oder Betrug")


async def mute(karin: Neighbour, petra: Neighbour) -> None:
    await karin.taps("7 Tage stumm")
    await karin.taps("Werbung nur nach Absprache (Regel 6)")
    await petra.sees("du kannst 7 Tage lang nichts schreiben")


async def test_muted_staff_call_no_date_off(town: Town) -> None:
    karin, mina, petra = await coordinator(town), await town.resident("Mina"), await town.staff("Petra")
    await someone_reports(town, mina, petra)
    await petra.says("/angebote")
    await petra.taps(DATE)
    await petra.taps("Fällt aus")
    await mute(karin, petra)
    await petra.says("/angebote")
    await petra.taps(DATE)
    await petra.taps("Fällt aus")
    await petra.sees(MUTED, "Lesen kannst du weiter alles")
    await mina.looks_away()
    await town.later(timedelta(seconds=31))
    await mina.sees_nothing_new()


async def test_muted_while_the_reason_is_asked(town: Town) -> None:
    karin, mina, petra = await coordinator(town), await town.resident("Mina"), await town.staff("Petra")
    await someone_reports(town, mina, petra)
    await petra.says("/angebote")
    await petra.taps(DATE)
    await petra.taps("Fällt aus")
    await mute(karin, petra)
    await petra.says("Der Bus ist kaputt.")
    await petra.sees(MUTED)
    await petra.says("/angebote")
    await petra.taps(DATE)
    assert "Fällt aus" in await petra.buttons()


async def test_muted_staff_take_no_cancellation_back(town: Town) -> None:
    karin, mina, petra = await coordinator(town), await town.resident("Mina"), await town.staff("Petra")
    await someone_reports(town, mina, petra)
    await petra.says("/angebote")
    await petra.taps(DATE)
    await petra.taps("Fällt aus")
    await petra.taps("Ohne Grund")
    await town.later(timedelta(seconds=31))
    await mute(karin, petra)
    await petra.says("/angebote")
    await petra.taps(f"Fällt aus: {DATE}")
    await petra.taps("Findet doch statt")
    await petra.sees(MUTED)


async def test_what_was_scheduled_waits_as_a_draft(town: Town) -> None:
    karin, mina, petra = await coordinator(town), await town.resident("Mina"), await town.staff("Petra")
    await someone_reports(town, mina, petra)
    await petra.says("/ansage")
    await petra.says("Am Freitag 15 Uhr Tee im KAISERS, kostet nichts")
    await petra.taps("Später senden")
    await petra.taps("Dienstag, 24. November, 8 Uhr")
    await mute(karin, petra)
    await petra.looks_away()
    await mina.looks_away()
    await town.at("2026-11-24T08:01")
    await mina.does_not_see("Tee")
    await petra.sees("„Tee“ habe ich nicht gesendet", "Der Entwurf ist noch da.", MUTED)
    await town.at("2026-12-01T12:01")
    await mina.does_not_see("Tee im KAISERS")


async def test_muted_people_are_told_before_they_type(town: Town) -> None:
    karin, mina, petra = await coordinator(town), await town.resident("Mina"), await town.staff("Petra")
    await someone_reports(town, mina, petra)
    await mina.taps("Frage stellen")
    await mina.says("Gibt es auch Kuchen ohne Ei?")
    await petra.sees("Kuchen ohne Ei")
    await mute(karin, petra)
    for tap in ("Antworten", "/ansage", "/ansage Am Freitag Tee", "/vorlagen"):
        await petra.looks_away()
        await (petra.says(tap) if tap.startswith("/") else petra.taps(tap))
        await petra.sees(MUTED)
        assert await petra.buttons() == ["Menü"]


async def test_muted_neighbours_are_told_before_they_ask(town: Town) -> None:
    mo = await moderator(town, "Mo")
    nils, petra = await asked_rudely(town)
    await reported(town, petra)
    await mo.taps("7 Tage stumm")
    await mo.taps("Beleidige niemanden (Regel 2)")
    await nils.sees("du kannst 7 Tage lang nichts schreiben")
    await nils.taps("Frage stellen")
    await nils.sees(MUTED)


async def test_muted_staff_are_told_before_they_word_a_review(town: Town) -> None:
    karin, mina, petra = await coordinator(town), await town.resident("Mina"), await town.staff("Petra")
    await someone_reports(town, mina, petra)
    await mute(karin, petra)
    await proposes(mina)
    await mina.taps("Abschicken")
    for tap in ("Änderung vorschlagen", "Ablehnen"):
        await petra.looks_away()
        await petra.taps(tap)
        await petra.sees(MUTED)
