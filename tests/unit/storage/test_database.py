"""Traps of databases, each run into once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, StatementError

from bot.delivery.chats import lane_for
from bot.delivery.model import Lane
from bot.storage import Database
from bot.storage.database import after_commit


async def test_a_naive_moment_is_refused(database: Database) -> None:
    async with database.write() as session:
        lane = await lane_for(session, "memory")
        lane.lease_until = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - the very mistake
        with pytest.raises(StatementError, match="naive"):
            await session.flush()
        await session.rollback()
        await session.begin()


async def test_a_moment_keeps_its_instant_whatever_its_offset(database: Database) -> None:
    berlin = timezone(timedelta(hours=2))
    async with database.write() as session:
        (await lane_for(session, "memory")).lease_until = datetime(2026, 6, 1, 14, tzinfo=berlin)
    async with database.read() as session:
        stored = (await session.execute(select(Lane.lease_until))).scalar_one()
    assert stored == datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert stored is not None
    assert stored.tzinfo is UTC


async def test_writers_of_one_program_queue_in_order(database: Database) -> None:
    order: list[int] = []

    async def write(number: int) -> None:
        async with database.write() as session:
            await session.execute(text("SELECT 1"))
            order.append(number)

    await asyncio.gather(*(write(number) for number in range(30)))
    assert order == list(range(30))


async def test_a_read_that_turns_into_a_write_fails_at_once(database: Database) -> None:
    async with database.read() as session:
        await session.execute(select(Lane))
        async with database.write() as other:
            await lane_for(other, "memory")
        with pytest.raises(OperationalError, match="locked"):
            await lane_for(session, "telegram")


async def test_a_reader_sees_one_snapshot_while_another_writes(database: Database) -> None:
    async with database.read() as session:
        before = (await session.execute(select(Lane.id))).all()
        async with database.write() as other:
            await lane_for(other, "memory")
        after = (await session.execute(select(Lane.id))).all()
    assert (before, after) == ([], [])


async def test_a_failed_write_leaves_nothing_and_frees_the_lock(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is the point
        async with database.write() as session:
            await lane_for(session, "memory")
            raise ZeroDivisionError
    async with database.write() as session:
        assert (await session.execute(select(Lane.id))).all() == []


async def test_callbacks_run_after_the_commit_once_and_never_after_a_rollback(database: Database) -> None:
    heard: list[str] = []

    def ring() -> None:
        heard.append("ring")

    async with database.write() as session:
        after_commit(session, ring)
        after_commit(session, ring)
        assert heard == []
    assert heard == ["ring"]
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is the point
        async with database.write() as session:
            after_commit(session, ring)
            raise ZeroDivisionError
    assert heard == ["ring"]


async def test_every_connection_is_durable_minds_references_and_deletes_for_good(database: Database) -> None:
    async with database.read() as session:
        found = [
            (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ]
    assert found == ["wal", 2, 1, 1]
