"""A file that is marked as moved is read, and written by nobody, be it opened long before."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.storage import Database
from bot.storage.moved import MovedError, mark_moved


async def test_whoever_waited_for_its_turn_finds_the_mark(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("INSERT INTO counter (name, value) VALUES ('before', 1)"))
    mark_moved(database.url, "db.example.org:5432/city")
    with pytest.raises(MovedError, match=r"has moved to PostgreSQL at db\.example\.org:5432/city"):
        async with database.write() as session:
            await session.execute(text("INSERT INTO counter (name, value) VALUES ('after', 1)"))
    async with database.read() as session:
        assert (await session.execute(text("SELECT name FROM counter"))).scalars().all() == ["before"]


async def test_what_is_no_file_has_no_mark(postgres_url: str) -> None:
    for url in ("sqlite+aiosqlite://", postgres_url):
        database = Database(url)
        mark_moved(database.url, "nowhere")
        async with database.write() as session:
            assert await session.scalar(text("SELECT 1")) == 1
        await database.close()
