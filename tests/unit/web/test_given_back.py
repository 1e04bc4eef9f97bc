"""What was taken back and is given back stands on the page again: its store remembers the first message by its key."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from bot.delivery.engine import Engine
from bot.delivery.model import Delivery, State
from bot.storage import Database
from tests.fakes.web_reader import Echo, ListeningPlatform, WebReader
from tests.unit.delivery.world import QUICK, World


async def test_hidden_and_restored(
    database: Database, platform: ListeningPlatform, echo: Echo, reader: WebReader
) -> None:
    world = await World.make(database)
    world = replace(world, engine=Engine(database, world.clock, {world.lane: platform}, world.hooks, QUICK))
    await reader.starts()
    text = await world.publish(1, "Am Samstag ist Fest", [echo.heard[0].conversation])
    await world.deliver()
    await world.correct(1, text, None)
    await world.deliver()
    await reader.opens("/chat")
    assert "Am Samstag ist Fest" not in reader.page
    async with database.write() as session:
        await session.execute(update(Delivery).values(wanted_text=text, state=State.PENDING))
    await world.deliver()
    await reader.opens("/chat")
    assert reader.page.count("Am Samstag ist Fest") == 1
    assert [row.state for row in await world.rows()] == ["held"]
