"""How a migration runs: on the connection that `bot.storage.schema` hands over, inside its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import text

from bot.storage import BigInt, Json, UTCDateTime
from bot.tables import metadata

_LOCK = 7_143_220_611
"""Any number that is ours: of several processes that start at once on PostgreSQL, one migrates, the others wait."""


def _render(_kind: str, obj: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Migrations are history: they name plain types (see script.py.mako), so that ours may change."""
    if isinstance(obj, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return {id(BigInt): "BIG", id(Json): "JSON"}.get(id(obj), False)


def run() -> None:
    connection = context.config.attributes["connection"]
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    elif connection.scalar(text("PRAGMA foreign_keys")):
        raise RuntimeError("foreign keys are on: changing a table would delete the rows that refer to it")
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        transactional_ddl=True,
        render_as_batch=True,
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
