"""What tests of every room share: a database of their own, with all tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
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
