"""What upper rooms hear of delivery, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.hooks import Learn
from bot.delivery.model import AdapterValue
from bot.delivery.store import LaneStore
from tests.unit.delivery.world import World


def heard(into: list[set[int]]) -> Learn:
    async def hear(_session: AsyncSession, ids: Collection[int]) -> None:
        into.append(set(ids))

    return hear


async def test_an_item_is_settled_once_its_last_due_copy_has_ended(world: World) -> None:
    settled: list[set[int]] = []
    world.hooks.settled = heard(settled)
    world.platform.blocks("reader7")
    await world.publish(1, "Fest", [f"reader{n}" for n in range(40)])
    await world.publish(1, "Fest", ["late"], after=timedelta(hours=8))
    async with world.running():
        await world.engine.settled()
        assert settled == [{1}]
        await world.later(timedelta(hours=8))
    assert settled == [{1}, {1}]


async def test_expiry_settles_an_item_too(world: World) -> None:
    settled: list[set[int]] = []
    world.hooks.settled = heard(settled)
    await world.publish(1, "Fest", ["anna"], expires_at=world.clock.now())
    await world.deliver()
    assert settled == [{1}]


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


async def test_those_who_watch_hear_of_what_is_held(world: World) -> None:
    held: set[int] = set()
    world.hooks.held = held.update
    await world.publish(7, "Fest", ["anna"])
    await world.answer("anna", "Gern!")
    await world.deliver()
    assert held == {7}


async def test_a_hook_that_fails_undoes_itself_and_nothing_else(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(session: AsyncSession, items: Collection[int]) -> None:
        session.add(AdapterValue(lane_id=world.lane, key="half", value="done"))
        await session.flush()
        raise ValueError("a secret")

    world.hooks.settled = broken
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert await world.states(1) == {"anna": "held"}
    assert await LaneStore(world.database, world.lane).get("half") is None
    assert "ValueError" in caplog.text
    assert "a secret" not in caplog.text
