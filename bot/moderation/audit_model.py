"""Table of the log: appended to, never changed. The database itself refuses updates and deletions.

It names nobody: actors are keyed hashes, cases are numbers, details are fixed words. So time need not erase it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, String, event
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage import Base, BigInt, Json, UTCDateTime


class AuditEntry(Base):
    """One step. `hash` covers the whole row and the hash before it."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(24))
    """A pseudonym; "house" where no human acted."""
    case_number: Mapped[int] = mapped_column(BigInt, index=True)
    what: Mapped[str] = mapped_column(String(24))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


SQLITE = tuple(
    f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    for act in ("UPDATE", "DELETE")
)
POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit "
    "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
)

for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _statement in _statements:
        _ddl = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        event.listen(AuditEntry.__table__, "after_create", _ddl)
