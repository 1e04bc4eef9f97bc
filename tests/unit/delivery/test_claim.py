"""The claim reads a few index entries, however many rows wait."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from bot.delivery import begin, claim, ledger, marks
from bot.delivery.erase import WAITS
from tests.unit.delivery.world import NOON, World


async def plan(world: World, statement: str) -> str:
    async with world.database.read() as session:
        rows = await session.execute(text(f"EXPLAIN QUERY PLAN {statement}"))
        return "\n".join(row.detail for row in rows)


async def plan_of(world: World, statement: Any) -> str:
    """Of one of the engine's own statements. What its parameters say changes nothing."""
    compiled = statement.compile(dialect=sqlite.dialect())
    values = tuple("[]" for _ in compiled.positiontup or ())
    async with world.database.engine.connect() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)
        return "\n".join(row.detail for row in rows)


async def test_the_head_of_a_queue_is_read_from_its_index_in_order(world: World) -> None:
    found = await plan_of(world, claim._HEAD)
    assert "ix_delivery_claim (lane_id=? AND priority=? AND quartier=? AND due_at<?)" in found
    assert "other USING INDEX ix_delivery_queue_of_chat (chat_id=? AND due_at<?)" in found
    assert "TEMP B-TREE" not in found


async def test_batches_find_their_rows_by_id(world: World) -> None:
    for statement in (
        claim._BY_ID,
        begin._SENDING,
        begin._ENDED,
        marks._HELD,
        marks._TAKEN_BACK,
        marks._ENDED,
    ):
        assert "delivery USING INTEGER PRIMARY KEY (rowid=?)" in await plan_of(world, statement)


async def test_what_is_under_way_is_found_without_a_walk_through_all_copies(world: World) -> None:
    for statement in (ledger._UNDER_WAY, ledger._BEGUN):
        assert "delivery USING INDEX ix_delivery_sending (lane_id=?)" in await plan_of(world, statement)


async def test_all_queues_are_found_by_seeks(world: World) -> None:
    found = await plan(world, str(claim._QUEUES).replace(":lane", "1"))
    assert found.count("ix_delivery_claim (lane_id=? AND priority=?") == 3
    assert "SCAN d" not in found


async def test_queues_name_each_class_and_quartier_with_its_first_due(world: World) -> None:
    await world.publish(1, "a", ["anna", "bea"], quartier=1)
    await world.publish(2, "b", ["anna"], quartier=4)
    await world.answer("anna", "c")
    async with world.database.read() as session:
        found = await claim.queues(session, world.lane)
    assert [(queue.priority, queue.quartier) for queue in found] == [(0, 0), (3, 1), (3, 4)]
    assert {queue.first_due for queue in found} == {world.clock.now()}


def test_the_rota_goes_on_after_the_quartier_served_last() -> None:
    rota = claim.Rota()
    due = [claim.Queue(3, quartier, NOON) for quartier in (1, 2, 5)]
    rota.served(3, 2)
    assert [queue.quartier for queue in rota.order(3, due)] == [5, 1, 2]


async def test_only_what_waits_is_looked_through_for_what_is_overdue(world: World) -> None:
    waits = WAITS.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    found = await plan(world, f"UPDATE delivery SET state = 'dropped' WHERE {waits} AND expires_at <= '2026'")  # noqa: S608 - our own words
    assert [line for line in found.splitlines() if "INDEX ix_delivery_" not in line] == []
