"""What a server needs that a file does not: snapshots by request, enough connections, new ones for dead ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.chats import lane_for
from bot.delivery.model import Lane
from bot.storage import Database


@pytest.fixture
def database_url(empty_postgres_url: str) -> str:
    return empty_postgres_url


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Database]:
    """Somebody else at the same database."""
    opened = Database(database.url.render_as_string(hide_password=False))
    yield opened
    await opened.close()


async def lanes(session: AsyncSession) -> list[str]:
    return list((await session.execute(select(Lane.platform))).scalars())


async def test_a_reader_sees_one_snapshot_while_another_writes(database: Database) -> None:
    async with database.read() as session:
        before = await lanes(session)
        async with database.write() as writing:
            await lane_for(writing, "memory")
        after = await lanes(session)
    async with database.read() as session:
        later = await lanes(session)
    assert (before, after, later) == ([], [], ["memory"])


async def test_a_read_cannot_write_and_the_next_write_can(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(DBAPIError, match="read-only"):
            await lane_for(session, "memory")
    async with database.write() as session:
        await lane_for(session, "memory")
        assert await lanes(session) == ["memory"]


async def test_a_writer_sees_what_others_commit_meanwhile(database: Database) -> None:
    """Writers wait for each other's rows and go on with what they find then; a snapshot would make them fail."""
    async with database.read() as session:
        await lanes(session)
    async with database.write() as session:
        await lanes(session)
        async with database.write() as second:
            await lane_for(second, "memory")
        assert await lanes(session) == ["memory"]


async def test_forty_find_a_connection_at_once(database: Database) -> None:
    everybody = asyncio.Barrier(40)

    async def turn() -> None:
        async with database.write() as session:
            await session.execute(text("SELECT 1"))
            await everybody.wait()

    await asyncio.gather(*(turn() for _ in range(40)))


async def test_a_restart_of_the_server_is_not_noticed(database: Database, other: Database) -> None:
    async with database.read() as session:
        mine = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    async with other.write() as session:
        await session.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
    async with database.read() as session:
        assert (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one() != mine
