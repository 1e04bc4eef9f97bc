"""What the stories of moderation begin with: people with their roles, and an answer that somebody reports."""

from __future__ import annotations

from datetime import timedelta

from bot.people.model import Role
from tests.stories.driver import Neighbour, Town

TEXT = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts, bitte eigene Tasse mitbringen"
RUDE = "Ihr seid doch alle dumm."


async def moderator(town: Town, name: str, quartier: str = "suedstadt", *, pace: str = "") -> Neighbour:
    """Somebody who moderates a Quartier, and reads only there what concerns it."""
    somebody = await town.resident(name, pace=pace)
    async with town.house.database.write() as session:
        place = await town.house.place.quartiere.by_slug(session, quartier)
        assert place is not None
        code = await town.house.features.roles.invite(session, Role.MODERATOR, place.id)
    await somebody.says(f"/rolle {code}")
    return somebody


async def coordinator(town: Town, name: str = "Karin") -> Neighbour:
    return await town.staff(name, role=Role.COORDINATOR)


async def asked_rudely(town: Town, author: Neighbour | None = None) -> tuple[Neighbour, Neighbour]:
    """Nils asks Petra's team in a way that Petra may want to report; both are returned."""
    petra = await town.staff("Petra")
    nils = author or await town.resident("Nils")
    await petra.says("/ansage")
    await petra.says(TEXT)
    await petra.taps("Senden")
    await town.later(timedelta(seconds=31))
    await nils.replies(RUDE, to="Kaffee und Kuchen")
    await petra.sees(RUDE)
    return nils, petra


async def reported(town: Town, who: Neighbour, reason: str = "Beleidigung", *, what: str = RUDE) -> str:
    """The newest message with `what` is reported by typing or tapping; returns the case's number."""
    await who.taps("Melden")
    await who.sees("Was ist daran nicht in Ordnung?")
    await who.taps(reason)
    text = "\n".join(one.text for one in await who.new())
    assert "Das ist Fall" in text, text
    return text.split("Das ist Fall ")[1].split(".")[0]
