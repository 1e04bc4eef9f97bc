"""What `/healthz` says of platforms and jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.clock import ManualClock
from bot.health import Health
from bot.storage import Database


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
