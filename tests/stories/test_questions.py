"""A question about an announcement goes to its Treffpunkt, and the answer returns; no names either way."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.questions.model import Message
from tests.stories.driver import Neighbour, Town

TEXT = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts, bitte eigene Tasse mitbringen"


async def announced(town: Town) -> tuple[Neighbour, Neighbour]:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await petra.says("/ansage")
    await petra.says(TEXT)
    await petra.taps("Senden")
    await mina.looks_away()
    await town.later(timedelta(seconds=31))
    await mina.sees("Kaffee und Kuchen", "Donnerstag, 26. November, 15 Uhr", "KAISERS, Kaiserstr. 80")
    return mina, petra


async def test_by_replying(town: Town) -> None:
    mina, petra = await announced(town)
    await petra.looks_away()
    await mina.replies("Gibt es auch vegan?", to="Kaffee und Kuchen")
    await mina.sees("Deine Frage ist unterwegs zu KAISERS", "05151")
    await petra.sees("Gibt es auch vegan?")
    await petra.does_not_see("Mina")

    await mina.looks_away()
    await petra.replies("Ja, Apfelkuchen.", to="Gibt es auch vegan?")
    await petra.sees("Deine Antwort ist unterwegs")
    await mina.sees("Antwort von KAISERS", "Gibt es auch vegan?", "Ja, Apfelkuchen.")
    await mina.does_not_see("Petra")


async def test_by_buttons_and_a_second_question(town: Town) -> None:
    mina, petra = await announced(town)
    await mina.taps("Frage stellen")
    await mina.says("Darf der Hund mit?")
    await petra.taps("Antworten")
    await mina.looks_away()
    await petra.says("Klar!")
    await mina.sees("Klar!")
    await petra.looks_away()
    await mina.taps("Noch etwas fragen")
    await mina.says("Auch ein großer?")
    await petra.sees("Auch ein großer?")


async def test_at_night_staff_are_left_in_peace(town: Town) -> None:
    mina, petra = await announced(town)
    await town.at("2026-11-23T22:00")
    await petra.looks_away()
    await mina.replies("Ist da noch wer?", to="Kaffee und Kuchen")
    await petra.sees_nothing_new()
    await mina.sees("Das Team liest es ab 8 Uhr.")
    await town.at("2026-11-24T08:00")
    await petra.sees("Ist da noch wer?")


async def test_a_pushed_message_never_takes_over_open_numbers(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await petra.says("/ansage")
    await petra.says(TEXT)
    await petra.taps("Senden")
    await mina.says("/tempo")
    await town.later(timedelta(seconds=31))
    await mina.sees("Kaffee und Kuchen")
    await mina.says("2")
    await mina.sees("einmal am Tag, um 18 Uhr")
    await mina.says("1 1")
    await mina.sees("Was möchtest du zu „Kaffee und Kuchen“ wissen?")


async def test_who_leaves_takes_the_question_along(town: Town) -> None:
    mina, petra = await announced(town)
    await mina.replies("Gibt es auch vegan?", to="Kaffee und Kuchen")
    await mina.says("/delete")
    await mina.taps("Ja, alles löschen")
    await petra.says("/abbrechen")
    await petra.taps("Antworten")
    await petra.sees("gibt es nicht mehr")


async def test_by_day_no_hour_is_named(town: Town) -> None:
    mina, _ = await announced(town)
    await mina.replies("Gibt es auch vegan?", to="Kaffee und Kuchen")
    await mina.does_not_see("Das Team liest es ab")


async def test_what_can_not_be_seen_is_not_kept(town: Town) -> None:
    mina, petra = await announced(town)
    await mina.replies("Gibt es \u202eauch\x07 vegan?", to="Kaffee und Kuchen")
    await petra.replies("Ja, \u202eApfel\x07kuchen.", to="vegan?")
    async with town.house.database.read() as session:
        kept = (await session.scalars(select(Message).order_by(Message.item_id))).all()
    assert [message.text for message in kept] == ["Gibt es auch vegan?", "Ja, Apfelkuchen."]


async def test_who_looks_elsewhere_is_told_that_nothing_was_sent(town: Town) -> None:
    mina, petra = await announced(town)
    await mina.taps("Frage stellen")
    await mina.says("/woche")
    await mina.sees("Es wurde nichts verschickt.", "Kaffee und Kuchen")
    await mina.taps("Frage stellen")
    await mina.says("Darf der Hund mit?")
    await petra.taps("Antworten")
    await petra.says("/woche")
    await petra.sees("Es wurde nichts verschickt.")
    await petra.taps("Antworten")
    await petra.says("abbrechen")
    await petra.sees("Es wurde nichts verschickt.")


async def test_where_numbers_are_typed_it_says_that_both_are(town: Town) -> None:
    mina, petra = await announced(town)
    if not town.has_buttons:
        await mina.sees("Schreib beide Zahlen, zum Beispiel: ")
    await petra.looks_away()
    await mina.replies("Gibt es auch vegan?", to="Kaffee und Kuchen")
    if not town.has_buttons:
        await petra.sees("Schreib beide Zahlen, zum Beispiel: ")
