"""A small city on a disk of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import ManualClock
from bot.settings import DataSettings, Settings
from bot.storage import Database
from tests.stories.driver import START
from tests.stories.preparing import prepared


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=DataSettings(folder=tmp_path / "data"),
        platforms={"chatty": {"folder": str(tmp_path / "data" / "chatty")}},
    )


@pytest.fixture
async def city(settings: Settings, clock: ManualClock) -> AsyncIterator[Database]:
    """The sample city, opened as the running program does."""
    await prepared(settings, clock)
    opened = Database(settings.database_url.render_as_string(hide_password=False))
    yield opened
    await opened.close()
