"""What Prometheus reads: every figure with its labels, in a form that its own parser takes, and nothing of people."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import ManualClock
from bot.delivery.chats import lane_for
from bot.delivery.model import Priority
from bot.delivery.pulse import BUCKETS, Histogram, LanePulse
from bot.health import Health
from bot.seeing.metrics import Metrics
from bot.storage import Database
from tests.unit.delivery.world import NOON, World
from tests.unit.posts.town import PostsTown
from tests.unit.seeing.test_overview import half_way

PULSE = LanePulse(
    lane_id=1,
    platform="telegram",
    rate=28.5,
    learned=19.8,
    halted=3.0,
    in_flight=7,
    ready={Priority.REPLY: 1, Priority.ANNOUNCEMENT: 6},
    outcomes={("send", "held"): 120, ("send", "unsure"): 2, ("edit", "held"): 5},
    complaints={"RateLimited": 1},
    reply_seconds=Histogram(BUCKETS, [4, 3, *[0] * (len(BUCKETS) - 2), 1], 99.5, 8),
)


async def read(metrics: Metrics, accept: str = "") -> dict[tuple[str, ...], float]:
    """Every sample by its name and labels."""
    content, kind = await metrics.exposed(accept)
    parse = open_metrics if "openmetrics" in kind else text_string_to_metric_families
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in parse(content.decode())
        for sample in family.samples
    }


async def test_what_waits_by_lane_and_class(town: PostsTown) -> None:
    await half_way(town)
    town.clock.advance(timedelta(minutes=1))
    found = await read(Metrics(town.database, town.clock, list, Health(town.database, town.clock)))
    of_bulk = ("lane=memory", "priority=announcement")
    assert found["quartierbote_queue_pending", *of_bulk] == 5
    assert found["quartierbote_queue_due", *of_bulk] == 4
    assert found["quartierbote_queue_oldest_due_seconds", *of_bulk] == 63
    assert found["quartierbote_queue_due", "lane=memory", "priority=digest"] == 0
    assert found["quartierbote_inbox_open", "lane=memory"] == 0
    assert found[("quartierbote_database_up",)] == 1


async def test_what_this_process_does_on_its_lanes(database: Database) -> None:
    clock = ManualClock(NOON)
    health = Health(database, clock)
    health.went("telegram", "")
    health.went("matrix", "No answer")
    metrics = Metrics(database, clock, lambda: [PULSE], health)
    for accept in (
        "",
        "application/openmetrics-text; version=1.0.0",
        "application/openmetrics-text;version=x",
    ):
        found = await read(metrics, accept)
        lane = "lane=telegram"
        assert found["quartierbote_lane_rate", lane] == 28.5
        assert found["quartierbote_lane_learned_limit", lane] == 19.8
        assert found["quartierbote_lane_halted_seconds", lane] == 3
        assert found["quartierbote_lane_in_flight", lane] == 7
        assert found["quartierbote_lane_ready", lane, "priority=announcement"] == 6
        assert found["quartierbote_requests_total", "act=send", lane, "outcome=held"] == 120
        assert found["quartierbote_requests_total", "act=send", lane, "outcome=unsure"] == 2
        assert found["quartierbote_complaints_total", "kind=RateLimited", lane] == 1
        buckets = [
            found["quartierbote_reply_seconds_bucket", lane, f"le={le}"] for le in ("0.05", "0.1", "60.0")
        ]
        assert buckets == [4, 7, 7]
        assert found["quartierbote_reply_seconds_bucket", lane, "le=+Inf"] == 8
        assert found["quartierbote_reply_seconds_count", lane] == 8
        assert found["quartierbote_reply_seconds_sum", lane] == 99.5
        assert found["quartierbote_platform_up", "platform=matrix"] == 0
        assert found["quartierbote_platform_up", "platform=telegram"] == 1
        assert found["quartierbote_info", "database=sqlite", "version=0.1.0"] == 1
        assert found[("process_start_time_seconds",)] > 0


async def test_a_running_engine_is_seen(database: Database) -> None:
    world = await World.make(database)
    await world.answer("anna", "Hallo")
    async with world.running():
        await world.engine.settled()
        metrics = Metrics(
            world.database, world.clock, world.engine.pulse, Health(world.database, world.clock)
        )
        found = await read(metrics)
    assert found["quartierbote_requests_total", "act=send", "lane=memory", "outcome=held"] == 1
    assert found["quartierbote_reply_seconds_count", "lane=memory"] == 1


async def test_without_its_database_the_process_still_tells_of_itself(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("ALTER TABLE lane RENAME TO away"))
    clock = ManualClock(NOON)
    found = await read(Metrics(database, clock, lambda: [PULSE], Health(database, clock)))
    assert found[("quartierbote_database_up",)] == 0
    assert found["quartierbote_lane_in_flight", "lane=telegram"] == 7
    assert not [name for name, *_ in found if name.startswith("quartierbote_queue")]


async def test_no_label_names_anybody_or_anything_they_wrote(town: PostsTown) -> None:
    await half_way(town)
    content, _ = await Metrics(
        town.database, town.clock, lambda: [PULSE], Health(town.database, town.clock)
    ).exposed("")
    said = content.decode()
    assert "resident-" not in said
    assert "Kaffee" not in said
    samples = [sample for family in text_string_to_metric_families(said) for sample in family.samples]
    labels = {label for sample in samples for label in sample.labels}
    assert labels <= {
        "lane", "priority", "act", "outcome", "kind", "platform", "le", "version", "database",
    }  # fmt: skip


async def nobody(_: AsyncSession) -> dict[str, str | None]:
    return {"telegram": None}


async def test_the_shipped_alerts_ask_for_figures_that_there_are(database: Database) -> None:
    clock = ManualClock(NOON)
    health = Health(database, clock)
    health.went("telegram", "")
    health.owners = nobody
    async with database.write() as session:
        (await lane_for(session, "telegram")).epoch = 1
        await lane_for(session, "matrix")
    samples = await read(Metrics(database, clock, lambda: [PULSE], health))
    assert samples["quartierbote_lane_owned", "lane=telegram"] == 0
    assert not [key for key in samples if "lane=matrix" in key]
    found = {name for name, *_ in samples}
    rules = (Path(__file__).parents[3] / "deploy" / "alerts.yml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\bquartierbote_[a-z_]+", rules))
    assert len(asked) == 5
    assert asked <= found
    assert re.findall(r".*\bup\b\{", rules) == [
        "        expr: max(up{"
    ]  # a process may be gone, not all of them
