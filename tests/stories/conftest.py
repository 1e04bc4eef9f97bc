"""A town per story, on every platform the story is told for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.clock import ManualClock
from tests.fakes.botapi.client import BotApi, server
from tests.stories.driver import START, Side, Town, open_town
from tests.stories.overheard import OVERHEARD
from tests.stories.sides import MemorySide, TelegramSide

SIDES = ("memory", "numbers", "telegram")


@pytest.fixture(scope="session")
def bot_api_port() -> Iterator[int]:
    """One Bot API server for all stories; each finds it empty."""
    with server() as port:
        yield port


@pytest.fixture(autouse=True)
def _nothing_of_people_in_the_log() -> Iterator[None]:
    """In every story: neither words nor names, addresses, ids."""
    with OVERHEARD.listening():
        yield
    assert OVERHEARD.leaks() == []


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture(params=SIDES)
async def side(request: pytest.FixtureRequest, clock: ManualClock, bot_api_port: int) -> AsyncIterator[Side]:
    """Each platform in turn: buttons, typed numbers, Telegram."""
    if request.param == "telegram":
        async with BotApi.at(bot_api_port) as api:
            yield TelegramSide(api)
    else:
        yield MemorySide(clock, buttons=request.param == "memory")


@pytest.fixture
async def town(side: Side, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Town]:
    """Hameln on a Monday noon, with nobody in it yet."""
    async with open_town(side, tmp_path, clock=clock) as opened:
        yield opened
