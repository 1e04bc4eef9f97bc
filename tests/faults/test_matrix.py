"""Every cell of the table is played, and the documentation shows the table as it is."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.delivery.model import Priority
from bot.storage import Database
from bot.tables import metadata
from tests.fakes.botapi.client import BotApi, server
from tests.fakes.gate import gate
from tests.fakes.room_server import room_server
from tests.faults import ours
from tests.faults.far_matrix import FarMatrix
from tests.faults.far_telegram import FarTelegram
from tests.faults.scene import NEW, OLD, Far, Scene
from tests.faults.table import LOST, MATRIX, NOTHING, TELEGRAM, Line, Lost, tables

DOCS = Path(__file__).parents[2] / "docs"
ACTS = ("send", "edit", "delete")


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


def cells() -> Iterator[object]:
    for name, lines in (("telegram", TELEGRAM), ("matrix", MATRIX)):
        for line in lines:
            for act in ACTS:
                if getattr(line, act) != NOTHING:
                    yield pytest.param(name, line, act, id=f"{name}-{line.fault}-{act}")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("far", "line", "act"), list(cells()), indirect=["far"])
async def test_what_becomes_of_a_copy(
    far: Far, database: Database, caplog: pytest.LogCaptureFixture, line: Line, act: str
) -> None:
    scene = await Scene.make(far, database, line.fault, act, caplog)
    await scene.play()
    assert await scene.cell() == getattr(line, act)
    assert await scene.is_consistent()
    if act == "send":
        assert (scene.sender(), scene.operator()) == (line.sender, line.operator)
    else:
        assert scene.operator() in (line.operator, NOTHING)
    for private in (scene.address, OLD, NEW):
        assert private not in caplog.text


LOSSES = [
    pytest.param(far, fault, lost, getattr(lost, column), id=f"{far}-{fault}-{lost.kind}")
    for lost in LOST
    for far, fault, column in (
        ("telegram", "dropped before acceptance", "telegram_before"),
        ("telegram", "dropped after acceptance", "telegram_after"),
        ("matrix", "dropped before acceptance", "matrix"),
        ("matrix", "dropped after acceptance", "matrix"),
    )
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("far", "fault", "lost", "expected"), LOSSES, indirect=["far"])
async def test_an_answer_that_got_lost_once(
    far: Far, database: Database, caplog: pytest.LogCaptureFixture, fault: str, lost: Lost, expected: str
) -> None:
    scene = await Scene.make(far, database, fault, "send", caplog)
    assert await scene.lose_one(Priority[lost.kind.upper()]) == expected


def test_the_documentation_shows_these_tables() -> None:
    shown = (DOCS / "faults.md").read_text()
    assert [table for table in tables() if table not in shown] == []
