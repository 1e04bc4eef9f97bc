"""Who reads a Quartier for the first time learns where its neighbours meet, and that everybody may speak; once."""

from __future__ import annotations

from tests.stories.driver import Town


async def test_the_treffpunkt_its_phone_and_its_next_date(town: Town) -> None:
    mina = await town.newcomer("Mina")
    await mina.says("/start")
    await mina.taps("Weiter auf Deutsch")
    await mina.taps("Südstadt")
    await mina.sees(
        "Hier triffst du deine Nachbarschaft (Südstadt):", "KAISERS, Kaiserstr. 80, 05151", "Als Nächstes dort:",
        "/vorschlag",
    )  # fmt: skip
    await mina.says("/quartier")
    await mina.taps("Nordstadt dazu")
    await mina.sees("Nordstadt")
    text = "\n".join(one.text for one in await mina.new())
    assert "Hier triffst du" not in text


async def test_in_the_quartiers_own_words(town: Town) -> None:
    async with town.house.database.write() as session:
        sued = await town.house.place.quartiere.by_slug(session, "suedstadt")
        assert sued is not None
        sued.welcome = {"de": "Moin in der Südstadt! Komm vorbei."}
    mina = await town.newcomer("Mina")
    await mina.says("/start")
    await mina.taps("Weiter auf Deutsch")
    await mina.taps("Südstadt")
    await mina.sees("Moin in der Südstadt! Komm vorbei.", "KAISERS, Kaiserstr. 80")
