"""A restart in mid-step is not noticed; blocking and coming back neither."""

from __future__ import annotations

from pathlib import Path

from bot.clock import ManualClock
from tests.stories.driver import Side, Town, open_town


async def test_a_form_survives_a_restart(side: Side, tmp_path: Path, clock: ManualClock) -> None:
    async with open_town(side, tmp_path, clock=clock) as town:
        mina = await town.resident("Mina", "Nordstadt", pace="")
        await mina.says("/ruhe")
    async with open_town(side, tmp_path, clock=clock) as again:
        mina.town = again
        await mina.says("19-7")
        await mina.sees("Von 19 Uhr bis 7 Uhr")


async def test_what_was_written_while_the_program_was_down_is_answered_once(
    side: Side, tmp_path: Path, clock: ManualClock
) -> None:
    async with open_town(side, tmp_path, clock=clock) as town:
        mina = await town.resident("Mina", "Nordstadt", pace="")
    before = await mina.hand.seen()
    await mina.hand.types("hilfe")
    async with open_town(side, tmp_path, clock=clock) as again:
        await again.settled()
        new = [one for one in await mina.hand.seen() if one not in before]
        assert len(new) == 1
        assert "112" in new[0].text


async def test_who_blocks_us_gets_nothing_and_comes_back_by_unblocking(town: Town) -> None:
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await mina.hand.blocks()
    await petra.says("/ansage")
    await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
    await petra.sees("1 Mensch")
    await petra.taps("Verwerfen")
    await mina.hand.unblocks()
    await town.settled()
    await petra.says("/ansage")
    await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
    await petra.sees("2 Menschen")
