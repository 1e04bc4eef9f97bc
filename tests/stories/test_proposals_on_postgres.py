"""Proposals and thanks on a real PostgreSQL: the same program, the same chat."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.clock import ManualClock
from tests.stories.driver import open_town
from tests.stories.sides import MemorySide
from tests.stories.test_resident_proposes import HALF_A_MINUTE, proposes, released


async def test_propose_release_answer_thank_run_out_delete(
    postgres_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    side = MemorySide(clock)
    async with open_town(side, tmp_path, clock=clock, url=postgres_url) as town:
        mina, petra, ali = await released(town)
        await ali.replies("Ich nehme es!", to="Kinderbett")
        await mina.replies("Gern.", to="Ich nehme es!")
        await ali.sees("Gern.")
        await ali.taps("Danke sagen")
        await town.at("2026-11-23T18:00")
        await mina.sees("1 Mensch sagt danke")
        await proposes(mina, "Eine Bank vor dem Haus", kind="Idee")
        await mina.taps("Abschicken")
        await petra.taps("Änderung vorschlagen")
        await petra.says("Eine Bank vor dem KAISERS")
        await mina.taps("Einverstanden")
        await town.later(HALF_A_MINUTE)
        await ali.sees("Eine Bank vor dem KAISERS")
        await town.later(timedelta(days=20))
        await mina.sees("ist abgelaufen")
        await mina.says("/delete")
        await mina.taps("Ja, alles löschen")
        await ali.does_not_see("Eine Bank vor dem KAISERS")
        await town.house.tidy()
