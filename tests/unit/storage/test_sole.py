"""Who may be at a database at the same time; every lock dies with its process."""

from __future__ import annotations

import asyncio
import fcntl
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.refusals import refusal
from bot.storage import Database, sole
from bot.storage.sole import (
    AlreadyRunningError,
    BeingRestoredError,
    LockLostError,
    in_turn,
    program_runs,
    running_program,
    sole_program,
)

HOLD = """
import asyncio, sys
from sqlalchemy import make_url
from bot.storage.sole import sole_program

async def hold():
    async with sole_program(make_url(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.read()

asyncio.run(hold())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/data/city.sqlite3"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


async def test_a_second_program_is_refused_in_words(address: str) -> None:
    url = make_url(address)
    async with sole_program(url):
        with pytest.raises(
            AlreadyRunningError, match=rf"already running on .*{url.database}\. Stop that one"
        ):
            async with sole_program(url):
                pass
    async with sole_program(url):
        pass


async def test_a_killed_program_leaves_the_database_free(address: str) -> None:
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLD, address, stdin=PIPE, stdout=PIPE)
    assert other.stdout is not None
    assert await other.stdout.readline() == b"held\n"
    with pytest.raises(AlreadyRunningError):
        async with sole_program(make_url(address)):
            pass
    other.kill()
    await other.wait()
    while True:  # the server may need a moment to see it; the test's own time limit ends a wait in vain
        try:
            async with sole_program(make_url(address)):
                return
        except AlreadyRunningError:
            await asyncio.sleep(0.01)


async def test_on_postgresql_any_number_of_programs_run_but_none_while_a_backup_is_put_back(
    empty_postgres_url: str,
) -> None:
    url = make_url(empty_postgres_url)
    async with running_program(url), running_program(url):
        with pytest.raises(AlreadyRunningError):
            async with sole_program(url):
                pass
    async with sole_program(url):
        with pytest.raises(BeingRestoredError, match=rf"restored on .*{url.database}\. Start again"):
            async with running_program(url):
                pass


async def test_a_program_outlives_a_lost_connection(
    empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sole, "AGAIN", 0.01)
    url = make_url(empty_postgres_url)
    async with running_program(url):
        await cut_connections(empty_postgres_url)
        while True:  # the lock is held anew; the test's own time limit ends a wait in vain
            await asyncio.sleep(0.02)
            try:
                async with sole_program(url):
                    pass
            except AlreadyRunningError:
                return


async def test_a_program_ends_when_a_restore_began_while_it_was_cut_off(
    empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sole, "AGAIN", 0.3)
    url = make_url(empty_postgres_url)

    async def program() -> None:
        async with running_program(url):
            await cut_connections(empty_postgres_url)
            async with sole_program(url):
                await asyncio.Event().wait()

    with pytest.raises(BeingRestoredError):
        await program()


async def test_of_several_that_start_one_goes_first(empty_postgres_url: str) -> None:
    url, order = make_url(empty_postgres_url), []

    async def starts(name: str) -> None:
        async with in_turn(url):
            order.append(f"{name} begins")
            await asyncio.sleep(0.05)
            order.append(f"{name} is ready")

    await asyncio.gather(starts("one"), starts("two"))
    assert [step.partition(" ")[2] for step in order] == ["begins", "is ready"] * 2
    assert order[0].split()[0] == order[1].split()[0]


async def test_in_memory_there_is_nothing_to_share() -> None:
    url = make_url("sqlite+aiosqlite://")
    async with sole_program(url), sole_program(url):
        pass


async def test_databases_of_one_server_do_not_trouble_each_other(
    postgres_url: str, empty_postgres_url: str
) -> None:
    async with sole_program(make_url(postgres_url)), sole_program(make_url(empty_postgres_url)):
        pass


async def test_what_the_program_raises_is_raised(address: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with sole_program(make_url(address)):
            raise ZeroDivisionError


async def cut_connections(address: str) -> None:
    """As a server that restarts does."""
    database = Database(address)
    async with database.write() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE locktype = 'advisory' AND datname = current_database()"
            )
        )
    await database.close()


async def test_a_lost_connection_ends_the_program_in_order_and_in_words(empty_postgres_url: str) -> None:
    ended: list[str] = []
    cutting: list[asyncio.Task[None]] = []

    async def program() -> None:
        async with sole_program(make_url(empty_postgres_url)):
            cutting.append(asyncio.create_task(cut_connections(empty_postgres_url)))
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                ended.append("in order")

    with pytest.raises(LockLostError) as lost:
        await program()
    await cutting[0]
    assert ended == ["in order"]
    assert "postgres@" not in refusal(lost.value)
    assert "was lost, so this ended" in refusal(lost.value)


async def test_a_cancelled_program_is_cancelled(empty_postgres_url: str) -> None:
    holds = asyncio.Event()

    async def program() -> None:
        async with sole_program(make_url(empty_postgres_url)):
            holds.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(program())
    await holds.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_look_keeps_no_program_from_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(f"sqlite+aiosqlite:///{tmp_path}/city.sqlite3")
    assert not program_runs(url)
    async with sole_program(url):
        assert program_runs(url)
    assert not program_runs(url)
    with (tmp_path / "city.sqlite3.lock").open() as looked:
        fcntl.flock(looked, fcntl.LOCK_SH)
        monkeypatch.setattr("time.sleep", lambda seconds: looked.close() if seconds else None)
        async with sole_program(url):
            assert program_runs(url)
