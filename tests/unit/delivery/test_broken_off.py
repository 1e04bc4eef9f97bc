"""A copy of which only a part is out: nothing rings twice for it, and the part goes when the post goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from adapters.memory import MemoryPlatform
from bot.backup.settle import settle
from bot.contract import Address, Outgoing, PlatformError, Ref, Rejected, Unsure
from bot.delivery.model import Chat, Delivery, State
from bot.storage import Database
from tests.unit.delivery.world import NOON, World, message, until

ON_BOTH = True

PART = message("Bild")
ANNA = "anna"


class InParts(MemoryPlatform):
    """A messenger that makes two messages of ours, and breaks off between them while `breaks` says how."""

    def __init__(self) -> None:
        super().__init__(latency=0.01)
        self.breaks: PlatformError | None = None
        self.out: dict[str, Ref] = {}

    def parts(self, message: Outgoing) -> int:
        return 2

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        if self.breaks is None:
            return await super().send(to, message, key)
        self.out[key] = await super().send(to, PART, key)
        raise self.breaks

    async def remains(self, key: str) -> Ref:
        return self.out.get(key, ())

    async def all_remains(self) -> Mapping[str, Ref]:
        return dict(self.out)

    async def settle_remains(self, key: str) -> None:
        self.out.pop(key, None)


@pytest.fixture
async def platform() -> InParts:
    return InParts()


@pytest.fixture
async def world(database: Database, platform: InParts) -> World:
    return await World.make(database, platform)


async def broken_off(world: World, platform: InParts) -> int:
    """A post of whose second part nobody knows whether it arrived; returns its text."""
    platform.breaks = Unsure("lost")
    text = await world.publish(1, "Fest", [ANNA])
    await world.deliver()
    platform.breaks = None
    assert world.sees(ANNA) == ["Bild"]
    return text


async def test_since_when_a_part_is_there_is_noted(world: World, platform: InParts) -> None:
    await broken_off(world, platform)
    (row,) = await world.rows()
    assert (row.state, row.held_at) == (State.UNSURE, NOON)


@pytest.mark.parametrize(("how", "ends"), [(Unsure("lost"), State.UNSURE), (Rejected("bad"), State.DROPPED)])
async def test_taken_back_between_its_parts_what_is_out_is_deleted(
    world: World, platform: InParts, how: PlatformError, ends: State
) -> None:
    platform.breaks = how
    text = await world.publish(1, "Fest", [ANNA])
    async with world.running():
        await until(lambda: bool(platform.calls))
        await world.correct(1, text, None)
        await world.engine.settled()
    assert world.sees(ANNA) == []
    assert await world.states(1) == {ANNA: ends}


async def test_a_correction_does_not_complete_what_is_in_doubt(world: World, platform: InParts) -> None:
    text = await broken_off(world, platform)
    new = await world.correct(1, text, "Fest am Sonntag")
    await world.deliver()
    (row,) = await world.rows()
    assert (row.state, row.wanted_text, len(platform.calls)) == (State.UNSURE, new, 1)


async def test_taken_back_its_part_goes_and_the_doubt_stays(world: World, platform: InParts) -> None:
    text = await broken_off(world, platform)
    await world.correct(1, text, None)
    await world.deliver()
    assert world.sees(ANNA) == []
    assert await world.states(1) == {ANNA: State.UNSURE}


async def test_to_be_sent_once_more_in_the_morning_its_part_is_deleted_at_once(
    world: World, platform: InParts
) -> None:
    text = await broken_off(world, platform)
    tapped = {"state": State.PENDING, "attempts": 1, "due_at": NOON + timedelta(hours=20)}
    async with world.database.write() as session:
        await session.execute(update(Delivery).values(tapped))
    await world.correct(1, text, None)
    await world.deliver()
    assert world.sees(ANNA) == []
    assert await world.states(1) == {ANNA: State.UNSURE}


@pytest.mark.parametrize("why", ["late when it is begun", "late", "stopped"])
async def test_what_is_missing_is_not_sent_too_late_nor_after_stopp(
    world: World, platform: InParts, why: str
) -> None:
    await broken_off(world, platform)
    ends = None if why == "stopped" else NOON
    async with world.database.write() as session:
        await session.execute(update(Delivery).values(state=State.PENDING, expires_at=ends))
        if why == "late":
            assert await world.outbox.drop_overdue(session) == 1
        elif why == "stopped":
            assert await world.outbox.drop(session, chat_ids=select(Chat.id)) == 1
    await world.deliver()
    (row,) = await world.rows()
    assert (row.state, len(platform.calls)) == (State.UNSURE, 1)
    assert row.ref is not None


async def test_a_backup_does_not_complete_it_once_more(world: World, platform: InParts) -> None:
    await broken_off(world, platform)
    async with world.database.write() as session:
        await session.execute(update(Delivery).values(state=State.PENDING))
        assert (await settle(session, NOON, world.clock)).unsure == 1
    await world.deliver()
    assert (await world.states(1), len(platform.calls)) == ({ANNA: State.UNSURE}, 1)


async def test_corrected_it_still_waits_for_the_morning(world: World, platform: InParts) -> None:
    text = await broken_off(world, platform)
    morning = NOON + timedelta(hours=20)
    async with world.database.write() as session:
        await session.execute(update(Delivery).values(state=State.PENDING, attempts=1, due_at=morning))
    await world.correct(1, text, "Fest am Sonntag")
    assert [row.due_at for row in await world.rows()] == [morning]
