"""aiosqlite with one trip to its thread for each statement, where it makes four: cursor, execute, fetch, close.

A trip costs little by itself, but each is a turn of the event loop, and behind a busy one it waits. Rows are read at
once, as SQLAlchemy does anyway, unless it is to stream them: that is for a `Database` that was opened so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import aiosqlite
from sqlalchemy import Engine, event


def make_one_trip(engine: Engine) -> None:
    """Connections of this engine (SQLite's, asynchronous) go to their thread once for each statement."""

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _record: object, places: list[Any], settings: dict[str, Any]) -> Any:
        return dialect.loaded_dbapi.connect(*places, async_creator_fn=_open, **settings)


def _open(database: str, **settings: Any) -> _Connection:
    connection = _Connection(lambda: sqlite3.connect(database, **settings), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy's own
    return connection


class _Connection(aiosqlite.Connection):
    def cursor(self) -> Any:
        return _Cursor(self)


class _Cursor:
    """As much of a cursor as SQLAlchemy uses."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> _Cursor:
        return self

    async def execute(self, statement: str, parameters: Iterable[Any] = ()) -> None:
        await self._go(sqlite3.Connection.execute, statement, parameters)

    async def executemany(self, statement: str, parameters: Iterable[Iterable[Any]]) -> None:
        await self._go(sqlite3.Connection.executemany, statement, parameters)

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """It is closed already."""

    async def _go(self, execute: Any, statement: str, parameters: Any) -> None:
        await self._connection._execute(self._run, execute, statement, parameters)  # type: ignore[no-untyped-call]  # aiosqlite's is

    def _run(self, execute: Any, statement: str, parameters: Any) -> None:
        """On the connection's thread."""
        cursor = execute(self._connection._conn, statement, parameters)
        try:
            self.description = cursor.description
            if self.description:
                self._rows = cursor.fetchall()
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()
