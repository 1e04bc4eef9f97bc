"""What tests of every room share: a database of their own, with all tables."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.storage import Database
from bot.tables import metadata

pytest_plugins = ["tests.fakes.postgres"]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Where the test's database is; a module that wants another kind overrides this fixture."""
    return f"sqlite+aiosqlite:///{tmp_path / 'city.sqlite3'}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with the tables of the models."""
    opened = Database(database_url)
    async with opened.engine.begin() as connection:
        await connection.run_sync(metadata().create_all)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> Iterator[None]:
    """A test that sets the log up leaves it to the next one as it found it."""
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in ("bot", "adapters", "migrations")}
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
