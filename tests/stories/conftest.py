"""A town per story, on every platform the story is told for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.clock import ManualClock
from tests.fakes.botapi.client import BotApi, server
from tests.fakes.synapse import Homeserver, homeserver
from tests.stories.driver import START, Side, Town, open_town
from tests.stories.matrix_side import matrix_side, sides_of
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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every story is told on each of `SIDES`, and the main ones on Matrix too."""
    if "side" in metafunc.fixturenames:
        story = metafunc.function.__name__
        sides = [*SIDES, *sides_of(metafunc.module.__name__, story)]
        metafunc.parametrize("side", sides, indirect=True)


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """One homeserver for all stories; each has a bot and people of its own."""
    with homeserver(tmp_path_factory.mktemp("synapse")) as running:
        yield running


@pytest.fixture
async def side(
    request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock, bot_api_port: int
) -> AsyncIterator[Side]:
    """Each platform in turn: buttons, typed numbers, Telegram, and Matrix where the story is told there."""
    if request.param == "telegram":
        async with BotApi.at(bot_api_port) as api:
            yield TelegramSide(api)
    elif request.param.startswith("matrix"):
        server: Homeserver = request.getfixturevalue("synapse")
        async with matrix_side(server, tmp_path, encrypted=request.param == "matrix_encrypted") as on_matrix:
            yield on_matrix
    else:
        yield MemorySide(clock, buttons=request.param == "memory")


@pytest.fixture
async def town(side: Side, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Town]:
    """Hameln on a Monday noon, with nobody in it yet."""
    async with open_town(side, tmp_path, clock=clock) as opened:
        yield opened
