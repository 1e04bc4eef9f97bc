"""The platforms the suite runs over. A new platform adds one line to `SIDES`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.contract.harness import Files, KeyValues, Side
from tests.contract.telegram_side import TelegramSide, telegram_side
from tests.fakes.botapi.client import server

SIDES = ("telegram",)


@pytest.fixture(scope="session")
def bot_api_port() -> Iterator[int]:
    """One server process for all tests; each test finds it empty."""
    with server() as port:
        yield port


@pytest.fixture
def store() -> KeyValues:
    return KeyValues()


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
async def telegram(bot_api_port: int, store: KeyValues, files: Files) -> AsyncIterator[TelegramSide]:
    async with telegram_side(bot_api_port, store, files) as side:
        yield side


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> Side:
    """Each platform in turn."""
    side: Side = request.getfixturevalue(request.param)
    return side
