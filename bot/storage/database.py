"""Engine, sessions and the write lock.

SQLite has one writer at a time and its own waiting is unfair, so all writing of the process queues in one FIFO lock
and begins with BEGIN IMMEDIATE; readers take a snapshot beside it. PostgreSQL needs neither.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.storage.moved import mark_of, refuse_moved
from bot.storage.one_trip import make_one_trip

AfterCommit = Callable[[], None]
CONNECTIONS = 30
"""On PostgreSQL, if nobody says otherwise."""
BESIDE = 3
"""Of a process's connections, those outside of the pool: two lines (`bot.storage.line`), and one for what is urgent."""
CHANNEL = "quartierbote"
"""Of PostgreSQL's NOTIFY; see `bot.storage.notify`."""
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""What PostgreSQL needs to be told so that a transaction reads one snapshot; SQLite's are that by nature."""


class Database:
    """The one database of a city. `url` is SQLAlchemy's, with an async driver.

    `patience`: seconds after which PostgreSQL undoes a transaction whose process stands still in the middle of it, so
    that its locks are free by the time another process takes its work over. `streams`: whole tables are read, so rows
    come bit by bit, which costs a statement more. `connections`: at most so many of them.
    """

    _urgent: async_sessionmaker[AsyncSession] | None = None

    def __init__(
        self,
        url: str,
        *,
        patience: float | None = None,
        streams: bool = False,
        connections: int = CONNECTIONS,
    ) -> None:
        parsed = make_url(url)
        self.name = secrets.token_hex(4)
        """Of this process among those that share the database."""
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.url = parsed
        self._moved = mark_of(parsed)
        pool = max(1, connections - BESIDE)
        self.engine = create_async_engine(
            parsed, hide_parameters=True, **({} if self.is_sqlite else _server_options(patience, pool))
        )
        if self.is_sqlite:
            _prepare_sqlite(self)
            if not streams:
                make_one_trip(self.engine.sync_engine)
        else:
            self._reserve = create_async_engine(parsed, hide_parameters=True, **_server_options(patience, 1))
            self._urgent = async_sessionmaker(self._reserve, expire_on_commit=False, autobegin=False)
        self.most_turns = None if self.is_sqlite else max(1, pool * 2 // 3)
        """How many transactions that take long may go on side by side, so that others find a connection; None: any."""
        self.is_full = False
        """A write found no room on the disk. Whoever has seen that there is room again says so."""
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autobegin=False)
        self._write_lock: AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if self.is_sqlite else nullcontext()
        )

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction that may write; commits at the end, rolls back on an exception. Raises `MovedError`."""
        async with self._writing(self._sessions) as session:
            yield session

    def urgent(self) -> AbstractAsyncContextManager[AsyncSession]:
        """The same on a connection kept for it: whatever keeps all others busy, this doesn't wait for it."""
        return self._writing(self._urgent) if self._urgent is not None else self.write()

    @asynccontextmanager
    async def _writing(self, sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
        async with self._write_lock, sessions() as session:
            try:
                await session.begin()
                if self.is_sqlite:
                    await session.connection(execution_options={"quartierbote_begin": "BEGIN IMMEDIATE"})
                    # Under the lock, as whoever moves the city marks it: nobody who waited writes into the old file.
                    refuse_moved(self._moved)
                yield session
                if not self.is_sqlite:
                    for word in session.info.get("told", ()):
                        await session.execute(select(func.pg_notify(CHANNEL, f"{self.name} {word}")))
                await session.commit()
            except DBAPIError as fault:
                self.is_full = self.is_full or _is_full(fault)
                raise
        for callback in session.info.get("after_commit", ()):
            callback()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One consistent snapshot.

        A write in it fails: on PostgreSQL at once, on SQLite as soon as another has written.
        """
        async with self._sessions() as session:
            await session.begin()
            if not self.is_sqlite:
                await session.connection(execution_options=SNAPSHOT)
            yield session

    async def settle(self) -> None:
        """Fold SQLite's write-ahead log into the file and empty it, so that what was erased is in neither."""
        if not self.is_sqlite:
            return
        async with self._write_lock, self.engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            if driver is not None:
                await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        await self.engine.dispose()
        if self._urgent is not None:
            await self._reserve.dispose()


def after_commit(session: AsyncSession, callback: AfterCommit) -> None:
    """Run `callback` once the transaction of `Database.write` has committed; the same callback only once."""
    callbacks: list[AfterCommit] = session.info.setdefault("after_commit", [])
    if callback not in callbacks:
        callbacks.append(callback)


def tell(session: AsyncSession, word: str) -> None:
    """Tell the other processes a word when this transaction commits; the same word only once."""
    told: dict[str, None] = session.info.setdefault("told", {})
    told[word] = None


def _server_options(patience: float | None, connections: int) -> dict[str, Any]:
    # Asked before use whether it lives: a restart of the server costs a reconnection, not an error.
    pool = {"pool_pre_ping": True, "pool_size": connections, "max_overflow": 0}
    if patience is None:
        return pool
    settings = {"idle_in_transaction_session_timeout": str(round(patience * 1000))}
    return {**pool, "connect_args": {"server_settings": settings}}


def _is_full(fault: DBAPIError) -> bool:
    """SQLite says it in words, PostgreSQL by the state 53100."""
    state = getattr(fault.orig, "sqlstate", None)
    return state == "53100" or "disk is full" in str(fault.orig)


def _prepare_sqlite(database: Database) -> None:
    sync_engine = database.engine.sync_engine

    @event.listens_for(sync_engine, "connect")
    def _on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # SQLAlchemy's asyncio adapter shows the driver's own attribute through.
        connection.isolation_level = None  # BEGIN is ours, below
        cursor = connection.cursor()
        # secure_delete: what was deleted is overwritten in the file, too; not every build of SQLite does so unasked.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(sync_engine, "begin")
    def _on_begin(connection: Any) -> None:
        begin = connection.get_execution_options().get("quartierbote_begin", "BEGIN")
        connection.exec_driver_sql(begin)
