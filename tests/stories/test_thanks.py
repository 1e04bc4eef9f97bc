"""Thanks for a post: one tap, counted, told in the evening as a number."""

from __future__ import annotations

from sqlalchemy import select

from bot.items.model import Item
from bot.posts.model import ITEM_KIND
from tests.stories.driver import Town
from tests.stories.test_questions import announced
from tests.stories.test_resident_proposes import released


async def test_who_wrote_it_hears_in_the_evening_how_many(town: Town) -> None:
    mina, petra = await announced(town)
    await mina.taps("Danke sagen")
    await mina.sees("Dein Danke für „Kaffee und Kuchen“ kommt an")
    await petra.looks_away()
    await town.at("2026-11-23T17:59")
    await petra.sees_nothing_new()
    await town.at("2026-11-23T18:00")
    await petra.sees("1 Mensch sagt danke für „Kaffee und Kuchen“.")
    await petra.does_not_see("Mina")
    await petra.says("/posts")
    await petra.sees("1 Mensch sagt danke")
    await petra.looks_away()
    await town.at("2026-11-24T18:00")
    await petra.sees_nothing_new()


async def test_twice_is_once(town: Town) -> None:
    mina, _ = await announced(town)
    await mina.taps("Danke sagen")
    await mina.replies("/menu", to="Kaffee und Kuchen")
    await mina.taps("Danke sagen")
    await mina.sees("schon bedankt")


async def test_a_resident_hears_it_too_and_not_by_night(town: Town) -> None:
    mina, petra, ali = await released(town)
    await town.at("2026-11-23T19:00")
    await ali.taps("Danke sagen")
    await town.at("2026-11-23T22:00")
    await mina.looks_away()
    await petra.looks_away()
    await town.at("2026-11-24T17:00")
    await mina.sees_nothing_new()
    await town.at("2026-11-24T18:30")
    await mina.sees("1 Mensch sagt danke für „Kinderbett zu verschenken“.")
    await petra.sees_nothing_new()


async def test_not_what_was_taken_back(town: Town) -> None:
    mina, petra = await announced(town)
    await petra.says("/zurückziehen")
    await petra.taps("Kaffee und Kuchen")
    await petra.taps("Ja, zurückziehen")
    async with town.house.database.write() as session:
        item = (await session.scalars(select(Item.id).where(Item.kind == ITEM_KIND))).one()
        assert await town.house.features.thanks.say(session, 1, item) is None
    await mina.does_not_see("Kaffee")
