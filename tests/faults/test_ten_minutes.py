"""A messenger is away for ten minutes. Time is a thousand times quicker here: its pauses, and the outage."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from aiohttp import web

from adapters.matrix import Matrix
from adapters.memory import MemoryPlatform
from bot.app import House, open_house
from bot.clock import ManualClock
from bot.contract import Platform
from bot.delivery.chats import chat_for
from bot.host import Host
from bot.settings import DatabaseSettings, Settings
from bot.storage import Database
from tests.fakes.broken_homeserver import ROOM
from tests.fakes.gate import gate
from tests.fakes.room_server import room_server
from tests.faults.far_matrix import settings_at
from tests.faults.scene import BRISK, ITEM, OLD, Far
from tests.stories.driver import START
from tests.stories.preparing import prepared
from tests.unit.delivery.world import World, message

TEN_MINUTES = 0.6
QUICKLY = replace(BRISK, first_pause=0.001, longest_pause=0.06)
READERS = 60


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("far", "fault", "leaves_doubt"),
    [
        ("telegram", "connection refused", False),
        ("telegram", "500", True),
        ("telegram", "dropped after acceptance", True),
        ("matrix", "connection refused", False),
        ("matrix", "502 as a page", False),
        ("matrix", "500", False),
        ("matrix", "dropped after acceptance", False),
    ],
    indirect=["far"],
)
async def test_few_tries_nobody_missed_nobody_told_twice(
    far: Far, database: Database, fault: str, leaves_doubt: bool
) -> None:
    world = await World.make(database, cast("MemoryPlatform", far.platform), tempo=QUICKLY)
    readers = [await far.address(fault) for _ in range(READERS)]
    await world.publish(ITEM, OLD, readers)
    far.asked.begun = 0
    lasts = AsyncExitStack()
    await lasts.enter_async_context(far.strikes(fault, "send", readers[0]))
    now = asyncio.get_running_loop().time
    async with world.running():
        began = now()
        await asyncio.sleep(TEN_MINUTES)
        world.clock.advance(timedelta(minutes=10))
        tries, lasted = far.asked.begun, now() - began
        await lasts.aclose()
        await world.engine.settled()
    # Pauses of 1, 2, 4, 8, 16, 32 seconds, and then of a minute.
    assert tries <= far.platform.limits.in_flight + 6 + lasted / QUICKLY.longest_pause
    states = Counter((await world.states(ITEM)).values())
    # What was tried in vain perhaps arrived; everything else has waited.
    assert states["unsure"] <= (tries if leaves_doubt else 0)
    assert states["held"] + states["unsure"] == READERS
    rang = [await far.rang(reader) for reader in readers]
    assert max(rang) == 1
    if not leaves_doubt:
        assert [await far.sees(reader) for reader in readers] == [[OLD]] * READERS


async def test_what_the_operator_sees_meanwhile(tmp_path: Path) -> None:
    """Listening and sending on Matrix; the clock is put on by ten minutes."""
    clock = ManualClock(START)
    settings = Settings(database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'town.sqlite3'}"))
    await prepared(settings, clock)
    async with room_server() as homeserver, gate(homeserver.url) as door:
        homeserver.answers["sync"] = slow_sync

        def build(host: Host) -> Platform:
            return Matrix(settings_at(door.url, tmp_path), host.store, host.media, sleep=soon, well=host.well)

        async with open_house(settings, clock=clock, adapters={"matrix": build}) as house:
            running = asyncio.create_task(house.run())
            try:
                await seen(house, up=True)
                await door.shut()
                await seen(house, up=False)
                async with house.database.write() as session:
                    chat = await chat_for(session, house.lanes["matrix"], ROOM)
                    await house.features.outbox.send(session, chat.id, message(OLD))
                assert (await house.health.report())["troubles"] == []
                clock.advance(timedelta(minutes=10))
                report = await house.health.report()
                assert (report["ok"], report["troubles"]) == (False, ["platform:matrix"])
                await door.open()
                await seen(house, up=True)
                await house.engine.settled()
                assert list(homeserver.rooms[ROOM].values()) == [OLD]
                assert (await house.health.report())["troubles"] == []
            finally:
                running.cancel()
                await asyncio.wait([running])


async def seen(house: House, *, up: bool) -> None:
    """`/healthz` says so."""
    while (standing := house.health.platforms().get("matrix")) is None or standing.up is not up:
        await asyncio.sleep(0.005)


async def soon(_: float) -> None:
    await asyncio.sleep(0.02)


async def slow_sync(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(0.05)
    return web.json_response({"next_batch": "s1"})
