"""`quartierbote migrate --to`: a city moves to a real PostgreSQL and goes on there as if nothing had happened."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Table, func, insert, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import cli, logs, operate
from bot.backup import make as backup
from bot.backup.restore import restore
from bot.clock import ManualClock
from bot.delivery.model import Delivery, Lane, StoredMedia, StoredText
from bot.moving import rows
from bot.moving.errors import MoveError
from bot.moving.move import Moved, move
from bot.moving.told import lines
from bot.people.model import Role
from bot.prepare import NotReadyError, prepare
from bot.refusals import refusal
from bot.running import serve
from bot.settings import DatabaseSettings, DataSettings, Settings
from bot.storage import Database
from bot.storage.moved import MovedError
from bot.storage.sole import AlreadyRunningError, sole_program
from bot.tables import metadata
from tests.fakes.postgres import PostgresServer
from tests.stories.driver import START, open_town
from tests.stories.preparing import prepared
from tests.stories.sides import MemorySide

MANY = 3000
"""Deliveries of the filled city: several batches."""


class Heard:
    """`Progress` for the tests."""

    def __init__(self) -> None:
        self.steps = self.gone = 0

    def begins(self, steps: int) -> None:
        self.steps = steps

    def went(self, steps: int, table: str) -> None:
        self.gone += steps


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'town.sqlite3'}"),
        data=DataSettings(folder=tmp_path),
    )


def opened(url: str) -> Database:
    return Database(DatabaseSettings(url=url).url)


async def counts(url: str) -> dict[str, int]:
    """How many rows each table has."""
    database = opened(url)
    try:
        async with database.read() as session:
            return {
                table.name: int(await session.scalar(select(func.count()).select_from(table)) or 0)
                for table in metadata().sorted_tables
            }
    finally:
        await database.close()


async def has_tables(url: str) -> bool:
    database = opened(url)
    try:
        async with database.read() as session:
            found = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
            return bool(await session.scalar(text(found)))
    finally:
        await database.close()


async def fill(settings: Settings) -> None:
    """What a city gathers: many copies, a file, words with odd characters, ids that are gone."""
    database = opened(str(settings.database.url))
    async with database.write() as session:
        lane = (await session.scalars(select(Lane.id).limit(1))).one()
        chat = int(await session.scalar(text("SELECT min(id) FROM chat")) or 0)
        odd = {"a": "nul \0 here", "b": [1.5, 1e20, None, True], "c": "half \ud83d"}
        session.add(StoredText(item=900, language="de", body=odd))
        session.add(
            StoredMedia(mime="image/png", name="a\0b.png", content=bytes(range(256)), created_at=START)
        )
        await session.flush()
        copies = [
            {"item": 1000 + n, "chat_id": chat, "lane_id": lane, "priority": 3, "quartier": 0, "due_at": START,
             "state": "held", "attempts": 0, "changes": 0, "ref": ["7", str(n)], "held_at": START}
            for n in range(MANY)
        ]  # fmt: skip
        await session.execute(insert(Delivery), copies)
        await session.execute(text("DELETE FROM delivery WHERE item = :last"), {"last": 1000 + MANY - 1})
    await database.close()


async def test_a_conversation_goes_on_where_it_was(
    settings: Settings, empty_postgres_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    side = MemorySide(clock)
    async with open_town(side, tmp_path, clock=clock) as town:
        mina = await town.resident("Mina", "Nordstadt", pace="")
        petra = await town.staff("Petra")
        await petra.says("/ansage")
        await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
        await mina.says("/ruhe")
    await fill(settings)
    with closing(sqlite3.connect(str(settings.database_url.database))) as source:
        highest = source.execute("SELECT seq FROM sqlite_sequence WHERE name = 'delivery'").fetchone()[0]
    heard = Heard()
    moved = await move(settings, empty_postgres_url, heard)
    assert moved.rows > MANY
    assert (heard.steps, heard.gone) == (2 * moved.rows, 2 * moved.rows)
    assert await counts(empty_postgres_url) == await counts(settings.database.url)
    async with open_town(side, tmp_path, clock=clock, url=empty_postgres_url) as again:
        for somebody in (mina, petra):
            somebody.town = again
        await mina.says("19-7")
        await mina.sees("Von 19 Uhr bis 7 Uhr")
        await petra.taps("Senden")
        await again.later(timedelta(seconds=31))
        await petra.sees("Kaffee und Kuchen", "1 von 1 hat es")
        async with again.house.database.read() as session:
            newest = await session.scalar(select(func.max(Delivery.id)))
            body = await session.scalar(select(StoredText.body).where(StoredText.item == 900))
            media = (await session.scalars(select(StoredMedia))).one()
    # The last delivery was erased before the move: its id is not given out again.
    assert newest is not None
    assert newest > highest
    assert body == {"a": "nul  here", "b": [1.5, 10**20, None, True], "c": "half \ufffd"}
    assert (media.name, media.content) == ("ab.png", bytes(range(256)))


async def test_what_is_broken_off_leaves_nothing_and_is_run_again(
    settings: Settings, empty_postgres_url: str, tmp_path: Path, clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async with open_town(MemorySide(clock), tmp_path, clock=clock) as town:
        await town.resident("Mina")
    await fill(settings)
    copy = rows.copy

    async def breaks(source: AsyncConnection, there: AsyncConnection, table: Table, went: Any) -> rows.Sum:
        if table.name == "delivery":
            raise OSError(104, "connection reset")
        return await copy(source, there, table, went)

    monkeypatch.setattr(rows, "copy", breaks)
    with pytest.raises(MoveError, match=r"connection was lost .* run the same command again"):
        await move(settings, empty_postgres_url, Heard())
    assert not await has_tables(empty_postgres_url)
    monkeypatch.setattr(rows, "copy", copy)
    await move(settings, empty_postgres_url, Heard())
    assert (await counts(empty_postgres_url))["delivery"] >= MANY - 1
    with pytest.raises(MovedError, match="has moved to PostgreSQL"):
        await move(settings, empty_postgres_url, Heard())


async def test_what_a_command_writes_meanwhile_is_noticed_and_what_reads_may_go_on(
    settings: Settings, empty_postgres_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepared(settings, clock)
    await operate.roles(settings)  # the first command makes the city's secret
    invite = partial(operate.invite, role=Role.COORDINATOR, scope=None, adapters={})
    copy = rows.copy
    commands: list[Callable[[Settings], Awaitable[object]]] = [operate.roles, invite]

    async def meanwhile(source: AsyncConnection, there: AsyncConnection, table: Table, went: Any) -> rows.Sum:
        if table.name == "quartier":
            for command in commands:
                await command(settings)
        return await copy(source, there, table, went)

    monkeypatch.setattr(rows, "copy", meanwhile)
    with pytest.raises(MoveError, match=r"Something was written into .* Run the same command again"):
        await move(settings, empty_postgres_url, Heard())
    assert not await has_tables(empty_postgres_url)
    await prepare(settings)  # nothing is marked as moved
    del commands[1]
    await move(settings, empty_postgres_url, Heard())
    assert (await counts(empty_postgres_url))["invite"] == 1


async def test_nothing_starts_on_the_old_file_until_its_mark_is_deleted(
    settings: Settings, empty_postgres_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    await prepared(settings, clock)
    await prepare(settings)
    monday = tmp_path / "before.tar.gz"
    await backup.take(settings, monday, clock)
    await move(settings, empty_postgres_url, Heard())
    place = make_url(empty_postgres_url)
    file, mark = tmp_path / "town.sqlite3", tmp_path / "town.sqlite3.moved"
    before = file.read_bytes()
    assert mark.read_text(encoding="utf-8") == f"{place.host}:{place.port}/{place.database}\n"
    told = (
        f"The city in {file} has moved to PostgreSQL at {place.host}:{place.port}/{place.database}:"
        " set QUARTIERBOTE_DATABASE__URL to that address."
        f" Only if you want to go on with the old file, delete {mark}."
    )
    for command in (
        serve(settings, {}),
        prepare(settings),
        operate.revoke(settings, 1),
        backup.take(settings, tmp_path / "monday.tar.gz", clock),
        restore(settings, monday, clock),
        move(settings, empty_postgres_url, Heard()),
    ):
        with pytest.raises((NotReadyError, MovedError)) as refused:
            await command
        assert refusal(refused.value) == told
    assert file.read_bytes() == before
    mark.unlink()
    await prepare(settings)


async def test_a_row_that_did_not_arrive_as_it_was_is_found(
    settings: Settings, empty_postgres_url: str, tmp_path: Path, clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await prepared(settings, clock)
    weigh = rows.weigh

    async def changes(there: AsyncConnection, table: Table, went: Any) -> rows.Sum:
        if table.name == "quartier":
            await there.execute(text("UPDATE quartier SET position = position + 1"))
        return await weigh(there, table, went)

    monkeypatch.setattr(rows, "weigh", changes)
    with pytest.raises(MoveError, match="arrived in the table quartier is not what was sent"):
        await move(settings, empty_postgres_url, Heard())
    assert not await has_tables(empty_postgres_url)


async def test_refused_while_a_program_runs_on_either_side(
    settings: Settings, empty_postgres_url: str, clock: ManualClock
) -> None:
    await prepared(settings, clock)
    for url in (settings.database_url, DatabaseSettings(url=empty_postgres_url).url):
        async with sole_program(url if not isinstance(url, str) else opened(url).url):
            with pytest.raises(AlreadyRunningError):
                await move(settings, empty_postgres_url, Heard())
    assert not await has_tables(empty_postgres_url)


async def test_only_into_an_empty_database(
    settings: Settings, postgres_url: str, empty_postgres_url: str, clock: ManualClock
) -> None:
    await prepared(settings, clock)
    other = opened(empty_postgres_url)
    async with other.write() as session:
        await session.execute(text("CREATE TABLE guestbook (id int)"))
    with pytest.raises(MoveError, match=r"is not empty: it holds tables of another program"):
        await move(settings, empty_postgres_url, Heard())
    await other.close()
    there = opened(postgres_url)
    async with there.write() as session:
        session.add(Lane(platform="memory", epoch=0))
    with pytest.raises(MoveError, match=r"is not empty: it holds a city"):
        await move(settings, postgres_url, Heard())
    async with there.write() as session:
        await session.execute(text("DELETE FROM lane"))
    await there.close()
    # Tables without a row are none that a move would mix with.
    assert (await move(settings, postgres_url, Heard())).rows > 0


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Any:
    """`quartierbote migrate --to …` on the city of `settings`."""
    monkeypatch.setattr(logs, "set_up", lambda *_: None)
    monkeypatch.setenv("QUARTIERBOTE_DEMO", "false")
    monkeypatch.setenv("QUARTIERBOTE_DATABASE__URL", settings.database.url)

    def run(to: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli.cli, ["migrate", "--to", to])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


def test_a_wrong_address_is_a_sentence(
    command: Any, settings: Settings, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is no database yet" in command("postgresql://u:geheim@127.0.0.1:1/city")[1]
    assert CliRunner().invoke(cli.cli, ["migrate"]).exit_code == 0
    missing = postgres_server.url.set(database="nowhere").render_as_string(hide_password=False)
    for address, said in (
        ("sqlite:///other.sqlite3", "takes the address of a PostgreSQL database"),
        ("mysql://u:geheim@localhost/city", "takes the address of a PostgreSQL database"),
        ("geheim", "takes the address of a PostgreSQL database"),
        ("", "takes the address of a PostgreSQL database"),
        ("postgresql://u:geheim@127.0.0.1:1/city", "PostgreSQL at 127.0.0.1:1/city can't be used"),
        (missing, "has no such database: make it first (createdb)"),
    ):
        code, output = command(address)
        assert (code, said in output, "geheim" in output) == (1, True, False), output
    monkeypatch.setenv("QUARTIERBOTE_DATABASE__URL", "postgresql://u:geheim@127.0.0.1:1/city")
    assert "moves a city from SQLite to PostgreSQL only" in command("postgresql://u@127.0.0.1:1/x")[1]


def test_the_command_says_what_to_set(command: Any, empty_postgres_url: str, tmp_path: Path) -> None:
    assert CliRunner().invoke(cli.cli, ["migrate"]).exit_code == 0
    code, output = command(empty_postgres_url)
    assert code == 0
    assert f"{tmp_path / 'town.sqlite3'} was left as it was." in output
    assert output.splitlines()[-1].startswith("Now set QUARTIERBOTE_DATABASE__URL=postgresql://postgres")


def test_no_password_is_told() -> None:
    said = list(lines(Moved(1, 1, "a.sqlite3", "postgresql://u:***@host/city", ("data/matrix",))))
    assert "Matrix keeps its keys there" in said[1]
    assert "QUARTIERBOTE_DATABASE__URL=postgresql://u:***@host/city (*** is the password)" in said[-1]
