"""Somebody reports, a human decides, the author learns why, another human looks again. Nobody learns a name."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.driver import Town
from tests.stories.moderating import RUDE, asked_rudely, coordinator, moderator, reported


async def test_report_decide_state_reasons_appeal_overturn(town: Town) -> None:
    mo, mia = await moderator(town, "Mo"), await moderator(town, "Mia")
    nils, petra = await asked_rudely(town)
    await mo.looks_away()
    await mia.looks_away()
    number = await reported(town, petra)
    await petra.sees("Ein Mensch schaut es sich an. Wir sagen der Person nicht, wer gemeldet hat.")
    for somebody in (mo, mia):
        await somebody.sees(f"Fall {number}", "Beleidigung", "1 Meldung", RUDE, "Kaffee und Kuchen")
        await somebody.sees("Bisher zu dieser Person: 0 Entscheidungen.", "Mein Vorschlag: Hinweis geben.")
        await somebody.does_not_see("Petra", "Nils")

    await nils.looks_away()
    await petra.looks_away()
    await mia.looks_away()
    await mo.taps("Ausblenden")
    await mo.sees(f"Fall {number}, Ausblenden: Warum?")
    await mo.taps("Beleidige niemanden (Regel 2)")
    await mo.sees(f"Fall {number} ist entschieden: Ausblenden.", "Ausgeblendet: 1 Kopie.")
    await petra.does_not_see(RUDE)
    await petra.sees(f"Zu deiner Meldung (Fall {number})", "etwas unternommen: Ausblenden")
    await nils.sees(
        "wurde ausgeblendet. Du kannst weiter lesen und schreiben.",
        "Grund: Beleidige niemanden (Regel 2)",
        "Entschieden hat ein Mensch",
        "Du kannst bis Sonntag, 23. Mai 2027 widersprechen.",
    )
    await mia.sees(f"Fall {number}", "Entschieden: Ausblenden. Grund: Beleidige niemanden (Regel 2)")
    assert "Ausblenden" not in await mia.buttons()

    await mia.looks_away()
    await mo.looks_away()
    await nils.taps("Widersprechen")
    await nils.says("Das war doch nur Spaß.")
    await nils.sees(f"Dein Widerspruch zu Fall {number} ist da. Ein anderer Mensch schaut noch einmal hin.")
    await mo.does_not_see("Das war doch nur Spaß.")
    await mia.sees(f"zu Fall {number}", "Das war doch nur Spaß.", "Entschieden war: Ausblenden.", RUDE)
    await petra.looks_away()
    await nils.looks_away()
    await mia.taps("Aufheben")
    await mia.says("Es war ein Scherz unter Bekannten.")
    await nils.sees("Die Entscheidung ist aufgehoben. Begründung: Es war ein Scherz unter Bekannten.")
    await petra.sees(RUDE)


async def test_by_typed_numbers_with_another_case_arriving_meanwhile(town: Town) -> None:
    mo = await moderator(town, "Mo")
    nils, petra = await asked_rudely(town)
    first = await reported(town, petra)
    await nils.replies("Und euer Kuchen ist giftig.", to="Kaffee und Kuchen")
    second = await reported(town, petra, "Hass")
    assert first != second
    await mo.says(f"{first} 3")
    await mo.sees(f"Fall {first}, Ausblenden: Warum?")
    await mo.taps("Beleidige niemanden (Regel 2)")
    await mo.sees(f"Fall {first} ist entschieden")
    await petra.does_not_see(RUDE)
    assert any("Und euer Kuchen ist giftig." in one.text for one in await petra.hand.seen())
    await mo.says(f"{first} 3")
    await mo.sees(f"Fall {first}", "Entschieden: Ausblenden.")


async def test_by_commands(town: Town) -> None:
    mo = await moderator(town, "Mo")
    _, petra = await asked_rudely(town)
    number = await reported(town, petra)
    await mo.says("/meldungen")
    await mo.sees("Offene Meldungen", f"Fall {number}")
    await mo.says(f"/fall {number}")
    await mo.sees(RUDE)
    await mo.says(f"/entscheide {number} übernehmen")
    await mo.sees(f"Fall {number} gehört jetzt dir")
    await mo.says(f"/entscheide {number} irgendwas")
    await mo.sees("So geht es:")
    await mo.says(f"/decide {number} hide 2")
    await mo.sees(f"Fall {number} ist entschieden: Ausblenden.")
    await mo.says("/meldungen")
    await mo.sees("keine offenen Meldungen")
    await petra.says("/meinfall")
    await petra.sees(f"Fall {number}", "Wir haben etwas unternommen.")


async def test_a_number_after_mute_is_how_long_and_the_reason_is_asked(town: Town) -> None:
    mo = await moderator(town, "Mo")
    nils, petra = await asked_rudely(town)
    number = await reported(town, petra)
    await nils.looks_away()
    for days, said in (("7", "7 Tage stumm"), ("1", "1 Tag stumm"), ("30", "30 Tage stumm")):
        await mo.says(f"/entscheide {number} stumm {days}")
        await mo.sees(f"Fall {number}, {said}: Warum?")
        await mo.says(f"/entscheide {number} stumm {days} tage")
        await mo.sees(f"Fall {number}, {said}: Warum?")
    await nils.sees_nothing_new()
    for wrong in ("400", "400 2", "0", "2", "7tage 2"):
        await mo.looks_away()
        await mo.says(f"/entscheide {number} stumm {wrong}")
        await mo.sees("So geht es:", "1, 7 oder 30 Tagen", RUDE)
    await nils.sees_nothing_new()
    await mo.says(f"/decide {number} mute 30 2")
    await mo.sees(f"Fall {number} ist entschieden: 30 Tage stumm.")


async def test_decide_without_a_case_says_how(town: Town) -> None:
    mo = await moderator(town, "Mo")
    _, petra = await asked_rudely(town)
    number = await reported(town, petra)
    for typed in ("", " hide 2", f" {number}.3", f" {number}, 4", f" {number} 3 2", " N hide 2"):
        await mo.looks_away()
        await mo.says(f"/entscheide{typed}")
        await mo.sees(f"So geht es: /entscheide {number} ausblenden 2.")
    for typed in (f"{number}.3", f"{number}, 4", f"{number} 3 2"):
        await mo.looks_away()
        await mo.says(typed)
        await mo.sees(f"Fall {number}", RUDE)
    await mo.says("/entscheide 999 ausblenden 2")
    await mo.sees("Das gibt es nicht")


async def test_unfounded_and_the_reporter_appeals(town: Town) -> None:
    mo, mia = await moderator(town, "Mo"), await moderator(town, "Mia")
    nils, petra = await asked_rudely(town)
    await nils.looks_away()
    number = await reported(town, petra)
    await mo.taps("Meldung unbegründet")
    await mo.sees("Die Meldung ist unbegründet")
    await nils.sees_nothing_new()
    await petra.sees("sieht keinen Verstoß gegen die Hausregeln")
    await petra.taps("Widersprechen")
    await petra.taps("Ohne Worte abschicken")
    await mia.sees("Wer gemeldet hat, sieht es anders")
    await mia.taps("Aufheben")
    await mia.says("Das geht so nicht.")
    await petra.sees("Der Fall ist wieder offen")
    await mia.says(f"/entscheide {number} verwarnen 2")
    await mia.sees("ist entschieden: Verwarnen")
    await nils.sees("Eine Verwarnung zu deinem Beitrag")


async def test_an_appeal_that_nobody_else_can_decide_is_said_to_wait(town: Town) -> None:
    karin = await coordinator(town)
    nils, petra = await asked_rudely(town)
    number = await reported(town, petra)
    await karin.says(f"/entscheide {number} ausblenden 2")
    await karin.looks_away()
    await nils.taps("Widersprechen")
    await nils.taps("Ohne Worte abschicken")
    await nils.sees("Im Moment gibt es leider keinen anderen Menschen")
    await karin.sees(f"Zu Fall {number} wartet ein Widerspruch", "ein anderer Mensch")
    await karin.looks_away()
    await karin.says("/meldungen")
    await karin.sees(f"Zu Fall {number} wartet ein Widerspruch")
    await karin.does_not_see("keine offenen Meldungen")
    second = await coordinator(town, "Sabine")
    await town.later(timedelta(minutes=2))
    assert "Aufheben" in await second.buttons()
    await karin.looks_away()
    await karin.says("/meldungen")
    await karin.sees("keine offenen Meldungen")


async def test_danger_shows_numbers_at_once_and_wakes_people(town: Town) -> None:
    mo, karin = await moderator(town, "Mo"), await coordinator(town)
    _, petra = await asked_rudely(town)
    await town.at("2026-11-23T23:00")
    await mo.looks_away()
    await karin.looks_away()
    await reported(town, petra, "Jemand ist in Gefahr")
    await petra.sees("110", "112", "0800 1110111", "116 016", "116 111", "niemand rund um die Uhr")
    for somebody in (mo, karin):
        await somebody.sees("Dringend", RUDE)


async def test_at_night_moderators_and_authors_sleep(town: Town) -> None:
    mo = await moderator(town, "Mo")
    nils, petra = await asked_rudely(town)
    await town.at("2026-11-23T23:00")
    await mo.looks_away()
    await nils.looks_away()
    number = await reported(town, petra)
    await petra.looks_away()
    await mo.sees_nothing_new()
    await mo.says(f"/entscheide {number} ausblenden 2")
    await mo.sees("ist entschieden")
    await nils.sees_nothing_new()
    await petra.does_not_see(RUDE, "Zu deiner Meldung")
    await town.at("2026-11-24T08:00")
    await nils.sees("wurde ausgeblendet")
    await petra.sees("Zu deiner Meldung")


async def test_two_who_act_at_once(town: Town) -> None:
    mo, mia = await moderator(town, "Mo"), await moderator(town, "Mia")
    _, petra = await asked_rudely(town)
    await reported(town, petra)
    await mo.taps("Ausblenden")
    await mia.taps("Ich kümmere mich")
    await mia.sees("gehört jetzt dir")
    await mo.taps("Beleidige niemanden (Regel 2)")
    await mo.sees("Jemand anderes kümmert sich schon darum.")
    await mo.does_not_see("Mia")


async def test_a_muted_person_reads_but_does_not_write_until_it_ends(town: Town) -> None:
    mo = await moderator(town, "Mo")
    nils, petra = await asked_rudely(town)
    number = await reported(town, petra)
    await mo.taps("7 Tage stumm")
    await mo.taps("Beleidige niemanden (Regel 2)")
    await nils.sees("du kannst 7 Tage lang nichts schreiben")
    await nils.replies("Darf ich noch?", to="Kaffee und Kuchen")
    await nils.sees("Du kannst erst ab", f"Fall {number}", "Lesen kannst du weiter alles")
    await nils.says("woche")
    await nils.sees("Kaffee und Kuchen")
    await petra.does_not_see("Darf ich noch?")
    await nils.looks_away()
    await town.later(timedelta(days=7, minutes=1))
    await nils.sees("Du kannst jetzt wieder schreiben")
    await nils.says("1 1")
    await nils.says("Und jetzt?")
    await nils.sees("unterwegs")
    await petra.sees("Und jetzt?")


async def test_an_exclusion_needs_a_second_person(town: Town) -> None:
    mo, mia = await moderator(town, "Mo"), await moderator(town, "Mia")
    nils, petra = await asked_rudely(town)
    number = await reported(town, petra, "Hass")
    await nils.looks_away()
    await mia.looks_away()
    await mo.says(f"/entscheide {number} ausschließen 3")
    await mo.sees("braucht einen zweiten Menschen. Ich habe 1 Person gefragt.")
    await nils.sees_nothing_new()
    await mia.sees(f"In Fall {number} ist ein Ausschluss vorgeschlagen")
    await mo.says(f"{number} 1")
    await mo.sees("Bestätigen muss ihn jemand anderes")
    await mia.taps("Ausschluss bestätigen")
    await mia.sees("ist entschieden: Ausschließen")
    await nils.sees("du kannst hier nichts mehr schreiben")
    await nils.replies("Hallo?", to="Kaffee und Kuchen")
    await nils.sees("Du kannst hier zurzeit nichts schreiben")


async def test_a_second_person_is_asked_once(town: Town) -> None:
    mo, mia, karin = await moderator(town, "Mo"), await moderator(town, "Mia"), await coordinator(town)
    _, petra = await asked_rudely(town)
    number = await reported(town, petra, "Hass")
    await mia.looks_away()
    await karin.looks_away()
    await mo.says(f"/entscheide {number} ausschließen 3")
    asked = [one.text for one in await karin.new()]
    assert len(asked) == 1, asked
    assert f"Fall {number}" in asked[0]
    assert "Ausschließen" in asked[0]
    assert "Ausschluss bestätigen" in await karin.buttons()
    await mia.sees(f"In Fall {number} ist ein Ausschluss vorgeschlagen")


async def test_an_arabic_author_reads_arabic(town: Town) -> None:
    mo = await moderator(town, "Mo")
    nour = await town.newcomer("Nour", language="ar")
    await nour.says("/start")
    await nour.says("1")
    await nour.says("4")
    await nour.says("/tempo")
    await nour.says("1")
    _, petra = await asked_rudely(town, nour)
    await reported(town, petra)
    await mo.taps("Ausblenden")
    await mo.taps("Beleidige niemanden (Regel 2)")
    await nour.sees("أُخفي منشورك", "لا تُهِن أحدًا", "اتخذ القرارَ إنسانٌ")


async def test_kindly_no_twice_not_oneself_and_nothing_forged(town: Town) -> None:
    await moderator(town, "Mo")
    nils, petra = await asked_rudely(town)
    number = await reported(town, petra)
    await petra.taps("Melden")
    await petra.sees(f"Das hast du schon getan (Fall {number})")
    await nils.says(f"/entscheide {number} ausblenden 2")
    await nils.sees("Das können nur Menschen, die moderieren.")
    await nils.says("/meinfall")
    await nils.sees("Du hast nichts gemeldet")


async def test_muted_staff_keep_their_draft_but_send_nothing(town: Town) -> None:
    karin = await coordinator(town)
    nils, petra = await asked_rudely(town)
    await nils.says("1 4")
    await nils.taps("Werbung oder Betrug")
    await petra.says("/ansage")
    await petra.says("Am Freitag 15 Uhr Tee im KAISERS, kostet nichts")
    await karin.taps("7 Tage stumm")
    await karin.taps("Werbung nur nach Absprache (Regel 6)")
    await petra.sees("du kannst 7 Tage lang nichts schreiben")
    await petra.taps("Senden")
    await petra.sees("Du kannst erst ab", "Lesen kannst du weiter alles")
    await town.later(timedelta(seconds=31))
    await nils.does_not_see("Tee im KAISERS")


async def test_one_reads_and_takes_along_what_is_held_about_oneself(town: Town) -> None:
    mo = await moderator(town, "Mo")
    nils, petra = await asked_rudely(town)
    number = await reported(town, petra)
    await mo.taps("7 Tage stumm")
    await mo.taps("Beleidige niemanden (Regel 2)")
    await nils.says("/meinfall")
    await nils.sees(f"Fall {number}, zu deinem Beitrag: 7 Tage stumm. Grund: Beleidige niemanden (Regel 2)")
    await nils.sees("Schreiben kannst du wieder ab")
    await nils.says("/meinedaten")
    await nils.sees("Entscheidungen über dich", "7 Tage stumm")
    await petra.says("/meinedaten")
    await petra.sees("Deine Meldungen", "Beleidigung")
    await nils.says("/delete")
    await nils.taps("Ja, alles löschen")
    await nils.sees("Alles gelöscht")
    await mo.says(f"/fall {number}")
    await mo.sees("Der Inhalt ist gelöscht.", "Entschieden: 7 Tage stumm.")
