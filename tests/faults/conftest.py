"""Both messengers with their far ends, and a database of its own for each test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.storage import Database
from bot.tables import metadata
from tests.fakes.botapi.client import BotApi, server
from tests.fakes.gate import gate
from tests.fakes.room_server import room_server
from tests.faults import ours
from tests.faults.far_matrix import FarMatrix
from tests.faults.far_telegram import FarTelegram
from tests.faults.scene import Far


@pytest.fixture(scope="module")
def bot_api_port() -> Iterator[int]:
    with server() as port:
        yield port


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def telegram(bot_api_port: int) -> AsyncIterator[Far]:
    async with BotApi.at(bot_api_port) as api, gate(api.url) as door:
        far = FarTelegram(api, door)
        yield far
        await far.platform.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrix(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Far]:
    async with room_server() as homeserver, gate(homeserver.url) as door:
        far = FarMatrix(homeserver, door, tmp_path_factory.mktemp("matrix"))
        yield far
        await far.platform.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "city.sqlite3"
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata().create_all)
    await database.close()
    return path


@pytest_asyncio.fixture(loop_scope="module")
async def database(empty: Path, tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "city.sqlite3"
    shutil.copy(empty, path)
    opened = Database(f"sqlite+aiosqlite:///{path}")
    ours.impatient(opened)
    yield opened
    await opened.close()


@pytest.fixture
def far(request: pytest.FixtureRequest) -> Far:
    """The messenger that the parameter names."""
    found: Far = request.getfixturevalue(request.param)
    return found
