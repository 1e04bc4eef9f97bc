"""The platforms the suite runs over. A new platform adds one line to `SIDES`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.memory import MemoryPlatform
from bot.host import Host
from tests.contract.harness import Files, KeyValues, NoPages, Side
from tests.contract.matrix_side import MatrixSide, matrix_side
from tests.contract.memory_side import MemorySide
from tests.contract.telegram_side import TelegramSide, telegram_side
from tests.contract.web_side import WebSide, web_side
from tests.fakes.botapi.client import server
from tests.fakes.synapse import Homeserver, homeserver

SIDES = ("memory", "memory_without_buttons", "telegram", "web", "matrix", "matrix_encrypted")


@pytest.fixture(scope="session")
def bot_api_port() -> Iterator[int]:
    """One server process for all tests; each test finds it empty."""
    with server() as port:
        yield port


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """One homeserver for all tests; each has a bot and people of its own."""
    with homeserver(tmp_path_factory.mktemp("synapse")) as running:
        yield running


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


@pytest.fixture
def memory() -> MemorySide:
    return MemorySide(MemoryPlatform())


@pytest.fixture
def memory_without_buttons() -> MemorySide:
    return MemorySide(MemoryPlatform(buttons=False))


@pytest.fixture
async def web(host: Host) -> AsyncIterator[WebSide]:
    async with web_side(host) as side:
        yield side


@pytest.fixture
async def matrix(
    synapse: Homeserver, tmp_path: Path, store: KeyValues, files: Files
) -> AsyncIterator[MatrixSide]:
    async with matrix_side(synapse, tmp_path, store, files) as side:
        yield side


@pytest.fixture
async def matrix_encrypted(
    synapse: Homeserver, tmp_path: Path, store: KeyValues, files: Files
) -> AsyncIterator[MatrixSide]:
    """Rooms as Element makes them."""
    async with matrix_side(synapse, tmp_path, store, files, encrypted=True) as side:
        yield side


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> Side:
    """Each platform in turn."""
    side: Side = request.getfixturevalue(request.param)
    return side


@pytest.fixture
def host(store: KeyValues, files: Files) -> Host:
    """What `build` gets; its settings are to be filled in."""
    return Host({}, store, files, NoPages(), demo=False, health=_healthy, secret=b"s" * 32)


async def _healthy() -> dict[str, object]:
    return {}
