"""A listing reads a range of the primary key and nothing else, on both kinds of database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, insert, text

from bot.delivery.model import AdapterValue
from bot.delivery.store import LaneStore
from bot.storage import Database
from tests.unit.delivery.world import World

ON_BOTH = True


async def asked(database: Database, store: LaneStore, after: str) -> tuple[str, Any]:
    """The statement of a listing, and what it is given."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, given: Any, *_: object) -> None:
        heard.append((statement, given))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    listed = await store.listing("m/mine/", after=after)
    event.remove(engine, "before_cursor_execute", hear)
    assert [key for key, _ in listed] == [key for key in ("m/mine/1", "m/mine/2") if key > after]
    return next(one for one in heard if "adapter_store" in one[0])


async def plan(database: Database, statement: str, given: Any) -> str:
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN ANALYZE"
    async with database.write() as session:
        if not database.is_sqlite:
            await session.execute(text("ANALYZE adapter_store"))
        rows = await (await session.connection()).exec_driver_sql(f"{explain} {statement}", given)
        return "\n".join(str(row[-1]) for row in rows)


async def test_a_listing_begins_at_its_prefix_and_ends_with_it(world: World) -> None:
    keys = [f"m/{n:x}/{n}" for n in range(5_000)] + ["m/mine/1", "m/mine/2", "m/minf/1", "M/mine/3"]
    async with world.database.write() as session:
        rows = [{"lane_id": world.lane, "key": key, "value": ""} for key in keys]
        await session.execute(insert(AdapterValue), rows)
    store = LaneStore(world.database, world.lane)
    for after in ("", "m/mine/1"):
        found = await plan(world.database, *await asked(world.database, store, after))
        if world.database.is_sqlite:
            assert "(lane_id=? AND key>? AND key<?)" in found
            assert "TEMP B-TREE" not in found
        else:
            conditions = next(line for line in found.splitlines() if "Index Cond" in line)
            assert conditions.count("key") == 2
            assert "Sort" not in found
            assert "Filter" not in found
