"""The coordinator asks for figures."""

from __future__ import annotations

from datetime import timedelta

from bot.people.model import Role
from tests.stories.driver import Town


async def test_the_coordinator_reads_figures_and_no_small_number(town: Town) -> None:
    karin = await town.staff("Karin", role=Role.COORDINATOR)
    for number in range(5):
        await town.resident(f"Mina{number}", pace="")
    await town.later(timedelta(days=1))
    await town.house.count()
    await karin.says("/zahlen")
    await karin.sees("Zahlen vom Dienstag, 27. Oktober bis Montag, 23. November", "Südstadt: 6", "unter 5")
    await karin.sees("Meldungen an die Moderation:")
    await karin.does_not_see("Zusammen", "Nordstadt: 0")
    await karin.taps("Diese Woche")
    await karin.sees("Zahlen vom Montag, 23. November bis Montag, 23. November")


async def test_others_see_none(town: Town) -> None:
    petra = await town.staff("Petra")
    await petra.says("/zahlen")
    await petra.sees("Das kann nur die Koordination")
    await petra.does_not_see("Zahlen vom")
