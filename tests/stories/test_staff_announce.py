"""Staff announce: two messages, one tap; read in each reader's language; stopped, corrected, withdrawn."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from PIL import Image

from bot.people.model import Role
from tests.stories.driver import Neighbour, Town

CAKE = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts, bitte eigene Tasse mitbringen"
HALF_A_MINUTE = timedelta(seconds=31)


def picture() -> bytes:
    """A small photo."""
    content = BytesIO()
    Image.new("RGB", (40, 30), "brown").save(content, "JPEG")
    return content.getvalue()


async def announces(staff: Neighbour, words: str = CAKE) -> None:
    """Up to the preview."""
    await staff.says("/ansage")
    await staff.says(words)


async def test_two_messages_and_one_tap(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await staff.says("/ansage")
    await staff.sees("Was möchtest du ansagen? Schreib einfach los.")
    await staff.says(CAKE)
    await staff.sees(
        "So kommt es an:",
        "Kaffee und Kuchen",
        "Wann: Donnerstag, 26. November, 15 Uhr",
        "Wo: KAISERS, Kaiserstr. 80",
        "Bitte eigene Tasse mitbringen.",
        "KAISERS, Südstadt",
        "An: Südstadt. 2 Menschen.",
        "2 Menschen sofort",
    )
    await reader.looks_away()
    await staff.taps("Senden")
    await staff.sees("Geht in 30 Sekunden raus.")
    await reader.sees_nothing_new()
    await town.later(HALF_A_MINUTE)
    await reader.sees("Kaffee und Kuchen", "Wann: Donnerstag, 26. November, 15 Uhr")
    await staff.sees("2 von 2 haben es.")


async def test_stopped_in_time(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Senden")
    await staff.taps("Halt, noch nicht")
    await staff.sees("Angehalten.", "So kommt es an:")
    await reader.looks_away()
    await town.later(HALF_A_MINUTE)
    await reader.sees_nothing_new()


async def test_plain_words_change_the_preview(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff)
    await staff.says("doch Freitag 16 Uhr")
    await staff.sees("Wann: Freitag, 27. November, 16 Uhr")
    await staff.says("im Fuchsbau")
    await staff.sees("Wo: Fuchsbau, Musterweg 4", "Wann: Freitag, 27. November, 16 Uhr")
    await staff.says("kostet 3 Euro")
    await staff.sees("Kosten: 3")
    await staff.says("Wir freuen uns auf euch und auf alle, die noch kommen wollen")
    await staff.sees("Was soll ich damit machen?")
    await staff.taps("Dazuschreiben")
    await staff.sees("So kommt es an:", "Wir freuen uns auf euch")


async def test_taps_change_the_preview(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff)
    await staff.taps("Ändern")
    await staff.sees("Was möchtest du ändern?")
    await staff.taps("Überschrift")
    await staff.says("Kuchen für alle")
    await staff.sees("Kuchen für alle", "So kommt es an:")
    await staff.taps("Andere Quartiere")
    await staff.taps("Nordstadt")
    await staff.taps("Fertig")
    await staff.sees("KAISERS, Nordstadt und Südstadt")


async def test_an_impossible_day_is_asked_about(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff, "Freitag, 26.11., 15 Uhr Spielenachmittag im KAISERS")
    await staff.sees("Wochentag und Datum passen nicht zusammen.")
    await staff.taps("Freitag, 27. November, 15 Uhr")
    await staff.sees("So kommt es an:", "Wann: Freitag, 27. November, 15 Uhr")


async def test_a_missing_fact_is_asked_for_once_and_may_be_left_out(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff, "Donnerstag 15 Uhr Kaffee und Kuchen")
    await staff.sees("Wo ist das?")
    await staff.taps("Weglassen")
    await staff.sees("So kommt es an:")


async def test_discarded(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff)
    await staff.taps("Verwerfen")
    await staff.sees("Verworfen. Niemand hat etwas bekommen.")


async def test_a_photo_is_asked_about_and_arrives(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await staff.says("/ansage")
    await staff.sends_photo(picture(), "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS")
    await staff.sees("Sind auf dem Foto Menschen zu erkennen?")
    await staff.taps("Nein, niemand")
    await staff.sees("Was ist auf dem Bild zu sehen?")
    await staff.says("Ein Kuchen auf einem Tisch")
    await staff.sees("So kommt es an:", "Kaffee und Kuchen")
    await reader.looks_away()
    await staff.taps("Senden")
    await town.later(HALF_A_MINUTE)
    await reader.sees("Kaffee und Kuchen")


async def test_a_photo_without_words_is_asked_for_words(town: Town) -> None:
    staff = await town.staff("Mira")
    await staff.says("/ansage")
    await staff.sends_photo(picture())
    await staff.sees("Was soll dazu stehen?")
    await staff.says(CAKE)
    await staff.sees("Sind auf dem Foto Menschen zu erkennen?")
    await staff.taps("Foto weglassen")
    await staff.sees("So kommt es an:")


async def test_a_file_that_is_no_picture_is_refused_with_a_way_on(town: Town) -> None:
    staff = await town.staff("Mira")
    await staff.says("/ansage")
    await staff.sends_photo(b"no picture at all")
    await staff.sees("Foto")
    await staff.says(CAKE)
    await staff.sees("So kommt es an:")


async def test_read_in_arabic_with_a_translation_by_hand(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.newcomer("Ali", language="ar")
    await reader.says("/start")
    label = (await reader.buttons())[0]
    await reader.taps(label)
    await reader.taps("Südstadt")
    await reader.says("/pace")
    await reader.taps((await reader.buttons())[0])
    await announces(staff)
    await staff.taps("Übersetzung dazuschreiben")
    await staff.taps("العربية")
    await staff.says("قهوة وكعك\nأحضر كوبك من فضلك.")
    await staff.sees("Übersetzt: Arabisch")
    await reader.looks_away()
    await staff.taps("Senden")
    await town.later(HALF_A_MINUTE)
    await reader.sees("قهوة وكعك", "الموعد", "ترجمه إنسان")
    await reader.taps("لغة أخرى")
    await reader.taps("النص الأصلي (\u2068الألمانية\u2069)")
    await reader.sees("Kaffee und Kuchen")


async def test_corrected_everywhere_and_the_new_date_sent_anew(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Senden")
    await town.later(HALF_A_MINUTE)
    await staff.says("/berichtigen")
    await staff.taps("Kaffee und Kuchen")
    await staff.sees("So steht es dann überall:")
    await staff.says("doch Freitag 16 Uhr")
    await reader.looks_away()
    await staff.taps("Senden")
    await town.later(HALF_A_MINUTE)
    await reader.sees("Geändert: Kaffee und Kuchen", "Jetzt: Freitag, 27. November, 16 Uhr")


async def test_withdrawn_everywhere(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Senden")
    await town.later(HALF_A_MINUTE)
    await reader.sees("Kaffee und Kuchen")
    await staff.says("/zurückziehen")
    await staff.taps("Kaffee und Kuchen")
    await staff.taps("Ja, zurückziehen")
    await town.settled()
    await reader.does_not_see("Bitte eigene Tasse mitbringen.")


async def test_a_template_asks_field_by_field(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await staff.says("/ansage")
    await staff.taps("Vorlage nehmen")
    await staff.taps("Geschlossen")
    await staff.sees("Was ist geschlossen?")
    await staff.taps("KAISERS")
    await staff.says("24.12. bis 2.1.")
    for _ in range(3):
        if "Weglassen" in await staff.buttons():
            await staff.taps("Weglassen")
    await staff.sees("So kommt es an:", "Geschlossen: KAISERS")
    await reader.looks_away()
    await staff.taps("Senden")
    await town.later(HALF_A_MINUTE)
    await reader.sees("Geschlossen: KAISERS")


async def test_sent_at_a_time(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Später senden")
    await staff.says("morgen 9 Uhr")
    await staff.sees("Ich sende es: Dienstag, 24. November, 9 Uhr")
    await reader.looks_away()
    await town.at("2026-11-24T08:59")
    await reader.sees_nothing_new()
    await town.at("2026-11-24T09:00")
    await reader.sees("Kaffee und Kuchen")


async def test_a_warning_needs_a_second_person(town: Town) -> None:
    staff, second = await town.staff("Mira"), await town.staff("Jonas", role=Role.COORDINATOR)
    reader = await town.resident("Ali", pace="")
    await staff.says("/vorlagen")
    await staff.taps("Warnung")
    await staff.says("Bombenfund")
    await staff.says("Bahnhof")
    for _ in range(5):
        if "Weglassen" in await staff.buttons():
            await staff.taps("Weglassen")
    await staff.sees("So kommt es an:", "Ein zweiter Mensch muss sie freigeben.")
    await reader.looks_away()
    await second.looks_away()
    await staff.taps("Um Freigabe bitten")
    await staff.sees("Jetzt ist 1 Mensch gefragt.")
    await reader.sees_nothing_new()
    await second.sees("Bitte prüf diese Warnung.", "Bombenfund")
    await second.taps("Freigeben")
    await reader.sees("Warnung: Bombenfund")


async def test_alone_there_is_nobody_to_release_a_warning(town: Town) -> None:
    staff = await town.staff("Mira")
    await staff.says("/vorlagen")
    await staff.taps("Warnung")
    await staff.says("Bombenfund")
    await staff.says("Bahnhof")
    for _ in range(5):
        if "Weglassen" in await staff.buttons():
            await staff.taps("Weglassen")
    await staff.taps("Um Freigabe bitten")
    await staff.sees("Eine Warnung braucht einen zweiten Menschen", "112")


async def test_without_a_role_a_friendly_sentence(town: Town) -> None:
    reader = await town.resident("Ali")
    await reader.says("/ansage")
    await reader.sees("Ansagen machen hier die Teams der Treffpunkte.")


async def test_a_draft_that_was_left_is_found_again(town: Town) -> None:
    staff = await town.staff("Mira")
    await announces(staff)
    await staff.says("/abbrechen")
    await staff.says("/posts")
    await staff.sees("Kaffee und Kuchen: noch nicht gesendet.")
    await staff.taps("Kaffee und Kuchen")
    await staff.taps("Weiter daran schreiben")
    await staff.sees("So kommt es an:")


async def test_the_coordinator_chooses_for_whom(town: Town) -> None:
    coordinator = await town.staff("Jonas", role=Role.COORDINATOR)
    await coordinator.says("/ansage")
    await coordinator.sees("Für wen möchtest du etwas ansagen?")
    await coordinator.taps("Hameln")
    await coordinator.says("Die Stadt lädt ein: am Donnerstag 15 Uhr auf dem Marktplatz, Eintritt frei")
    if "Weglassen" in await coordinator.buttons():
        await coordinator.taps("Weglassen")
    await coordinator.sees("Hameln, für ganz Hameln", "An: ganz Hameln.")


async def test_words_typed_before_the_place_are_kept(town: Town) -> None:
    petra = await town.staff("Petra", role=Role.COORDINATOR)
    await petra.says("/ansage")
    await petra.sees("Für wen")
    await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
    await petra.sees("Kaffee und Kuchen", "Für wen")
    await petra.taps("KAISERS")
    await petra.sees("Kaffee und Kuchen", "Donnerstag, 26. November")
