"""Makes the database ready before anything starts: its tables, what it is for, and a city.

The embedded SQLite is brought up to date without asking, a PostgreSQL only when it is empty: there several processes
share it, and when to change it is the operator's decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.backup import BackupError, parts
from bot.backup.archive import in_words
from bot.clock import SystemClock
from bot.delivery.chats import lane_for
from bot.delivery.store import LaneStore
from bot.files import shipped
from bot.quartiere.cityfile import read
from bot.quartiere.service import Quartiere
from bot.settings import Settings
from bot.storage import Database, schema
from bot.storage.moved import MovedError, mark_of, refuse_moved
from bot.storage.schema import Standing
from bot.storage.sole import in_turn

SAMPLE = "hameln.toml"


class NotReadyError(Exception):
    """Nothing can start on this database; the message says why and what to do."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, for as long as the block runs. Raises `NotReadyError` if it can't be opened, or has moved away."""
    try:
        refuse_moved(mark_of(settings.database_url))
    except MovedError as moved:
        raise NotReadyError(str(moved)) from moved
    database = Database(settings.database_url.render_as_string(hide_password=False))
    try:
        yield database
    except (SQLAlchemyError, OSError) as error:
        raise NotReadyError(_unopened(settings, error)) from error
    finally:
        await database.close()


async def prepare(settings: Settings) -> None:
    """Everything that must be there before the program runs. Raises `NotReadyError`, `CityFileError`."""
    async with opened(settings) as database, in_turn(database.url):
        await _make_tables_ready(database, settings)
        await _load_first_city(database, settings)


async def prepare_tables(settings: Settings) -> None:
    """The tables and what they are for, without a city. Raises `NotReadyError`."""
    async with opened(settings) as database, in_turn(database.url):
        await _make_tables_ready(database, settings)


async def migrate(settings: Settings, *, backup_done: bool = False) -> Standing:
    """Bring any database up to date, and say where it stood. Raises `NotReadyError`, `BackupError`.

    What it was before is kept: a copy beside it. `backup_done`: the operator has one already.
    """
    async with opened(settings) as database, in_turn(database.url):
        before = await schema.standing(database)
        if before in _CLOSED:
            raise NotReadyError(_CLOSED[before])
        if before is Standing.BEHIND and not backup_done:
            await _keep(database, settings)
        if before is not Standing.CURRENT:
            await schema.upgrade(database)
        return before


_CLOSED = {
    Standing.AHEAD: "This database was used by a newer version of Quartierbote. Install that version, or restore a"
    " backup.",
    Standing.HALF: "A backup was being put back here, and that was broken off, so nothing starts on this database."
    " Run again: quartierbote restore FILE",
}
"""Where nothing may start, and nothing but a backup helps."""
_BEHIND = "This database has the tables of an older version. Make a backup, then: quartierbote migrate"


async def _make_tables_ready(database: Database, settings: Settings) -> None:
    await _bring_up_to_date(database, settings)
    await _claim(database, demo=settings.demo)


async def _bring_up_to_date(database: Database, settings: Settings) -> None:
    standing = await schema.standing(database)
    if standing in _CLOSED:
        raise NotReadyError(_CLOSED[standing])
    if standing is Standing.BEHIND:
        if not database.is_sqlite:
            raise NotReadyError(_BEHIND)
        await _keep(database, settings)
    if standing is not Standing.CURRENT:
        await schema.upgrade(database)


async def _keep(database: Database, settings: Settings) -> None:
    """A copy before the tables change, so that there is a way back. Without one nothing is changed."""
    to = schema.head()
    if database.is_sqlite:
        file = Path(str(settings.database_url.database))
        with in_words(file):
            await asyncio.to_thread(parts.keep_before, file, to)
        return
    kept = settings.data.folder / f"{settings.database_url.database}.before-{to}.dump"
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        await asyncio.to_thread(parts.dump, settings.database_url, kept)
    except BackupError as missing:
        raise NotReadyError(
            f"Before the tables change there must be a backup. {missing}\n"
            "Once you have one: quartierbote migrate --backup-done"
        ) from missing


async def _claim(database: Database, *, demo: bool) -> None:
    """The demo hands roles to everybody, so it never runs on a city's database, nor a city on the demo's."""
    purpose = "demo" if demo else "city"
    async with database.write() as session:
        lane = await lane_for(session, "house")
    store = LaneStore(database, lane.id)
    await store.put_new("purpose", purpose)
    if await store.get("purpose") != purpose:
        raise NotReadyError(
            "This is a city's database; the demo needs its own. Leave QUARTIERBOTE_DATABASE__URL out."
            if demo
            else "This is the demo's database; a city needs its own. Example: QUARTIERBOTE_DATABASE__URL="
            "sqlite:///data/quartierbote.sqlite3"
        )


async def _load_first_city(database: Database, settings: Settings) -> None:
    quartiere = Quartiere(SystemClock())
    async with database.read() as session:
        if await quartiere.city(session) is not None:
            return
    file = read(settings.city.file or shipped("cities") / SAMPLE)
    async with database.write() as session:
        await quartiere.load(session, file)


def _unopened(settings: Settings, error: BaseException) -> str:
    """Without the driver's own words: they may hold the address, the user or a row."""
    where = settings.database_url
    place = where.database if where.get_backend_name() == "sqlite" else f"{where.host}/{where.database}"
    return (
        f"The database {place} can't be used ({type(error).__name__})."
        " Is QUARTIERBOTE_DATABASE__URL right, does the server run, may we write there, and is there room on the disk?"
    )
