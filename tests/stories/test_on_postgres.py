"""The main job on a real PostgreSQL: the same program, the same chat."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.clock import ManualClock
from tests.stories.driver import open_town
from tests.stories.sides import MemorySide


async def test_subscribe_announce_ask_answer_delete(
    postgres_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    side = MemorySide(clock)
    async with open_town(side, tmp_path, clock=clock, url=postgres_url) as town:
        mina = await town.resident("Mina")
        petra = await town.staff("Petra")
        await petra.says("/ansage")
        await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
        await petra.taps("Senden")
        await mina.looks_away()
        await town.later(timedelta(seconds=31))
        await mina.sees("Kaffee und Kuchen", "Donnerstag, 26. November, 15 Uhr")
        await petra.sees("2 von 2 haben es")
        await mina.replies("Gibt es auch vegan?", to="Kaffee und Kuchen")
        await petra.replies("Ja.", to="Gibt es auch vegan?")
        await mina.sees("Antwort von KAISERS")
        await mina.says("woche")
        await mina.sees("Kaffee und Kuchen")
        await mina.says("/delete")
        await mina.taps("Ja, alles löschen")
        await mina.sees("Alles gelöscht")
        await town.house.tidy()
