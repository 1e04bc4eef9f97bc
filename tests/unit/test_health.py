"""What `/healthz` says of platforms and jobs."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from bot.clock import ManualClock
from bot.health import Health
from bot.storage import Database
from tests.unit.delivery.world import World


async def test_a_platform_that_is_lost_while_it_runs_is_told_and_comes_back(database: Database) -> None:
    clock = ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
    health = Health(database, clock)
    health.went("telegram", "")
    assert (await health.report())["ok"] is True
    clock.advance(timedelta(minutes=1))
    health.went("telegram", "No answer from Telegram")
    report = await health.report()
    assert report["ok"] is False
    assert report["platforms"] == {
        "telegram": {"up": False, "since": "2026-11-23T12:01:00+00:00", "why": "No answer from Telegram"}
    }
    health.went("telegram", "")
    assert (await health.report())["ok"] is True


async def test_a_job_that_fails_is_told(database: Database) -> None:
    health = Health(database, ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC)))
    health.failing = {"due": "OperationalError"}
    report = await health.report()
    assert (report["ok"], report["jobs_failing"]) == (False, {"due": "OperationalError"})


async def test_the_oldest_waiting_delivery_of_each_lane_is_told_and_which_sqlite_it_is(
    database: Database,
) -> None:
    world = await World.make(database)
    await world.publish(1, "Kaffee", ["anna", "bert"])
    await world.publish(2, "Kuchen", ["anna"], after=timedelta(hours=1))
    world.clock.advance(timedelta(seconds=90))
    report = await Health(database, world.clock).report()
    assert report["deliveries"] == {
        "due": 2,
        "oldest_seconds": 90.0,
        "by_lane": {"memory": {"due": 2, "oldest_seconds": 90.0}},
    }
    assert report["sqlite_version"] == sqlite3.sqlite_version
    await world.deliver()
    assert (await Health(database, world.clock).report())["deliveries"] == {
        "due": 0,
        "oldest_seconds": 0.0,
        "by_lane": {},
    }


async def test_on_postgresql_there_is_no_sqlite_version(postgres_url: str) -> None:
    database = Database(postgres_url)
    report = await Health(database, ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC))).report()
    await database.close()
    assert "sqlite_version" not in report
    assert report["deliveries"] == {"due": 0, "oldest_seconds": 0.0, "by_lane": {}}
