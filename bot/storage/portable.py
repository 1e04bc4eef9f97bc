"""The few statements that SQLite and PostgreSQL both know and SQLAlchemy's common language doesn't."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, Select, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.types import Base


async def insert_new(session: AsyncSession, table: type[Base], **values: Any) -> bool:
    """Insert a row unless a unique key stands against it; says whether it was inserted."""
    insert = _insert(session)(table).values(**values).on_conflict_do_nothing()
    return await _inserted(session, insert) > 0


async def insert_new_from(
    session: AsyncSession, table: type[Base], columns: list[str], source: Select[*tuple[Any, ...]]
) -> int:
    """`INSERT … SELECT`, leaving out rows that a unique key stands against; returns how many were inserted."""
    # SQLite reads "FROM a ON CONFLICT" as a join unless a WHERE stands between.
    source = source.where(literal_column("1") == literal_column("1"))
    insert = _insert(session)(table).from_select(columns, source, include_defaults=False)
    return await _inserted(session, insert.on_conflict_do_nothing())


async def _inserted(session: AsyncSession, statement: Any) -> int:
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount


def _insert(session: AsyncSession) -> Any:
    return sqlite.insert if _is_sqlite(session) else postgresql.insert


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"
