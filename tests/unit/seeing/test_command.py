"""`quartierbote deliveries` as typed: it looks, and makes nothing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.storage import Database
from bot.storage.schema import upgrade
from tests.unit.test_cli import a_city, call, empty_machine

__all__ = ["a_city", "empty_machine"]

pytestmark = pytest.mark.usefixtures("a_city")


def test_without_a_database_it_says_so_and_makes_none() -> None:
    result = call("deliveries")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("There is no database yet at data/quartierbote.sqlite3")
    assert not Path("data").exists()


def test_a_database_without_tables_is_none_of_another_version() -> None:
    Path("data").mkdir()
    Path("data/quartierbote.sqlite3").touch()
    result = call("deliveries")
    assert result.exit_code == 1
    assert result.stderr == "There are no tables in this database yet, so there are no figures.\n"


def test_an_empty_city_and_a_number_that_no_post_has() -> None:
    asyncio.run(_migrated())
    before = Path("data/quartierbote.sqlite3").read_bytes()
    assert call("deliveries").stdout == "Nothing was announced yet.\n"
    assert json.loads(call("deliveries --all --json").stdout)["posts"] == []
    for number in (7, -1, 10**30):  # the last is more than a database can be asked for
        assert call(f"deliveries --post {number}").stderr == f"There is no post with the number {number}.\n"
    assert Path("data/quartierbote.sqlite3").read_bytes() == before


async def _migrated() -> None:
    database = Database("sqlite+aiosqlite:///data/quartierbote.sqlite3")
    await upgrade(database)
    await database.close()
