"""A page, an echo behind it and a reader before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.clock import ManualClock
from tests.fakes.web_host import sample_host
from tests.fakes.web_reader import Echo, ListeningPlatform, WebReader, listening


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC))


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def platform(clock: ManualClock, echo: Echo) -> ListeningPlatform:
    platform = listening(sample_host(), clock, echo)
    echo.platform = platform
    return platform


@pytest.fixture
async def reader(platform: ListeningPlatform) -> AsyncIterator[WebReader]:
    async with WebReader(platform) as reader:
        yield reader
