"""After a failure the platform is asked what is out of a message; that must neither delay nor lose what is known."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from adapters.memory import Fault, MemoryPlatform
from bot.contract import Outgoing, PlatformDown, Ref
from bot.delivery.ledger import Ledger
from bot.delivery.model import Delivery, State
from bot.storage import Database
from tests.unit.delivery.world import QUICK, World, until


class InParts(MemoryPlatform):
    """A messenger on which what doesn't begin with "kurz" is several messages, and whose notes take for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def parts(self, message: Outgoing) -> int:
        return 1 if "kurz" in str(message.body) else 3

    async def remains(self, key: str) -> Ref:
        self.asked.append(key)
        await asyncio.Event().wait()
        return ()

    async def all_remains(self) -> dict[str, Ref]:
        return {}

    async def settle_remains(self, key: str) -> None:
        pass


@pytest.fixture
def platform() -> InParts:
    return InParts()


@pytest.fixture
async def world(database: Database, platform: InParts) -> World:
    # Left alone for an hour once it is down.
    return await World.make(database, platform, tempo=replace(QUICK, first_pause=3600, longest_pause=3600))


async def test_a_refusal_is_heard_at_once(world: World, platform: InParts) -> None:
    platform.fails(Fault(PlatformDown("away"), times=100))
    await world.publish(1, "Fest", ["anna"])
    async with world.running():
        await until(lambda: bool(platform.asked))
        assert world.engine.pulse()[0].halted > 0


async def test_a_stop_while_it_is_asked_keeps_the_outcome(world: World, platform: InParts) -> None:
    """It surely did not go out, so it isn't in doubt."""
    platform.fails(Fault(PlatformDown("away"), times=100))
    await world.publish(1, "Fest", ["anna"])
    async with world.running():
        await until(lambda: bool(platform.asked))
    assert await world.states(1) == {"anna": "pending"}


async def test_a_stop_waits_for_notes_no_longer_than_for_answers(world: World, platform: InParts) -> None:
    platform.fails(Fault(None))
    await world.publish(1, "Fest", ["anna"])
    async with world.running():
        await until(lambda: bool(platform.calls))
    assert await world.states(1) == {"anna": "unsure"}
    assert platform.asked == ["1"]


async def test_it_is_asked_only_where_there_may_be_parts(world: World, platform: InParts) -> None:
    text = await world.publish(1, "kurz", ["anna"])
    await world.deliver()
    platform.fails(Fault(PlatformDown("away"), act="edit", times=100))
    await world.correct(1, text, "kurz und gut")
    async with world.running():
        await until(lambda: len(platform.calls) == 2 and world.engine.pulse()[0].halted > 0)
    assert await world.states(1) == {"anna": "pending"}
    assert platform.asked == []


class Noting(MemoryPlatform):
    """A messenger that noted what is out of some messages."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: dict[str, Ref] = {}
        self.asked = 0

    async def remains(self, key: str) -> Ref:
        return self.notes.get(key, ())

    async def all_remains(self) -> Mapping[str, Ref]:
        self.asked += 1
        return dict(self.notes)

    async def settle_remains(self, key: str) -> None:
        self.notes.pop(key, None)


async def left_under_way(database: Database, platform: Noting, copies: int) -> World:
    """A dead owner's lane: the first part of each copy is out."""
    world = await World.make(database, platform)
    await world.publish(1, "Fest", [f"reader{n}" for n in range(copies)])
    platform.notes = {str(row.id): (f"part{row.id}",) for row in await world.rows()}
    async with database.write() as session:
        await session.execute(update(Delivery).values(state=State.SENDING, sending_text=Delivery.wanted_text))
    return world


async def test_what_is_out_is_known_until_it_is_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await left_under_way(database, platform := Noting(), 2)
    stop, tried = Ledger._stop, 0

    async def fails_once(self: Ledger, outcomes: Any) -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise OSError("disk full")
        await stop(self, outcomes)

    monkeypatch.setattr(Ledger, "_stop", fails_once)
    await world.deliver()
    assert tried > 1
    assert [(row.state, row.ref) for row in await world.rows()] == [
        ("unsure", [f"part{row.id}"]) for row in await world.rows()
    ]
    assert platform.notes == {}


async def test_a_new_owner_asks_once_for_all(database: Database) -> None:
    world = await left_under_way(database, platform := Noting(), 20)
    await world.deliver()
    assert platform.asked == 1
    assert {row.ref is not None for row in await world.rows()} == {True}
