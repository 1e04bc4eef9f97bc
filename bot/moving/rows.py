"""One table's rows: read from SQLite through the model's types, put into PostgreSQL by COPY, and weighed on both sides.

A table's weight is the sum of its rows' hashes, so that no order is needed. Rows go through in batches: however large
the table, memory stays as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.moving.errors import MoveError, is_about_rows

BATCH = 1000
"""Rows that are in memory at once."""
OF_FILES = 4
"""The same for tables with whole files in their rows."""
Went = Callable[[int, str], None]
"""Told after each batch: how many rows, of which table."""

_MODULUS = 1 << 128
_DECIMAL = re.compile(r"\d[.eE]")


@dataclass(frozen=True, slots=True)
class Sum:
    """What a table holds: how many rows, and their weight."""

    rows: int = 0
    weight: int = 0


class Columns:
    """How the values of a table's columns are carried over and weighed."""

    def __init__(self, table: Table) -> None:
        self.names = [column.name for column in table.columns]
        types = [column.type for column in table.columns]
        self._table = table.name
        self._json = [at for at, kind in enumerate(types) if isinstance(kind, JSON)]
        self._files = [at for at, kind in enumerate(types) if isinstance(kind, LargeBinary)]
        self._words = [(at, kind.length) for at, kind in enumerate(types) if isinstance(kind, String)]
        self.batch = OF_FILES if self._files else BATCH

    def carried(self, row: Sequence[Any]) -> list[Any]:
        """As PostgreSQL takes it: JSON as its text, and without the character 0, which it knows in no text.

        Raises `MoveError` for words that are longer than their column, which SQLite never looked at.
        """
        values = list(row)
        for at in self._json:
            if values[at] is not None:
                values[at] = _json(values[at])
        for at, most in self._words:
            word = values[at]
            if word is None:
                continue
            if "\0" in word:
                word = values[at] = word.replace("\0", "")
            if most is not None and len(word) > most:
                raise MoveError(
                    f"A row of the table {self._table} has {len(word)} characters in {self.names[at]};"
                    f" PostgreSQL takes at most {most} there. Nothing was changed. Please report this."
                )
        return values

    def weight(self, carried: Sequence[Any]) -> int:
        """The sum of a row's hash; the row as `carried` returns it."""
        values = list(carried)
        for at in self._files:
            if values[at] is not None:
                values[at] = hashlib.sha256(values[at]).digest()
        return int.from_bytes(hashlib.blake2b(repr(values).encode(), digest_size=16).digest())


async def copy(source: AsyncConnection, target: AsyncConnection, table: Table, went: Went) -> Sum:
    """Copy a table; both connections are in their transaction. Returns what was sent."""
    columns = Columns(table)
    driver: Any = (await target.get_raw_connection()).driver_connection
    rows = weight = 0
    async for batch in _batches(source, table, columns):
        try:
            await driver.copy_records_to_table(table.name, columns=columns.names, records=batch)
        except Exception as fault:
            if is_about_rows(fault):
                raise MoveError(
                    f"PostgreSQL doesn't take a row of the table {table.name} ({type(fault).__name__})."
                    " Nothing was changed. Please report this."
                ) from fault
            raise
        rows += len(batch)
        weight += sum(map(columns.weight, batch))
        went(len(batch), table.name)
    return Sum(rows, weight % _MODULUS)


async def weigh(connection: AsyncConnection, table: Table, went: Went) -> Sum:
    """What a table holds."""
    columns = Columns(table)
    rows = weight = 0
    async for batch in _batches(connection, table, columns):
        rows += len(batch)
        weight += sum(map(columns.weight, batch))
        went(len(batch), table.name)
    return Sum(rows, weight % _MODULUS)


async def _batches(
    connection: AsyncConnection, table: Table, columns: Columns
) -> AsyncIterator[list[list[Any]]]:
    options = {"yield_per": columns.batch}
    async with connection.stream(select(table), execution_options=options) as found:
        async for part in found.partitions():
            yield [columns.carried(row) for row in part]


def _json(value: Any) -> str:
    said = json.dumps(value, sort_keys=True)
    if "\\u0000" in said or "\\ud" in said:
        value = _sound(value)
        said = json.dumps(value, sort_keys=True)
    return json.dumps(_plain(value), sort_keys=True) if _DECIMAL.search(said) else said


def _sound(value: Any) -> Any:
    """Without what JSON may hold and PostgreSQL refuses: the character 0, and halves of a character."""
    match value:
        case str():
            whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return whole.replace("\0", "")
        case dict():
            return {_sound(name): _sound(inner) for name, inner in value.items()}
        case list():
            return [_sound(inner) for inner in value]
        case _:
            return value


def _plain(value: Any) -> Any:
    """Numbers as both write them: PostgreSQL gives 1e20 back without its exponent."""
    match value:
        case float():
            return int(value) if value.is_integer() else value
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value
