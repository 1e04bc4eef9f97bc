"""A resident comes in, in at most three taps, and leaves again without a trace."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.delivery.model import Chat, StoredMedia
from bot.people.model import Account, Person
from tests.stories.driver import Town


async def rows(town: Town, table: type[Person] | type[Chat] | type[StoredMedia]) -> int:
    async with town.house.database.read() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def test_two_taps(town: Town) -> None:
    mina = await town.newcomer("Mina")
    await mina.says("/start")
    await mina.sees(
        "Ich bin der Quartierbote für Hameln", "Deinen Namen und deine Nummer speichere ich nicht"
    )
    assert "العربية" in await mina.buttons()
    assert "Datenschutz" in await mina.buttons()

    await mina.taps("Weiter auf Deutsch")
    await mina.sees("Welches Quartier ist deins?")
    assert (await mina.buttons())[:6] == [
        "Kuckuck",
        "Altstadt",
        "Nordstadt",
        "Südstadt",
        "Ganz Hameln",
        "Weiß ich nicht",
    ]

    await mina.taps("Nordstadt")
    await mina.sees(
        "Nordstadt",
        "Einmal in der Woche, freitags um 16 Uhr. Was vorher ist, kommt am Abend davor.",
        "Von 20 Uhr bis 8 Uhr schreibe ich nur bei großer Gefahr.",
        "Das kommt als Nächstes:",
        "Spielecafé",
    )


async def test_one_tap_from_a_poster(town: Town) -> None:
    mina = await town.newcomer("Mina")
    await mina.says("/start q_nordstadt")
    await mina.taps("Weiter auf Deutsch")
    if not town.has_buttons:
        # Nothing is kept of strangers, so a typed number can't carry the poster's code.
        await mina.taps("Nordstadt")
    await mina.sees("Nordstadt", "Das kommt als Nächstes:")


async def test_a_stranger_leaves_no_trace(town: Town) -> None:
    mina = await town.newcomer("Mina")
    await mina.says("Wer bist du?")
    await mina.sees("Ich bin der Quartierbote")
    assert await rows(town, Person) == 0
    await town.later(timedelta(hours=25))
    await town.house.tidy()
    assert await rows(town, Chat) == 0


async def test_in_arabic(town: Town) -> None:
    omar = await town.newcomer("Omar", language="ar")
    await omar.says("/start")
    await omar.sees("أنا «كفارتيربوته»")
    await omar.taps("المتابعة: \u2068العربية\u2069")
    await omar.sees("ما هو حيّك؟")
    await omar.taps("Südstadt")
    await omar.sees("الجمعة")


async def test_typed_numbers_and_words_work_everywhere(town: Town) -> None:
    erna = await town.newcomer("Erna")
    await erna.says("hallo")
    await erna.says("1")
    await erna.sees("Welches Quartier ist deins?")
    await erna.says("südstadt")
    await erna.sees("Südstadt")


async def test_not_sure_which_quartier(town: Town) -> None:
    mina = await town.newcomer("Mina")
    await mina.says("/start")
    await mina.taps("Weiter auf Deutsch")
    await mina.taps("Weiß ich nicht")
    await mina.sees("Welcher Treffpunkt ist in deiner Nähe?")
    await mina.taps("KAISERS, Kaiserstr. 80")
    await mina.sees("Südstadt")


async def test_stopp_ends_everything_and_start_brings_it_back(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("stopp")
    await mina.sees("du bekommst nichts mehr von mir", "/start")
    await mina.says("/start")
    await mina.sees("Schön, dass du wieder da bist!", "Nordstadt")


async def test_stopp_inside_a_form_leaves_only_the_form(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("/ruhe")
    await mina.says("Stopp!")
    await mina.sees("wir lassen das")
    await mina.says("/quartier")
    await mina.sees("Nordstadt")


async def test_help_names_the_emergency_numbers_in_every_language(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    for word in ("HILFE", "help", "مساعدة"):
        await mina.says(word)
        await mina.sees("110", "112", "niemand rund um die Uhr")


async def test_unknown_text_gets_a_way_on(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("asdfgh")
    await mina.sees("Das habe ich nicht verstanden", "Menschen")
    assert "Einstellungen" in await mina.buttons()


async def test_settings(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("menü")
    await mina.taps("Wie oft")
    await mina.taps("Jeden Abend")
    await mina.sees("einmal am Tag, um 18 Uhr")
    await mina.taps("Ruhezeit")
    await mina.says("19-7")
    await mina.sees("Von 19 Uhr bis 7 Uhr")
    await mina.says("/quartier")
    await mina.taps("Altstadt dazu")
    await mina.sees("Altstadt und Nordstadt")
    await mina.says("/language")
    await mina.taps("English")
    await mina.sees("From now on I write to you in English")
    await mina.taps("Announcements in Deutsch too")
    await mina.sees("two languages")


async def test_today_and_week(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("woche")
    await mina.sees("Die nächsten sieben Tage", "Mittwoch, 25. November", "Spielecafé")
    await town.at("2026-11-25T09:00")
    await mina.says("heute")
    await mina.sees("Heute, Mittwoch, 25. November", "15 bis 17:30 Uhr: Spielecafé")


async def test_export_and_delete_finish_in_the_chat(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("/privacy")
    await mina.sees("/export gibt dir alles")
    await mina.taps("Meine Daten ansehen")
    await mina.sees("Ich kenne dich seit Montag, 23. November", "Nordstadt", "freitags um 16 Uhr")
    await mina.says("/delete")
    await mina.taps("Ja, alles löschen")
    await mina.sees("Alles gelöscht")
    assert await rows(town, Person) == 0
    await town.later(timedelta(hours=25))
    await town.house.tidy()
    assert await rows(town, Chat) == 0


async def test_imprint_in_two_taps(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("/impressum")
    await mina.sees("Impressum", "Hameln")
    await mina.says("/regeln")
    await mina.sees("Beleidige niemanden")


async def test_words_of_ones_own_name_the_quartier(town: Town) -> None:
    mina = await town.newcomer("Mina")
    await mina.says("/start")
    await mina.taps("Weiter auf Deutsch")
    await mina.says("keine Ahnung")
    await mina.sees("Dieses Quartier kenne ich nicht", "Welches Quartier ist deins?")
    await mina.says("Ich wohne in der Nordstadt!")
    await mina.sees("Nordstadt", "Das kommt als Nächstes:")


async def test_commands_take_their_answer_along(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("/tempo sofort")
    await mina.sees("Ich schreibe dir sofort")
    await mina.says("/ruhe 19-7")
    await mina.sees("Von 19 Uhr bis 7 Uhr")
    await mina.says("/quartier altstadt")
    await mina.sees("Altstadt und Nordstadt")
    await mina.says("/ruhe 99")
    await mina.sees("Schreib zwei Stunden von 0 bis 23")


async def test_the_beginning_of_a_label_is_enough(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("/delete")
    await mina.says("ja")
    await mina.sees("Alles gelöscht")


async def test_stopp_stays_stopp_through_block_and_unblock(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.says("stopp")
    await mina.hand.blocks()
    await town.settled()
    await mina.hand.unblocks()
    await town.settled()
    async with town.house.database.read() as session:
        (person,) = (await session.scalars(select(Account.person_id))).all()
        assert (await town.house.features.people.settings(session, person)).paused


async def test_a_photo_that_nobody_asked_for(town: Town) -> None:
    mina = await town.resident("Mina", "Nordstadt", pace="")
    await mina.sends_photo(b"not even a photo")
    await mina.sees("Mit Fotos und Dateien kann ich hier nichts anfangen")


async def test_a_strangers_photo_is_not_even_fetched(town: Town) -> None:
    mina = await town.newcomer("Mina")
    await mina.sends_photo(b"not even a photo")
    await mina.sees("Ich bin der Quartierbote")
    assert await rows(town, StoredMedia) == 0
