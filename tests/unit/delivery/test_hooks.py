"""What upper rooms hear of delivery, and when."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import AdapterValue
from bot.delivery.store import LaneStore
from tests.unit.delivery.world import World


async def test_gone_chats_are_told_in_the_marks_own_transaction(world: World) -> None:
    chat = await world.chat("anna")

    async def pause(session: AsyncSession, chats: Collection[int]) -> None:
        session.add_all(AdapterValue(lane_id=world.lane, key=f"gone{chat}", value="") for chat in chats)

    world.hooks.gone = pause
    world.platform.blocks("anna")
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    store = LaneStore(world.database, world.lane)
    assert await store.listing("gone") == [(f"gone{chat}", "")]


async def test_a_hook_that_fails_undoes_itself_and_nothing_else(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(session: AsyncSession, items: Collection[int]) -> None:
        session.add(AdapterValue(lane_id=world.lane, key="half", value="done"))
        await session.flush()
        raise ValueError("a secret")

    world.hooks.gone = broken
    world.platform.blocks("anna")
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert await world.states(1) == {"anna": "gone"}
    assert await LaneStore(world.database, world.lane).get("half") is None
    assert "ValueError" in caplog.text
    assert "a secret" not in caplog.text
