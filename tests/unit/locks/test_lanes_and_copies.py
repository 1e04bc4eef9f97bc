"""A lane's turn, a batch of events, a correction and a sweep at once: they wait in turn, never for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import lease, marks
from bot.delivery.erase import drop_overdue
from bot.delivery.job import Fate, Outcome
from bot.delivery.lease import ACTS_FOR, Lease, keep_cursor
from bot.delivery.model import Lane
from bot.storage import Database
from tests.unit.delivery.test_batches import ledger_of
from tests.unit.delivery.world import NOON, World

ROUNDS = 30


async def repeated(act: Callable[[int], Coroutine[Any, Any, object]]) -> None:
    for number in range(ROUNDS):
        await act(number)


async def test_a_learned_rate_and_a_cursor_at_once(database: Database) -> None:
    world = await World.make(database)
    ledger = await ledger_of(world)
    ACTS_FOR.set(Lease(world.lane, 1))

    async def learn(number: int) -> None:
        await ledger.turn([], busy=lambda _: (), room=lambda _: 2, learned=float(number + 1))
        await world.answer("anna", "Gern!")  # or the next turn would have nothing to write

    async def read(number: int) -> None:
        async with database.write() as session:
            await keep_cursor(session, world.lane, str(number))

    await world.answer("anna", "Gern!")
    await asyncio.gather(repeated(learn), repeated(read))
    async with database.read() as session:
        row = await session.get_one(Lane, world.lane)
    assert (row.cursor, row.learned_rate) == (str(ROUNDS - 1), float(ROUNDS))


async def test_who_was_shut_out_keeps_neither_rate_nor_cursor(database: Database) -> None:
    world = await World.make(database)
    ledger = await ledger_of(world)
    await ledger_of(world)  # another owner
    await world.answer("anna", "Gern!")
    with pytest.raises(lease.LaneLostError):
        await ledger.turn([], busy=lambda _: (), room=lambda _: 2, learned=7.0)
    ACTS_FOR.set(Lease(world.lane, 1))
    with pytest.raises(lease.LaneLostError):
        async with database.write() as session:
            await keep_cursor(session, world.lane, "late")


async def test_marks_corrections_and_sweeps_at_once(database: Database) -> None:
    """None of them is ended by the database: each locks the copies by their ids before it changes any."""
    world = await World.make(database)
    ledger = await ledger_of(world)
    readers = [f"reader{n}" for n in range(30)]
    for item in range(1, 11):
        old = await world.publish(item, "am Samstag", readers)
        entry = await ledger.turn([], busy=lambda _: (), room=lambda _: 50, learned=None)
        arrived = [Outcome(job, Fate.HELD, (f"{job.id}",)) for job in reversed(entry.jobs)]
        assert len(arrived) == len(readers)
        async with asyncio.TaskGroup() as group:
            group.create_task(in_one(database, partial(marks.save, outcomes=arrived, now=NOON)))
            group.create_task(world.correct(item, old, "am Sonntag"))
            group.create_task(in_one(database, partial(drop_overdue, now=NOON)))
        while (await ledger.turn([], busy=lambda _: (), room=lambda _: 50, learned=None)).jobs:
            pass  # the edits; they stay under way


async def in_one(database: Database, work: Callable[[AsyncSession], Coroutine[Any, Any, object]]) -> None:
    async with database.write() as session:
        await work(session)
