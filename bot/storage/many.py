"""Many values as one parameter of a statement, which so is the same however many they are: read once, planned once.

table.c.id.in_(numbers("ids"))                       # {"ids": [1, 2, 3]}
values = by_key("refs")                              # {"refs": {1: ["a"], 2: ["b"]}}
update(table).where(table.c.id == values.key).values(ref=values.value)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bot.storage.types import Json


def numbers(name: str) -> Select[Any]:
    """The numbers of the list that is the parameter `name`."""
    return _numbers_of(bindparam(name, type_=Json))


def these(ids: Iterable[int]) -> Select[Any]:
    """The same with the numbers at hand."""
    return _numbers_of(bindparam(None, list(ids), type_=Json, unique=True))


class ByKey(NamedTuple):
    """A table of two columns."""

    key: ColumnElement[int]
    value: ColumnElement[Any]


def by_key(name: str) -> ByKey:
    """The numbers and values (anything JSON knows) of the mapping that is the parameter `name`."""
    rows = _Pairs(bindparam(name, type_=Json)).table_valued("key", column("value", Json))
    return ByKey(cast(rows.c.key, BigInteger), rows.c.value)


def listed(session: AsyncSession, names: Sequence[str], rows: Sequence[tuple[int, ...]]) -> Subquery:
    """Numbers at hand as the rows of a table, handed over as one value however many they are."""
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(literal(json.dumps(rows, separators=(",", ":")))).table_valued("value")
        columns = [func.json_extract(each.c.value, f"$[{n}]").label(name) for n, name in enumerate(names)]
        return select(*columns).subquery()
    arrays = [cast(list(some), ARRAY(BigInteger)) for some in zip(*rows, strict=True)]
    unnested = func.unnest(*arrays).table_valued(*(column(name, BigInteger) for name in names))
    return select(unnested.render_derived()).subquery()


def _numbers_of(parameter: Any) -> Select[Any]:
    return select(cast(_Values(parameter).table_valued("value").c.value, BigInteger))


class _Values(FunctionElement[Any]):
    inherit_cache = True


class _Pairs(FunctionElement[Any]):
    inherit_cache = True


@compiles(_Values, "sqlite")
@compiles(_Pairs, "sqlite")
def _on_sqlite(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Values, "postgresql")
def _values_on_postgresql(element: _Values, compiler: SQLCompiler, **options: Any) -> str:
    return f"jsonb_array_elements_text({compiler.process(element.clauses, **options)})"


@compiles(_Pairs, "postgresql")
def _pairs_on_postgresql(element: _Pairs, compiler: SQLCompiler, **options: Any) -> str:
    return f"jsonb_each({compiler.process(element.clauses, **options)})"
