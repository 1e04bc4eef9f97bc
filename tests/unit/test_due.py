"""What the clock asks for: one part that fails is recorded, and keeps no other back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import open_house
from bot.clock import ManualClock
from bot.settings import DatabaseSettings, Settings
from tests.stories.driver import START
from tests.stories.preparing import prepared


async def test_one_that_fails_keeps_no_other_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock(START)
    settings = Settings(database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'town.sqlite3'}"))
    await prepared(settings, clock)
    done: list[str] = []
    async with open_house(settings, clock=clock, adapters={}) as house:

        async def breaks(session: AsyncSession, *_: object) -> None:
            raise ValueError("a row that can't be read")

        async def works(session: AsyncSession) -> None:
            done.append("moderation")

        monkeypatch.setattr(house.features.posts, "publish_due", breaks)
        monkeypatch.setattr(house.features.moderation, "due", works)
        with pytest.raises(ExceptionGroup) as failed:
            await house.wake()
    assert [type(fault) for fault in failed.value.exceptions] == [ValueError]
    assert done == ["moderation"]
