"""Whoever leaves leaves the cases about others, too: what they said around a reported message goes with them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.moderation.model import Case
from tests.stories.driver import Town
from tests.stories.moderating import moderator, reported
from tests.stories.test_resident_proposes import released

RUDE = "Ist bestimmt voller Wanzen, du Ferkel."
SECRET = "Geheime Worte"


@pytest.mark.parametrize("old", [False, True])
async def test_erased_words_leave_the_case_about_somebody_else(town: Town, old: bool) -> None:
    mo = await moderator(town, "Mo")
    mina, _, ali = await released(town)
    await ali.replies("Gibt es eine Matratze?", to="Kinderbett")
    await mina.taps("Antworten")
    await mina.says(SECRET)
    await mina.looks_away()
    await ali.taps("Noch etwas fragen")
    await ali.says(RUDE)
    await mina.sees(RUDE)
    number = await reported(town, mina)
    if old:
        # As cases were kept before they remembered whose the words around are.
        async with town.house.database.write() as session:
            case = (await session.scalars(select(Case))).one()
            around = [{key: one[key] for key in ("kind", "text", "this")} for one in case.snapshot["around"]]
            kept = {key: value for key, value in case.snapshot.items() if key != "about_by"}
            case.snapshot = kept | {"around": around}
    await mo.sees(RUDE, SECRET, "Kinderbett", "Gibt es eine Matratze?")
    await mina.says("/delete")
    await mina.taps("Ja, alles löschen")
    await mina.sees("Alles gelöscht")
    await mo.looks_away()
    await mo.says(f"/fall {number}")
    text = "\n".join(one.text for one in await mo.new())
    assert RUDE in text
    assert "Gibt es eine Matratze?" in text
    assert SECRET not in text
    assert "Kinderbett" not in text
    assert SECRET not in "\n".join(one.text for one in await mo.hand.seen() if RUDE in one.text)
