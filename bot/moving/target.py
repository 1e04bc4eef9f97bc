"""The PostgreSQL that a city moves to: empty, brought to the same tables, its counts beyond every id given out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, exists, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.model import AdapterValue, Lane
from bot.files import shipped
from bot.moving.errors import MoveError
from bot.storage import schema

_VERSIONS = "alembic_version"


async def require_empty(
    target: AsyncConnection, tables: Sequence[Table], place: str, secret: str | None
) -> None:
    """Raises `MoveError` unless there is nothing that a move would mix with. `secret`: the city's that moves."""
    encoding = await target.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise MoveError(
            f"The database {place} is in {encoding}; a city needs UTF8. Make another one:"
            " createdb --encoding=UTF8 --template=template0 quartierbote"
        )
    there = set(await target.run_sync(lambda connection: inspect(connection).get_table_names()))
    if there - {_VERSIONS} - {table.name for table in tables}:
        raise MoveError(_not_empty(place, "it holds tables of another program"))
    if _VERSIONS in there:
        version = await target.scalar(text("SELECT version_num FROM alembic_version"))
        if str(version) > schema.head():
            raise MoveError(_not_empty(place, "a newer version of Quartierbote made its tables"))
    for table in tables:
        if table.name in there and await target.scalar(select(exists(select(table).limit(1)))):
            raise MoveError(await _who_is_there(target, place, secret))


async def _who_is_there(target: AsyncConnection, place: str, secret: str | None) -> str:
    if secret is not None and await secret_of(target) == secret:
        return (
            f"This city is in {place} already, so nothing was done. Set QUARTIERBOTE_DATABASE__URL to that address."
            " To move it anew, name an empty database."
        )
    return _not_empty(place, "it holds a city")


def _not_empty(place: str, why: str) -> str:
    return (
        f"The database {place} is not empty: {why}. Nothing was changed there. Name an empty one"
        " (createdb quartierbote makes one)."
    )


async def secret_of(connection: AsyncConnection) -> str | None:
    """What tells one installation from another."""
    rows = select(AdapterValue.value).join(Lane, Lane.id == AdapterValue.lane_id)
    found = rows.where(Lane.platform == "house", AdapterValue.key == "secret")
    return (await connection.execute(found)).scalar_one_or_none()


async def make_tables(target: AsyncConnection) -> None:
    """This version's tables, by its migrations, in the caller's transaction."""

    def upgrade(connection: Connection) -> None:
        from alembic import command  # slow to import

        command.upgrade(schema.configuration(connection, shipped("migrations")), "head")

    await target.run_sync(upgrade)


async def given_out(source: AsyncConnection) -> dict[str, int]:
    """The highest id that SQLite ever gave out, of tables that never give one out twice."""
    kept = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
    if await source.scalar(kept) is None:
        return {}
    rows = await source.execute(text("SELECT name, seq FROM sqlite_sequence"))
    return {str(name): int(seq) for name, seq in rows.all()}


async def go_on_after(target: AsyncConnection, tables: Sequence[Table], given: Mapping[str, int]) -> None:
    """No id that was given out is given out again, also where its row is gone."""
    for table in tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = await target.scalar(select(func.pg_get_serial_sequence(f'"{table.name}"', column.name)))
        highest = await target.scalar(select(func.coalesce(func.max(column), 0))) or 0
        last = max(int(highest), given.get(table.name, 0))
        if sequence is not None and last > 0:
            await target.execute(select(func.setval(sequence, last)))


async def analyse(target: AsyncConnection, tables: Sequence[Table]) -> None:
    """So that the first queries of a large city know how large it is."""
    for table in tables:
        await target.execute(text(f'ANALYZE "{table.name}"'))
