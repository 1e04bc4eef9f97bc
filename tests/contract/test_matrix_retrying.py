"""A platform that answers but can't listen is tried again ever more slowly, whatever its check says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from adapters.memory import MemoryPlatform
from bot import app
from bot.app import open_house
from bot.clock import ManualClock
from bot.contract import Platform, Receive
from bot.host import Host
from bot.settings import DatabaseSettings, Settings
from tests.stories.driver import START
from tests.stories.preparing import prepared


class EnoughError(BaseException):
    """Ends the loop."""


class Poisoned(MemoryPlatform):
    """Breaks at the same event each time; the fifth time after having listened for a while."""

    now = 0.0
    tries = 0

    async def run(self, receive: Receive, cursor: str | None) -> None:
        self.tries += 1
        self.now += app.STEADY if self.tries == 5 else 0.0
        raise ValueError("the same event again")


async def test_only_one_that_listened_for_a_while_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, platform = ManualClock(START), Poisoned()
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 6:
            raise EnoughError

    def build(_: Host) -> Platform:
        return platform

    settings = Settings(database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'town.sqlite3'}"))
    await prepared(settings, clock)
    async with open_house(settings, clock=clock, adapters={"memory": build}) as house:
        loop = SimpleNamespace(time=lambda: platform.now)
        monkeypatch.setattr(app, "asyncio", SimpleNamespace(sleep=pause, get_running_loop=lambda: loop))
        with pytest.raises(EnoughError):
            await house._receive(house.lanes["memory"], platform)
        monkeypatch.undo()
    assert pauses == [1.0, 2.0, 4.0, 8.0, 1.0, 2.0]
