"""A fault of one adapter's own is that adapter's trouble: the other messengers and commands go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.memory import MemoryPlatform
from bot import living
from bot.app import open_house
from bot.clock import ManualClock
from bot.operate import invite
from bot.people.model import Role
from bot.settings import DatabaseSettings, Settings
from tests.stories.driver import START
from tests.stories.preparing import prepared
from tests.unit.delivery.world import until


class Broken(MemoryPlatform):
    """Its login and its end fail by a mistake in its own code."""

    def __init__(self) -> None:
        super().__init__(name="broken")
        self.tries = 0

    async def check(self) -> str:
        self.tries += 1
        raise KeyError("what somebody wrote")

    async def close(self) -> None:
        raise KeyError("what somebody wrote")


async def test_a_worker_lives_on_with_its_other_lanes(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(living, "TRY_AGAIN", 0.01)
    settings, clock = Settings(database=DatabaseSettings(url=postgres_url)), ManualClock(START)
    await prepared(settings, clock)
    broken, sound = Broken(), MemoryPlatform(name="sound", clock=clock)
    adapters = {"broken": lambda _: broken, "sound": lambda _: sound}
    async with open_house(settings, clock=clock, adapters=adapters) as house:
        running = asyncio.create_task(house.run())
        await until(lambda: running.done() or (broken.tries > 5 and len(house.engine.owning.held) > 2))
        assert not running.done()
        assert house.engine.owning.held.keys() > set(house.lanes.values())  # and the schedule
        await until(lambda: house.health.was_up("sound"))
        running.cancel()
        await asyncio.wait([running])
    assert "broken broke: KeyError" in caplog.text


async def test_a_code_is_told_though_an_adapter_is_broken(tmp_path: Path) -> None:
    settings = Settings(database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'town.sqlite3'}"))
    await prepared(settings, ManualClock(START))
    sound = MemoryPlatform(name="sound")
    adapters = {"broken": lambda _: Broken(), "sound": lambda _: sound}
    made = await invite(settings, Role.COORDINATOR, None, adapters=adapters)
    assert made.code
    assert made.unreachable == ("broken",)
    assert sound.is_closed
