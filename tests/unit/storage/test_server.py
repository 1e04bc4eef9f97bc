"""What a server needs that a file does not: snapshots by request, enough connections, new ones for dead ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.chats import lane_for
from bot.delivery.lease import Lease
from bot.delivery.model import Lane
from bot.delivery.owning import Owning
from bot.delivery.tempo import Tempo
from bot.storage import Database
from bot.storage.database import BESIDE, CONNECTIONS


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


async def test_all_turns_and_some_more_find_a_connection_at_once(database: Database) -> None:
    many = CONNECTIONS - BESIDE
    assert database.most_turns is not None
    assert database.most_turns < many
    everybody = asyncio.Barrier(many)

    async def turn() -> None:
        async with database.write() as session:
            await session.execute(text("SELECT 1"))
            await everybody.wait()

    await asyncio.gather(*(turn() for _ in range(many)))


async def test_what_is_urgent_waits_for_nobody_and_no_more_connections_are_opened(database: Database) -> None:
    few = Database(database.url.render_as_string(hide_password=False), connections=6)
    leave, busy = asyncio.Event(), asyncio.Semaphore(0)

    async def page() -> None:
        async with few.read() as session:
            await session.execute(text("SELECT 1"))
            busy.release()
            await leave.wait()

    pages = [asyncio.create_task(page()) for _ in range(5)]
    for _ in range(6 - BESIDE):
        await busy.acquire()
    async with few.urgent() as session:
        await lane_for(session, "memory")
    everybody = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    async with database.read() as session:
        assert await lanes(session) == ["memory"]
        mine = 1
        assert await session.scalar(everybody) == mine + 6 - BESIDE + 1
    leave.set()
    await asyncio.gather(*pages)
    await few.close()


async def test_a_lease_is_renewed_while_pages_have_all_connections(database: Database) -> None:
    few = Database(database.url.render_as_string(hide_password=False), connections=6)
    async with few.write() as session:
        lane = (await lane_for(session, "memory")).id
    owning = Owning(few, Tempo(lease=0.3))
    held = asyncio.get_running_loop().create_future()

    async def work(lease: Lease) -> None:
        held.set_result((lease, lease.renewed))
        await asyncio.Event().wait()

    async with AsyncExitStack() as pages:
        task = asyncio.create_task(owning.own(lane, "memory", work))
        lease, began = await held
        for _ in range(6 - BESIDE):
            session = await pages.enter_async_context(few.read())
            await session.execute(text("SELECT 1"))
        async with asyncio.timeout(10):
            while lease.renewed == began:
                await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    await few.close()


async def test_a_restart_of_the_server_is_not_noticed(database: Database, other: Database) -> None:
    async with database.read() as session:
        mine = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    async with other.write() as session:
        await session.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
    async with database.read() as session:
        assert (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one() != mine
