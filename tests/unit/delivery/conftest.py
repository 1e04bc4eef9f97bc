"""A world of its own for each test of delivery; a module with `ON_BOTH = True` runs on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from bot.storage import Database
from bot.tables import metadata
from tests.fakes.postgres import PostgresServer, run_apart
from tests.unit.delivery.world import World


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames and getattr(metafunc.module, "ON_BOTH", False):
        metafunc.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: PostgresServer) -> URL:
    """A database with the tables of the models, to clone."""
    url = postgres_server.create()

    async def create() -> None:
        database = Database(url.render_as_string(hide_password=False))
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata().create_all)
        await database.close()

    run_apart(create())
    return url


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the test's database is; the kind is the parameter's."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'city.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    template: URL = request.getfixturevalue("postgres_with_tables")
    url = server.create(str(template.database))
    yield url.render_as_string(hide_password=False)
    server.drop(url)


@pytest.fixture
async def world(database: Database) -> World:
    return await World.make(database)
