"""Somebody blocks the bot in the middle of it all, and lets it in again."""

from __future__ import annotations

from tests.stories.driver import Town
from tests.stories.test_staff_announce import HALF_A_MINUTE, announces


async def test_what_was_taken_back_meanwhile_goes_when_they_are_back(town: Town) -> None:
    staff, mina = await town.staff("Mira"), await town.resident("Mina")
    await announces(staff)
    await staff.taps("Senden")
    await town.later(HALF_A_MINUTE)
    await mina.sees("Bitte eigene Tasse mitbringen.")
    await mina.hand.blocks()
    await town.settled()
    await staff.says("/zurückziehen")
    await staff.taps("Kaffee und Kuchen")
    await staff.taps("Ja, zurückziehen")
    await mina.hand.unblocks()
    await town.settled()
    await mina.does_not_see("Bitte eigene Tasse mitbringen.")


async def test_whoever_blocks_us_before_it_leaves_is_counted_and_reads_on_when_back(town: Town) -> None:
    staff, mina = await town.staff("Mira"), await town.resident("Mina")
    await announces(staff)
    await staff.taps("Senden")
    await mina.hand.blocks()
    await town.later(HALF_A_MINUTE)
    await staff.sees("1 von 2 haben es.", "1 Mensch hat mich blockiert")
    await mina.hand.unblocks()
    await town.settled()
    await mina.does_not_see("Bitte eigene Tasse mitbringen.")  # what they missed is past
    await announces(staff, "Am Freitag 15 Uhr Waffeln im KAISERS, kostet nichts")
    await staff.taps("Senden")
    await town.later(HALF_A_MINUTE)
    await mina.sees("Waffeln")
    await staff.sees("2 von 2 haben es.")
