"""Stopping in order, and a database in trouble: nothing confirmed is lost, nothing goes out twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from adapters.memory import Fault, MemoryPlatform
from bot.contract import Limits
from bot.delivery.ledger import Ledger
from bot.delivery.model import Priority
from bot.storage import Database
from tests.unit.delivery.world import QUICK, World, until


async def test_a_stop_waits_for_what_is_under_way_and_leaves_the_rest(database: Database) -> None:
    platform = MemoryPlatform(
        latency=0.05, limits=Limits(per_second=100, per_chat_per_second=100, in_flight=5)
    )
    world = await World.make(database, platform)
    await world.publish(1, "Fest", [f"reader{n}" for n in range(100)])
    async with world.running():
        await until(lambda: len(platform.calls) >= 12)
    counts = await world.counts(1)
    assert (counts.sending, counts.unsure) == (0, 0)
    assert counts.held == len(platform.calls)
    assert counts.pending == 100 - counts.held


async def test_what_does_not_end_in_time_is_unsure(world: World) -> None:
    world.platform.fails(Fault(None))
    await world.publish(1, "Fest", ["anna"])
    async with world.running():
        await until(lambda: bool(world.platform.calls))
    assert await world.states(1) == {"anna": "unsure"}


def reached(platform: MemoryPlatform, calls: int) -> bool:
    return len(platform.calls) >= calls


async def test_the_next_run_goes_on_where_the_last_one_stopped(database: Database) -> None:
    platform = MemoryPlatform(limits=Limits(per_second=300, per_chat_per_second=100))
    world = await World.make(database, platform)
    await world.publish(1, "Fest", [f"reader{n}" for n in range(100)])
    for stop_after in (10, 30, 60):
        async with world.running():
            await until(partial(reached, platform, stop_after))
    await world.deliver()
    assert [world.sees(f"reader{n}") for n in range(100)] == [["Fest"]] * 100


def failing(turn: Callable[..., Awaitable[Any]], times: int) -> Callable[..., Awaitable[Any]]:
    """A ledger whose transactions fail so often after they began: their end is unknown."""
    left = times

    async def turned(self: Ledger, *args: Any, **kwargs: Any) -> Any:
        nonlocal left
        entry = await turn(self, *args, **kwargs)
        if entry.jobs and left:
            left -= 1
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))
        return entry

    return turned


async def test_a_transaction_of_unknown_end_neither_loses_nor_repeats(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ledger, "turn", failing(Ledger.turn, times=3))
    await world.publish(1, "Fest", [f"reader{n}" for n in range(30)])
    await world.deliver()
    assert [world.sees(f"reader{n}") for n in range(30)] == [["Fest"]] * 30


async def test_rows_written_by_another_process_are_found_without_a_wake_up(database: Database) -> None:
    world = await World.make(database, tempo=replace(QUICK, poll=0.02))
    command = await World.make(database)
    async with world.running():
        await world.engine.settled()
        await command.publish(1, "Fest", ["anna"], priority=Priority.ALERT)
        await until(lambda: bool(world.sees("anna")))


async def test_settled_does_not_wait_for_an_engine_that_stopped(world: World) -> None:
    await world.deliver()
    with pytest.raises(RuntimeError):
        await world.engine.settled()
