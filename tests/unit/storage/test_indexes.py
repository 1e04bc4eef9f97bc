"""Deleting a row seeks what refers to it, however large the other tables are."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.storage import Database


@pytest.mark.parametrize("table", ["chat", "person", "text"])
async def test_a_deletion_scans_no_table(database: Database, table: str) -> None:
    async with database.read() as session:
        plan = await session.execute(text(f"EXPLAIN QUERY PLAN DELETE FROM {table} WHERE id = 1"))  # noqa: S608 - our own names
        steps = [step.detail for step in plan]
    assert [step for step in steps if "SCAN" in step] == []
    assert len(steps) > 1
