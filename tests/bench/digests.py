"""Digests for 20,000 people in twelve languages, on both databases; and beside it, each message written by itself."""

from __future__ import annotations

import contextlib
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
from sqlalchemy import insert, select

from bot.delivery.model import Chat
from bot.digests.assemble import Sort, Wanted
from bot.digests.writing import Run
from bot.language import Languages
from bot.people.model import Account, Pace, Person, Subscription
from bot.storage import Database
from bot.tables import metadata
from tests.bench.databases import NO_POSTGRES
from tests.bench.report import Figure
from tests.fakes.postgres import serve
from tests.unit.posts import town as posts_town
from tests.unit.posts.town import PostsTown, at

PEOPLE, ITEMS, BY_ONE = 20_000, 20, 200
LANGUAGES = ("de", "de-simple", "en", "ar", "uk", "ru", "ro", "tr", "fa", "kmr", "en-x-one", "en-x-two")
"""The ten we ship, and English under two more names, so that there are twelve."""


async def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, twelve_languages(Path(folder)):
        file = await _measure(f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}", "SQLite", goal=0.5)
        with serve() as server:
            if server is None:
                missing = ("digests written", "people"), ("run, marks, texts and copies", "s")
                return file + [
                    Figure.not_measured(f"PostgreSQL: {row}", unit, NO_POSTGRES) for row, unit in missing
                ]
            url = server.create().render_as_string(hide_password=False)
            return file + await _measure(url, "PostgreSQL", goal=None)


@contextlib.contextmanager
def twelve_languages(folder: Path) -> Iterator[None]:
    """Hameln speaks them meanwhile."""
    found = Languages.find()
    here = folder / "locales"
    shutil.copytree(found, here)
    with (here / "languages.toml").open("a", encoding="utf-8") as registry:
        for tag in LANGUAGES[10:]:
            registry.write(
                f'\n["{tag}"]\nown_name = "{tag}"\nlocale = "en"\nfolder = "en"\nshipped = true\n'
                'plural = "nplurals=2; plural=(n != 1);"\n'
            )
    before, posts_town.LANGUAGES = posts_town.LANGUAGES, Languages.load(here)
    try:
        yield
    finally:
        posts_town.LANGUAGES = before


async def _measure(url: str, name: str, goal: float | None) -> list[Figure]:
    database = Database(url)
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata().create_all)
        town = await PostsTown.make(database)
        await _readers(town)
        author = await town.staff()
        items = [(await town.published(author, f"Neues Nummer {n} aus dem KAISERS")).id for n in range(ITEMS)]
        town.clock.set(at("2026-11-23T18:00"))
        by_one = await _by_one(town, items) if goal else 0.0
        before = psutil.Process().memory_info().rss / 2**20
        began, cpu = time.perf_counter(), time.process_time()
        sent = await town.digests.due(town.database)
        took, used = time.perf_counter() - began, time.process_time() - cpu
    finally:
        await database.close()
    figures = [
        Figure(f"{name}: digests written", sent, "people", goal=PEOPLE, more_is_better=True),
        Figure(f"{name}: run, marks, texts and copies", took, "s", goal=goal),
        Figure(f"{name}: the same, of our processor", used, "s"),
    ]
    if goal is None:
        return figures
    whole = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        *figures,
        Figure("messages written one after another, of the processor", by_one, "s"),
        Figure("times less", by_one / used, "x", goal=10, more_is_better=True),
        Figure("memory of the process at its peak", whole, "MB"),
        Figure("of which it grew by", max(0.0, whole - before), "MB", goal=150),
    ]


async def _readers(town: PostsTown) -> None:
    """Every language reads every set of Quartiere; every seventh person a second language."""
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
            wanted = Wanted(
                Sort.EVENING, (LANGUAGES[n % len(LANGUAGES)],), frozenset({town.suedstadt}), tuple(items),
                town.clock.now(), Pace.EVENING, posts,
            )  # fmt: skip
            await writer.write(session, wanted, 1, Run())
    return (time.process_time() - began) / BY_ONE * PEOPLE
