"""How many rows a transaction takes: few at a messenger's pace, so that a kill leaves little unsure; else many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.memory import MemoryPlatform
from bot.contract import Limits
from bot.delivery import lease
from bot.delivery.job import Fate, Job, Outcome, returned
from bot.delivery.ledger import LOOK_AGAIN, Ledger
from bot.delivery.model import Delivery, Priority, State
from bot.delivery.tempo import Tempo
from bot.storage import Database
from tests.unit.delivery.world import World, until


async def ledger_of(world: World) -> Ledger:
    async with world.database.write() as session:
        epoch = await lease.take(session, world.lane, "test", Tempo().lease, alone=True)
    assert epoch is not None
    return Ledger(world.database, world.clock, world.lane, epoch, world.platform.capabilities, world.hooks)


async def turn(ledger: Ledger, outcomes: Sequence[Outcome] = (), *, news: bool = False) -> list[Job]:
    """Two rows at most."""
    entry = await ledger.turn(outcomes, busy=lambda _: (), room=lambda _: 2, learned=None, news=news)
    return entry.jobs


def has_sent(platform: MemoryPlatform, calls: int) -> bool:
    return len(platform.calls) >= calls


async def test_at_a_messengers_pace_a_kill_leaves_few_unsure_beside_those_in_flight(
    database: Database,
) -> None:
    platform = MemoryPlatform(limits=Limits(per_second=30, per_chat_per_second=100), latency=0.05)
    world = await World.make(database, platform, tempo=Tempo())
    await world.publish(1, "Fest", [f"reader{n}" for n in range(100)])
    beyond: list[int] = []
    async with world.running():
        for calls in range(3, 20):
            await until(partial(has_sent, platform, calls))
            async with database.read() as session:
                sending = await session.scalar(select(func.count()).where(Delivery.state == State.SENDING))
            (worker,) = world.engine._workers.values()
            beyond.append((sending or 0) - len(worker._flying))
    assert max(beyond) <= 10


@pytest.mark.parametrize(("rate", "rows"), [(1, 2), (30, 3), (100, 10), (1000, 10), (5000, 50), (1e6, 100)])
def test_few_rows_are_ready_or_unmarked_however_fast_it_goes(rate: float, rows: int) -> None:
    assert Tempo().few_at(rate) == pytest.approx(rows)


async def test_a_paid_broadcast_leaves_few_unsure_too(database: Database) -> None:
    platform = MemoryPlatform(limits=Limits(1000, 1000, 1000, in_flight=200), latency=0.05)
    world = await World.make(database, platform, tempo=replace(Tempo(), turns_ahead=0))
    await world.publish(1, "Fest", [f"reader{n}" for n in range(300)])
    ready: list[int] = []
    async with world.running():
        await until(lambda: bool(world.engine._workers))
        (worker,) = world.engine._workers.values()
        while len(platform.calls) < 300:
            ready.append(worker._stock(Priority.DIGEST))
            await asyncio.sleep(0)
        await world.engine.settled()
    assert 0 < max(ready) <= Tempo().few
    assert (await world.counts(1)).held == 300


async def test_at_full_speed_a_transaction_marks_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[int] = []
    original = Ledger.turn

    async def counted(self: Ledger, outcomes: Sequence[Outcome], **how: Any) -> Any:
        marked.append(len(outcomes))
        return await original(self, outcomes, **how)

    monkeypatch.setattr(Ledger, "turn", counted)
    await world.publish(1, "Fest", [f"reader{n}" for n in range(1000)])
    await world.deliver()
    assert sum(marked) == 1000
    assert len([number for number in marked if number]) <= 50


async def test_without_news_what_others_wrote_is_found_a_little_later(world: World) -> None:
    ledger = await ledger_of(world)
    await world.publish(1, "Fest", [f"reader{n}" for n in range(20)])
    begun = await turn(ledger, news=True)
    await world.answer("asker", "Gern!")
    held = [Outcome(job, Fate.HELD, ("1",)) for job in begun]
    begun = await turn(ledger, held)
    assert [job.priority for job in begun] == [Priority.ANNOUNCEMENT] * 2
    world.clock.advance(LOOK_AGAIN)
    assert Priority.REPLY in [job.priority for job in await turn(ledger)]


async def test_a_clock_that_was_set_back_hides_nothing(world: World) -> None:
    ledger = await ledger_of(world)
    await world.publish(1, "Fest", [f"reader{n}" for n in range(20)], after=-timedelta(hours=1))
    await turn(ledger, news=True)
    world.clock.advance(-timedelta(minutes=10))
    await world.answer("asker", "Gern!")
    assert Priority.REPLY in [job.priority for job in await turn(ledger)]


async def test_what_comes_back_is_found_at_once(world: World) -> None:
    ledger = await ledger_of(world)
    await world.answer("asker", "Gern!")
    (reply,) = await turn(ledger, news=True)
    await world.publish(1, "Fest", [f"reader{n}" for n in range(20)])
    await turn(ledger, news=True)
    again = await turn(ledger, [returned(reply, knows_keys=False)])
    assert reply.id in [job.id for job in again]
