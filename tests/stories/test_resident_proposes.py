"""A neighbour proposes, a Treffpunkt releases, neighbours answer each other: no names on any way."""

from __future__ import annotations

from datetime import timedelta

from bot.people.model import Role
from tests.stories.driver import Neighbour, Town
from tests.stories.test_staff_announce import picture

HALF_A_MINUTE = timedelta(seconds=31)
BED = "Kinderbett zu verschenken. Es ist fast neu, mit Matratze."


async def proposes(somebody: Neighbour, words: str = BED, kind: str = "Angebot") -> None:
    """Up to the preview."""
    await somebody.says("/vorschlag")
    await somebody.taps(kind)
    await somebody.says(words)


async def sent(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """Mina has proposed her bed; Petra works at the KAISERS, Ali lives next door."""
    petra, ali, mina = await town.staff("Petra"), await town.resident("Ali"), await town.resident("Mina")
    await proposes(mina)
    await petra.looks_away()
    await mina.taps("Abschicken")
    return mina, petra, ali


async def released(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    mina, petra, ali = await sent(town)
    await petra.taps("Freigeben")
    await ali.looks_away()
    await mina.looks_away()
    await town.later(HALF_A_MINUTE)
    return mina, petra, ali


async def test_released_it_reaches_the_neighbours(town: Town) -> None:
    mina, petra, ali = await sent(town)
    await mina.sees("Ein Mensch vom Treffpunkt liest es")
    await petra.sees(
        "aus der Nachbarschaft", "Angebot", "Kinderbett zu verschenken", "Bis: Montag, 7. Dezember"
    )
    await petra.does_not_see("Mina")
    await petra.taps("Freigeben")
    await petra.sees("Geht in 30 Sekunden raus.")
    await ali.looks_away()
    await mina.looks_away()
    await town.later(HALF_A_MINUTE)
    await ali.sees(
        "Angebot", "Kinderbett zu verschenken", "Aus der Nachbarschaft (Südstadt), freigegeben von: KAISERS"
    )
    await mina.sees("ist jetzt bei den Nachbarn")
    await ali.does_not_see("Mina")


async def test_neighbours_answer_each_other_through_the_bot(town: Town) -> None:
    mina, petra, ali = await released(town)
    await petra.looks_away()
    await ali.replies("Ich nehme es gern!", to="Kinderbett")
    await ali.sees("ohne deinen Namen und deine Nummer")
    await mina.sees("zu deinem Beitrag „Kinderbett zu verschenken“", "Ich nehme es gern!")
    await mina.does_not_see("Ali")
    await petra.sees_nothing_new()
    await ali.looks_away()
    await mina.taps("Antworten")
    await mina.says("Komm doch am Freitag in den KAISERS.")
    await mina.sees("Deine Antwort ist unterwegs.")
    await ali.sees("Antwort aus der Nachbarschaft", "Komm doch am Freitag in den KAISERS.")
    await ali.does_not_see("Mina")
    await mina.looks_away()
    await ali.taps("Noch etwas fragen")
    await ali.says("Um drei?")
    await mina.sees("Um drei?")


async def test_at_night_the_author_is_left_in_peace(town: Town) -> None:
    mina, _, ali = await released(town)
    await town.at("2026-11-23T22:00")
    await mina.looks_away()
    await ali.replies("Noch da?", to="Kinderbett")
    await mina.sees_nothing_new()
    await town.at("2026-11-24T08:00")
    await mina.sees("Noch da?")


async def test_who_blocked_us_is_answered_for_by_the_team(town: Town) -> None:
    mina, petra, ali = await released(town)
    await mina.hand.blocks()
    await town.settled()
    await petra.looks_away()
    await ali.replies("Noch da?", to="Kinderbett")
    await petra.sees("Noch da?")


async def test_declined_with_a_reason_and_tried_again(town: Town) -> None:
    mina, petra, _ = await sent(town)
    await petra.taps("Ablehnen")
    await petra.sees("Warum nicht?")
    await mina.looks_away()
    await petra.taps("Nicht klar")
    await petra.sees("Abgelehnt.")
    await mina.sees("Kinderbett zu verschenken", "Es ist noch nicht klar, was gemeint ist.")
    await mina.does_not_see("Petra")
    await mina.taps("Selbst überarbeiten")
    await mina.taps("Neu schreiben")
    await mina.says("Kinderbett zu verschenken, 70 mal 140")
    await petra.looks_away()
    await mina.taps("Abschicken")
    await petra.sees("70 mal 140")


async def test_a_reason_in_own_words(town: Town) -> None:
    mina, petra, _ = await sent(town)
    await petra.taps("Ablehnen")
    await mina.looks_away()
    await petra.says("Bitte ohne Matratze, wegen der Hygiene.")
    await mina.sees("Bitte ohne Matratze, wegen der Hygiene.")


async def test_edited_with_consent(town: Town) -> None:
    mina, petra, ali = await sent(town)
    await petra.taps("Änderung vorschlagen")
    await mina.looks_away()
    await petra.says("Kinderbett kostenlos abzugeben. Mit Matratze.")
    await petra.sees("Ich frage nach")
    await mina.sees("Ist das in Ordnung für dich?", "Kinderbett kostenlos abzugeben")
    await town.later(HALF_A_MINUTE)
    await ali.does_not_see("Kinderbett")
    await petra.looks_away()
    await mina.taps("Einverstanden")
    await petra.sees("Deine Änderung ist in Ordnung.")
    await ali.looks_away()
    await town.later(HALF_A_MINUTE)
    await ali.sees("Kinderbett kostenlos abzugeben", "freigegeben von: KAISERS")
    await ali.does_not_see("fast neu")


async def test_without_consent_nothing_leaves(town: Town) -> None:
    mina, petra, ali = await sent(town)
    await petra.taps("Änderung vorschlagen")
    await petra.says("Bett!")
    await petra.looks_away()
    await mina.taps("Nein, so nicht")
    await petra.sees("Die Änderung war nicht recht", "Kinderbett zu verschenken")
    await town.later(HALF_A_MINUTE)
    await ali.does_not_see("Bett")
    await petra.taps("Freigeben")
    await town.later(HALF_A_MINUTE)
    await ali.sees("Kinderbett zu verschenken")


async def test_two_tap_at_once_and_one_wins(town: Town) -> None:
    jonas = await town.staff("Jonas")
    _, petra, ali = await sent(town)
    await petra.taps("Freigeben")
    await petra.sees("Geht in 30 Sekunden raus.")
    await jonas.taps("Ablehnen")
    await jonas.sees("Dieser Vorschlag ist schon freigegeben.")
    await town.later(HALF_A_MINUTE)
    await ali.sees("Kinderbett")


async def test_halted_in_time_it_waits_again(town: Town) -> None:
    mina, petra, ali = await sent(town)
    await petra.taps("Freigeben")
    await petra.says("stopp")
    await petra.sees("Angehalten.", "Kinderbett zu verschenken")
    await ali.looks_away()
    await mina.looks_away()
    await town.later(HALF_A_MINUTE)
    await ali.sees_nothing_new()
    await mina.sees_nothing_new()
    await petra.says("/vorschläge")
    await petra.taps("Kinderbett zu verschenken")
    await petra.taps("Freigeben")
    await town.later(HALF_A_MINUTE)
    await ali.sees("Kinderbett")


async def test_its_author_takes_it_back_everywhere(town: Town) -> None:
    mina, _, ali = await released(town)
    await mina.says("/meinevorschläge")
    await mina.sees("„Kinderbett zu verschenken“: veröffentlicht, bis Montag, 7. Dezember")
    await mina.taps("Kinderbett zu verschenken")
    await mina.taps("Zurücknehmen")
    await mina.taps("Ja")
    await mina.sees("Dein Beitrag wird überall zurückgenommen.")
    await ali.does_not_see("Kinderbett")


async def test_taken_back_before_anybody_decided(town: Town) -> None:
    mina, petra, _ = await sent(town)
    await mina.taps("Meine Vorschläge")
    await mina.taps("Kinderbett zu verschenken")
    await mina.taps("Zurücknehmen")
    await mina.taps("Ja")
    await petra.taps("Freigeben")
    await petra.sees("Dieser Vorschlag ist schon zurückgenommen.")


async def test_the_team_takes_it_back_and_the_author_hears(town: Town) -> None:
    mina, petra, ali = await released(town)
    await petra.says("/zurückziehen")
    await petra.taps("Kinderbett zu verschenken")
    await mina.looks_away()
    await petra.taps("Ja, zurückziehen")
    await ali.does_not_see("Kinderbett")
    await mina.sees("wurde zurückgenommen, und zwar von: KAISERS")


async def test_it_runs_out_and_goes_on_by_a_tap(town: Town) -> None:
    mina, _, ali = await released(town)
    await mina.looks_away()
    await town.at("2026-12-08T09:00")
    await mina.sees("„Kinderbett zu verschenken“ ist abgelaufen")
    await mina.taps("Zwei Wochen länger")
    await mina.sees("Es bleibt bis Dienstag, 22. Dezember stehen.")
    await ali.sees("Bis: Dienstag, 22. Dezember")


async def test_an_event_is_understood_and_asked_about(town: Town) -> None:
    petra, mina = await town.staff("Petra"), await town.resident("Mina")
    await proposes(mina, "Hofflohmarkt am Samstag 11 Uhr", kind="Veranstaltung")
    await mina.sees("Wo")
    await mina.says("Hof Kaiserstr. 12")
    await mina.sees("So lesen es deine Nachbarn:", "Wann: Samstag, 28. November, 11 Uhr", "Hof Kaiserstr. 12")
    await mina.says("doch 10 Uhr")
    await mina.sees("Wann: Samstag, 28. November, 10 Uhr")
    await mina.taps("Abschicken")
    await petra.sees("Hofflohmarkt", "10 Uhr")


async def test_a_photo_comes_along(town: Town) -> None:
    petra, mina, ali = await town.staff("Petra"), await town.resident("Mina"), await town.resident("Ali")
    await mina.says("/vorschlag")
    await mina.taps("Angebot")
    await mina.sends_photo(picture(), BED)
    await mina.sees("Menschen")
    await mina.taps("Nein, niemand")
    await mina.taps("Weglassen")
    await mina.taps("Abschicken")
    await petra.taps("Freigeben")
    await town.later(HALF_A_MINUTE)
    await ali.sees("Kinderbett")


async def test_the_last_day_and_the_quartier_can_be_changed(town: Town) -> None:
    mina = await town.resident("Mina")
    await proposes(mina)
    await mina.taps("Anderes Enddatum")
    await mina.says("1.12.")
    await mina.sees("Bis: Dienstag, 1. Dezember")
    await mina.taps("Anderes Enddatum")
    await mina.says("gestern")
    await mina.sees("Der Tag muss")
    await mina.says("24.12.2027")
    await mina.sees("in den nächsten zwei Monaten")
    await mina.taps("Zurück")
    await mina.taps("Anderes Quartier")
    await mina.taps("Nordstadt")
    await mina.sees("Aus der Nachbarschaft (Nordstadt)")


async def test_nothing_that_was_typed_is_lost(town: Town) -> None:
    mina = await town.resident("Mina")
    await mina.says("/vorschlag")
    await mina.taps("Idee")
    await mina.says("a" * 3001)
    await mina.sees("Das ist zu lang.")
    await mina.says("Eine Bank vor dem KAISERS")
    await mina.sees("So lesen es deine Nachbarn:")
    await mina.says("Und ein Tisch dazu.")
    await mina.sees("Was soll ich damit machen?")
    await mina.taps("Dazuschreiben")
    await mina.sees("Eine Bank vor dem KAISERS", "Und ein Tisch dazu.")
    await mina.says("/heute")
    await mina.sees("bleibt aufgehoben")
    await mina.says("/vorschlag")
    await mina.taps("Weiter mit „Eine Bank vor dem KAISERS“")
    await mina.says("zurück")
    await mina.sees("bleibt aufgehoben")


async def test_no_more_than_three_wait(town: Town) -> None:
    await town.staff("Petra")
    mina = await town.resident("Mina")
    for number in range(3):
        await proposes(mina, f"Ding Nummer {number} zu verschenken")
        await mina.taps("Abschicken")
    await mina.says("/vorschlag")
    await mina.sees("Es warten schon 3 Vorschläge von dir.")


async def test_an_organisation_speaks_in_its_name(town: Town) -> None:
    petra, ali = await town.staff("Petra"), await town.resident("Ali")
    karin = await town.staff("Karin", role=Role.COORDINATOR)
    await karin.says("/einladen")
    await karin.taps("Organisation")
    await karin.taps("Leihregal Südstadt (Muster)")
    text = "\n".join(one.text for one in await karin.new())
    code = text.split("/rolle ")[1][:10]
    olga = await town.resident("Olga")
    await olga.says(f"/rolle {code}")
    await olga.sees("Organisation Leihregal Südstadt (Muster)")
    await olga.says("/vorschlag")
    await olga.taps("Leihregal Südstadt (Muster)")
    await olga.taps("Zum Leihen")
    await olga.says("Tischtennisplatte gegen Pfand")
    await olga.taps("Abschicken")
    await petra.taps("Freigeben")
    await ali.looks_away()
    await town.later(HALF_A_MINUTE)
    await ali.sees("Tischtennisplatte", "Leihregal Südstadt (Muster) (Südstadt), freigegeben von: KAISERS")
    await ali.replies("Bis wann?", to="Tischtennisplatte")
    await olga.sees("Bis wann?")
    await ali.looks_away()
    await olga.replies("Bis Sonntag.", to="Bis wann?")
    await ali.sees("Antwort von Leihregal Südstadt (Muster)", "Bis Sonntag.")


async def test_who_leaves_takes_their_words_along(town: Town) -> None:
    mina, petra, ali = await released(town)
    await mina.says("/vorschlag")
    await mina.taps("Idee")
    await mina.says("Eine Schaukel")
    await mina.taps("Abschicken")
    await petra.sees("Eine Schaukel")
    await mina.says("/delete")
    await mina.taps("Ja, alles löschen")
    await mina.sees("Alles gelöscht")
    await ali.does_not_see("Kinderbett")
    await petra.does_not_see("Eine Schaukel")


async def test_where_nobody_works_the_coordinator_reads_it(town: Town) -> None:
    karin, mina = await town.staff("Karin", role=Role.COORDINATOR), await town.resident("Mina")
    await proposes(mina)
    await karin.looks_away()
    await mina.taps("Abschicken")
    await karin.sees("Kinderbett")


async def test_at_night_the_team_is_left_in_peace(town: Town) -> None:
    petra, mina = await town.staff("Petra"), await town.resident("Mina")
    await proposes(mina)
    await town.at("2026-11-23T22:00")
    await petra.looks_away()
    await mina.taps("Abschicken")
    await petra.sees_nothing_new()
    await town.at("2026-11-24T08:00")
    await petra.sees("Kinderbett")
