"""Processes wake each other: with the commit, over lost connections, and never themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from sqlalchemy import text

from bot.storage import Database, notify
from bot.storage.notify import ANYTHING, DELIVER, INBOUND, Listener, tell


@pytest.fixture
async def here(empty_postgres_url: str) -> AsyncIterator[Database]:
    database = Database(empty_postgres_url)
    yield database
    await database.close()


@pytest.fixture
async def there(empty_postgres_url: str) -> AsyncIterator[Database]:
    database = Database(empty_postgres_url)
    yield database
    await database.close()


@asynccontextmanager
async def listening(database: Database, heard: Callable[[str], None]) -> AsyncIterator[Listener]:
    listener = Listener(database, heard)
    task = asyncio.create_task(listener.run())
    await listener.is_listening.wait()
    yield listener
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def said(database: Database, *words: str) -> None:
    async with database.write() as session:
        for word in words:
            tell(session, word)


async def until(heard: list[str], words: list[str]) -> None:
    while heard != words:
        await asyncio.sleep(0.005)


async def test_a_word_comes_with_the_commit_once_and_only_to_others(here: Database, there: Database) -> None:
    heard: list[str] = []
    async with listening(there, heard.append):
        with suppress(ZeroDivisionError):
            async with here.write() as session:
                tell(session, INBOUND)
                raise ZeroDivisionError
        await said(there, INBOUND)
        await said(here, DELIVER, DELIVER)
        await said(here, "the last")
        await until(heard, [ANYTHING, DELIVER, "the last"])


async def test_after_a_lost_connection_it_listens_again_and_says_that_it_was_deaf(
    here: Database, there: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "FIRST_PAUSE", 0.01)
    heard: list[str] = []
    async with listening(there, heard.append) as listener:
        listener.is_listening.clear()
        async with here.write() as session:
            await session.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            )
        await listener.is_listening.wait()
        await said(here, DELIVER)
        await until(heard, [ANYTHING, ANYTHING, DELIVER])


async def test_on_sqlite_there_is_nobody_to_tell_and_to_listen_to(database: Database) -> None:
    await said(database, DELIVER)
    await Listener(database, lambda _: pytest.fail("heard something")).run()
