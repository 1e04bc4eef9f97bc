"""The engine, driven by Hypothesis: whatever happens on the way, everybody ends up with what they should.

`MACHINE_EXAMPLES` and `MACHINE_STEPS` in the environment make a long run of it, with other dice each time.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL

from bot.storage import Database
from bot.tables import metadata
from tests.fakes.postgres import PostgresServer
from tests.unit.delivery.machine.driving import ROUNDS, drive, watch

pytestmark = pytest.mark.timeout(300 + 60 * ROUNDS)


@pytest.fixture(autouse=True)
def _watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's complaints are many, and said a thousand times."""
    watch(monkeypatch)
    logging.getLogger("bot").setLevel(logging.CRITICAL)


@pytest.fixture
def files(tmp_path: Path) -> Callable[[], str]:
    """Each time an empty SQLite database; the former one is gone."""
    prepared, file = tmp_path / "prepared", tmp_path / "city.sqlite3"
    _make_tables(f"sqlite+aiosqlite:///{prepared}")

    def fresh() -> str:
        for leftover in tmp_path.glob("city*"):
            leftover.unlink()
        shutil.copy(prepared, file)
        return f"sqlite+aiosqlite:///{file}"

    return fresh


def test_on_sqlite(files: Callable[[], str]) -> None:
    drive(files, rounds=5, several=False)


def test_several_programs(files: Callable[[], str]) -> None:
    """As on PostgreSQL, where an owner can't know that it is alone; quicker."""
    drive(files, rounds=4, several=True)


def test_on_postgresql(postgres_server: PostgresServer, postgres_with_tables: URL) -> None:
    made: list[URL] = []

    def fresh() -> str:
        while made:
            postgres_server.drop(made.pop())
        made.append(postgres_server.create(str(postgres_with_tables.database)))
        return made[-1].render_as_string(hide_password=False)

    try:
        drive(fresh, rounds=1, several=True)
    finally:
        for url in made:
            postgres_server.drop(url)


def _make_tables(url: str) -> None:
    async def make() -> None:
        database = Database(url)
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata().create_all)
        await database.close()

    asyncio.run(make())
