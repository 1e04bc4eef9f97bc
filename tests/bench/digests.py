"""Digests for 20,000 people in ten languages, beside writing each person's message by itself."""

from __future__ import annotations

import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import psutil
from sqlalchemy import insert, select

from bot.delivery.model import Chat
from bot.digests.assemble import Sort, Wanted
from bot.people.model import Account, Pace, Person, Subscription
from bot.storage import Database
from bot.tables import metadata
from tests.bench.report import Figure
from tests.unit.posts.town import PostsTown, at

PEOPLE, ITEMS, BY_ONE = 20_000, 20, 200
LANGUAGES = ("de", "de-simple", "en", "ar", "uk", "ru", "ro", "tr", "fa", "kmr")


async def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}")
        try:
            async with database.engine.begin() as connection:
                await connection.run_sync(metadata().create_all)
            town = await PostsTown.make(database)
            await _readers(town)
            author = await town.staff()
            items = [
                (await town.published(author, f"Neues Nummer {n} aus dem KAISERS")).id for n in range(ITEMS)
            ]
            town.clock.set(at("2026-11-23T18:00"))
            by_one = await _by_one(town, items)
            before = psutil.Process().memory_info().rss / 2**20
            began, cpu = time.perf_counter(), time.process_time()
            sent = await town.digests.due(town.database)
            took, used = time.perf_counter() - began, time.process_time() - cpu
        finally:
            await database.close()
    whole = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure("digests written", sent, "people", goal=PEOPLE, more_is_better=True),
        Figure("run, marks, texts and copies", took, "s"),
        Figure("the same, of the processor", used, "s", goal=5),
        Figure("messages written one after another, of the processor", by_one, "s"),
        Figure("times less", by_one / used, "x", goal=10, more_is_better=True),
        Figure("memory of the process at its peak", whole, "MB"),
        Figure("of which it grew by", max(0.0, whole - before), "MB", goal=150),
    ]


async def _readers(town: PostsTown) -> None:
    quartiere = [1, 2, 3, 4, 0]
    async with town.database.write() as session:
        chats = [
            {"lane_id": town.lane, "address": f"r{n}", "is_room": False, "reachable": True}
            for n in range(PEOPLE)
        ]
        await session.execute(insert(Chat), chats)
        ids = (
            await session.scalars(select(Chat.id).where(Chat.lane_id == town.lane).order_by(Chat.id))
        ).all()
        tags = [LANGUAGES[n % len(LANGUAGES)] for n in range(PEOPLE)]
        people = [
            {
                "languages": [tag, "de"] if n % 7 == 0 and tag != "de" else [tag], "language": tag,
                "pace": Pace.EVENING.value,
                "preferred_chat": chat, "agreed_at": town.clock.now() - timedelta(days=1), "digest_mark": 0,
            }
            for n, (chat, tag) in enumerate(zip(ids, tags, strict=True))
        ]  # fmt: skip
        await session.execute(insert(Person), people)
        found = (await session.execute(select(Person.id, Person.preferred_chat).order_by(Person.id))).all()
        await session.execute(
            insert(Account), [{"chat_id": row.preferred_chat, "person_id": row.id} for row in found]
        )
        reads = [
            {"person_id": row.id, "quartier": one, "paused": False}
            for row in found
            for one in {town.suedstadt, quartiere[row.id % len(quartiere)]}
        ]
        await session.execute(insert(Subscription), reads)


async def _by_one(town: PostsTown, items: list[int]) -> float:
    """Seconds for everybody, from a share of them."""
    posts = tuple([await town.load(item) for item in items])
    writer = town.digests._writer
    began = time.process_time()
    async with town.database.read() as session:
        for n in range(BY_ONE):
            tag = LANGUAGES[n % len(LANGUAGES)]
            wanted = Wanted(
                Sort.EVENING,
                (tag,),
                frozenset({town.suedstadt}),
                tuple(items),
                town.clock.now(),
                Pace.EVENING,
                posts,
            )
            await writer.write(session, wanted, 1)
    return (time.process_time() - began) / BY_ONE * PEOPLE
