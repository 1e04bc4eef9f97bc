"""Hidden, restored or withdrawn by those who may, while half the copies are on their way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.memory import Fault, MemoryPlatform
from bot.contract import Address, Limits, RecipientGone, Unsure
from bot.delivery.engine import Engine
from bot.delivery.hooks import Hooks
from bot.delivery.model import State
from bot.posts.leaving.hiding import Hiding
from tests.unit.delivery.world import QUICK, until
from tests.unit.posts.town import BERLIN, PostsTown

CAKE = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts"
SLOW = Limits(per_second=2000, per_chat_per_second=1000, in_flight=3)


@pytest.fixture
def hiding(town: PostsTown) -> Hiding:
    posts = town.posts
    return Hiding(town.clock, posts._outbox, posts.voices, lambda: town.able, lambda: BERLIN)


@asynccontextmanager
async def half_way(town: PostsTown, readers: list[str], *, idempotent: bool = False) -> AsyncIterator[Engine]:
    """The engine at work, when about half of them have it."""
    town.platform = MemoryPlatform(clock=town.clock, limits=SLOW, latency=0.01, idempotent=idempotent)
    engine = Engine(town.database, town.clock, {town.lane: town.platform}, Hooks(), QUICK)
    task = asyncio.create_task(engine.run())
    try:
        await until(lambda: sum(bool(town.sees(reader)) for reader in readers) >= len(readers) // 2)
        yield engine
        await engine.settled()
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.parametrize(
    "steps", [("hide",), ("hide", "restore"), ("hide", "settle", "restore"), ("withdraw",)]
)
@pytest.mark.parametrize("idempotent", [False, True])
async def test_everybody_ends_with_the_last_version(
    town: PostsTown, hiding: Hiding, steps: tuple[str, ...], idempotent: bool
) -> None:
    author, readers = await town.staff(), [await town.resident() for _ in range(12)]
    item = (await town.published(author, CAKE)).id
    async with half_way(town, readers, idempotent=idempotent) as engine:
        for step in steps:
            if step == "settle":
                await engine.settled()
                continue
            async with town.database.write() as session:
                match step:
                    case "hide":
                        await hiding.hide(session, item)
                    case "restore":
                        assert await hiding.restore(session, item)
                    case "withdraw":
                        await town.posts.corrections.withdraw(session, author, item)
            engine.wake()
    is_there = steps[-1] == "restore"
    assert [len(town.sees(reader)) for reader in readers] == [int(is_there)] * len(readers)
    held = {State.HELD} if is_there else {State.DROPPED}
    assert {copy.state for copy in await town.copies(item)} <= held


async def test_restored_who_perhaps_has_it_or_is_gone_gets_nothing_new(
    town: PostsTown, hiding: Hiding
) -> None:
    author, ali, bea = await town.staff(), await town.resident(), await town.resident()
    town.platform.fails(Fault(Unsure("lost"), to=Address(ali)))
    town.platform.fails(Fault(RecipientGone("blocked"), to=Address(bea)))
    item = (await town.published(author, CAKE)).id
    await town.deliver()
    before = [(copy.state, copy.wanted_text) for copy in await town.copies(item)]
    async with town.database.write() as session:
        await hiding.hide(session, item)
    await town.deliver()
    hidden = [(copy.state, copy.wanted_text) for copy in await town.copies(item)]
    assert hidden == [(State.UNSURE, None), (State.GONE, None)]
    async with town.database.write() as session:
        await hiding.restore(session, item)
    await town.deliver()
    assert [(copy.state, copy.wanted_text) for copy in await town.copies(item)] == before
    assert len(town.platform.calls) == 2
