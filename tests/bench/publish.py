"""Publishing to 100,000 recipients in one transaction: the statement alone, and an announcement as staff send it."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import func, insert, select

from bot.clock import SystemClock
from bot.delivery.model import Chat, Delivery
from bot.delivery.outbox import Outbox
from bot.people.model import Account, Pace, Person, Subscription
from bot.storage import Database
from tests.bench.databases import NO_POSTGRES, each_kind, publish, readers
from tests.bench.report import Figure
from tests.unit.posts.town import PostsTown

READERS = 100_000
GOALS = {"SQLite": 0.6, "PostgreSQL": 3.0}
LANGUAGES = ("de", "de-simple", "en", "ar", "uk", "ru", "ro", "tr", "fa", "kmr")


async def measure() -> list[Figure]:
    figures: list[Figure] = []
    for measured in (_statement, _announcement):
        async for kind, database in each_kind():
            figures.append(await measured(kind, database))
    return figures


async def _statement(kind: str, database: Database | None) -> Figure:
    name = f"publish to 100,000, one transaction, {kind}"
    if database is None:
        return Figure.not_measured(name, "s", NO_POSTGRES, goal=GOALS[kind])
    lane, clock = await readers(database, READERS), SystemClock()
    started = time.perf_counter()
    written = await publish(database, Outbox(clock, lambda: None), lane, clock.now())
    took = time.perf_counter() - started
    assert written == READERS
    return Figure(name, took, "s", goal=GOALS[kind])


async def _announcement(kind: str, database: Database | None) -> Figure:
    """With everybody's habits looked at, in ten languages."""
    name = f"an announcement to 100,000 in ten languages, {kind}"
    if database is None:
        return Figure.not_measured(name, "s", NO_POSTGRES)
    town = await PostsTown.make(database)
    await _people(town)
    author = await town.staff()
    draft = await town.draft(author, "Sommerfest am Samstag um 15 Uhr im KAISERS")
    started = time.perf_counter()
    await town.send(author, draft)
    took = time.perf_counter() - started
    async with database.read() as session:
        copies = select(func.count()).where(Delivery.item == draft.id)
        assert await session.scalar(copies) == READERS
    return Figure(name, took, "s")


async def _people(town: PostsTown) -> None:
    async with town.database.write() as session:
        chats = [
            {"lane_id": town.lane, "address": f"r{n}", "is_room": False, "reachable": True}
            for n in range(READERS)
        ]
        await session.execute(insert(Chat), chats)
        ids = (
            await session.scalars(select(Chat.id).where(Chat.lane_id == town.lane).order_by(Chat.id))
        ).all()
        people = [
            {
                "languages": [LANGUAGES[n % len(LANGUAGES)]], "language": LANGUAGES[n % len(LANGUAGES)],
                "pace": Pace.NOW.value, "preferred_chat": chat,
                "agreed_at": town.clock.now() - timedelta(days=1), "digest_mark": 0,
            }
            for n, chat in enumerate(ids)
        ]  # fmt: skip
        await session.execute(insert(Person), people)
        found = (await session.execute(select(Person.id, Person.preferred_chat))).all()
        accounts = [{"chat_id": row.preferred_chat, "person_id": row.id} for row in found]
        await session.execute(insert(Account), accounts)
        reads = [{"person_id": row.id, "quartier": town.suedstadt, "paused": False} for row in found]
        await session.execute(insert(Subscription), reads)
