"""What a neighbour typed is not lost, and who wrote STOPP, or whose post ran out, is left in peace."""

from __future__ import annotations

from tests.stories.driver import Town
from tests.stories.test_resident_proposes import BED, HALF_A_MINUTE, released, sent


async def test_words_typed_before_the_kind_are_kept(town: Town) -> None:
    mina = await town.resident("Mina")
    await mina.says("/vorschlag")
    await mina.says("0")
    await mina.sees("Was ist es?")
    await mina.says(BED)
    await mina.sees("Kinderbett zu verschenken", "Was ist es?")
    await mina.taps("Angebot")
    await mina.sees("So lesen es deine Nachbarn:", "Kinderbett zu verschenken")


async def test_words_after_the_command_are_kept(town: Town) -> None:
    mina = await town.resident("Mina")
    await mina.says(f"/vorschlag {BED}")
    await mina.sees("Kinderbett zu verschenken", "Was ist es?")
    await mina.taps("Angebot")
    await mina.sees("So lesen es deine Nachbarn:", "Kinderbett zu verschenken")


async def test_who_leaves_before_the_kind_is_told_that_nothing_was_sent(town: Town) -> None:
    mina = await town.resident("Mina")
    await mina.says("/vorschlag")
    await mina.says("abbrechen")
    await mina.sees("Es wurde nichts verschickt.")
    await mina.says("/vorschlag")
    await mina.says(BED)
    await mina.says("/woche")
    await mina.sees("Es wurde nichts verschickt.")
    await mina.says(BED)
    await mina.sees("nicht verstanden")


async def test_after_stop_nothing_comes_and_the_team_answers(town: Town) -> None:
    mina, petra, ali = await released(town)
    await mina.says("STOPP")
    await mina.looks_away()
    await petra.looks_away()
    await ali.replies("Noch da?", to="Kinderbett")
    await petra.sees("Noch da?")
    await ali.taps("Danke sagen")
    await petra.taps("Antworten")
    await ali.looks_away()
    await petra.says("Ruf uns an.")
    await ali.sees("Antwort von KAISERS", "Ruf uns an.")
    await town.at("2026-12-08T09:00")
    await mina.sees_nothing_new()


async def test_after_stop_no_word_about_the_release(town: Town) -> None:
    mina, petra, _ = await sent(town)
    await mina.says("STOPP")
    await mina.looks_away()
    await petra.taps("Freigeben")
    await town.later(HALF_A_MINUTE)
    await mina.sees_nothing_new()


async def test_what_ran_out_is_neither_asked_about_nor_thanked(town: Town) -> None:
    mina, _, ali = await released(town)
    await town.at("2026-12-08T09:00")
    await mina.looks_away()
    await ali.taps("Frage stellen")
    await ali.sees("keine Frage mehr weitergeben")
    await ali.replies("Noch da?", to="Angebot")
    await ali.sees("keine Frage mehr weitergeben")
    await ali.taps("Danke sagen")
    await ali.sees("gibt es nicht mehr")
    await town.at("2026-12-08T19:00")
    await mina.sees_nothing_new()
