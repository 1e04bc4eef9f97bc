"""How it goes, for Prometheus: what waits (from the rows), what this process did with it (from its lanes).

Figures only, by lane, class and outcome: no label ever names a person, a chat, a post or a Quartier. A registry of its
own is filled anew for each answer, so nothing is kept and nothing is global.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.delivery.backlog import Waiting, waiting
from bot.delivery.model import Lane, Priority
from bot.delivery.pulse import LanePulse
from bot.dialogue.model import StoredInbound
from bot.health import Health
from bot.sharing import SCHEDULE
from bot.storage import Database

log = logging.getLogger(__name__)

_QUEUE = ("lane", "priority")


@dataclass(frozen=True, slots=True)
class Rows:
    """What the database says. Empty where it can't be asked."""

    now: datetime
    up: bool
    lanes: Mapping[int, str] = field(default_factory=dict)
    queues: Mapping[tuple[int, Priority], Waiting] = field(default_factory=dict)
    inbox: Mapping[int, tuple[int, datetime | None]] = field(default_factory=dict)
    owners: Mapping[str, str | None] = field(default_factory=dict)


class Metrics:
    """Gathers and writes. `pulse`: how each lane is doing that this process works on."""

    def __init__(
        self, database: Database, clock: Clock, pulse: Callable[[], Sequence[LanePulse]], health: Health
    ) -> None:
        self._database = database
        self._clock = clock
        self._pulse = pulse
        self._health = health

    async def exposed(self, accept: str) -> tuple[bytes, str]:
        """Everything, in the form that an Accept header asks for, and its content type."""
        registry = CollectorRegistry(auto_describe=False)
        rows = await self._rows()
        registry.register(_Once([*self._house(rows), *_of_rows(rows), *_of_lanes(self._pulse())]))
        ProcessCollector(registry=registry)
        try:
            encode, content_type = choose_encoder(accept)
        except (TypeError, ValueError):  # a version that is no number
            encode, content_type = choose_encoder("")
        return encode(registry), content_type

    async def _rows(self) -> Rows:
        now = self._clock.now()
        try:
            async with self._database.read() as session:
                queues = {(one.lane, one.priority): one for one in await waiting(session, now)}
                unread = (
                    select(StoredInbound.lane_id, func.count(), func.min(StoredInbound.received_at))
                    .where(StoredInbound.done_at.is_(None))
                    .group_by(StoredInbound.lane_id)
                )
                inbox = {lane: (count, first) for lane, count, first in (await session.execute(unread)).all()}
                # Not those of messengers that were never set up, nor the schedule's.
                used = Lane.id.in_({*inbox, *(lane for lane, _ in queues)}) | (Lane.epoch > 0)
                sends = Lane.platform != SCHEDULE
                named = (await session.execute(select(Lane.id, Lane.platform).where(used, sends))).all()
                lanes = {lane.id: lane.platform for lane in named}
                owners = await self._health.owners(session) if self._health.owners else {}
        except (SQLAlchemyError, OSError) as fault:
            log.error("the figures of the rows could not be read: %s", type(fault).__name__)  # noqa: TRY400 - a message may quote rows
            return Rows(now, up=False)
        return Rows(now, True, lanes, queues, inbox, owners)

    def _house(self, rows: Rows) -> Iterable[Metric]:
        kind = "sqlite" if self._database.is_sqlite else "postgresql"
        told = {"version": version("quartierbote"), "database": kind}
        yield InfoMetricFamily("quartierbote", "The program, and what its rows are kept in.", told)
        up = _gauge("database_up", "Whether the database answers.")
        up.add_metric([], rows.up)
        yield up
        platforms = _gauge("platform_up", "Whether the messenger can be reached.", "platform")
        for name, standing in sorted(self._health.platforms().items()):
            platforms.add_metric([name], standing.up)
        yield platforms
        owned = _gauge(
            "lane_owned", "Whether any process works on the lane; the schedule has one too.", "lane"
        )
        for name, owner in rows.owners.items():
            owned.add_metric([name], owner is not None)
        yield owned
        failing = _gauge("jobs_failing", "Jobs of the alarm clock that failed last time.")
        failing.add_metric([], len(self._health.failing))
        yield failing


def _of_rows(rows: Rows) -> Iterable[Metric]:
    """Every class of every lane that sends has its row, also at nothing: an alert must see it fall."""
    pending = _gauge("queue_pending", "Copies that wait, those for later too.", *_QUEUE)
    due = _gauge("queue_due", "Copies that wait and whose time has come.", *_QUEUE)
    oldest = _gauge("queue_oldest_due_seconds", "For how long the oldest of them has been due.", *_QUEUE)
    unread = _gauge("inbox_open", "Events that came in and are not answered yet.", "lane")
    waits = _gauge("inbox_oldest_seconds", "For how long the oldest of them has waited.", "lane")
    for lane, name in sorted(rows.lanes.items(), key=lambda each: each[1]):
        for priority in Priority:
            one = rows.queues.get((lane, priority))
            labels = [name, priority.name.lower()]
            pending.add_metric(labels, one.pending if one else 0)
            due.add_metric(labels, one.due if one else 0)
            oldest.add_metric(labels, one.age(rows.now) if one else 0)
        count, first = rows.inbox.get(lane, (0, None))
        unread.add_metric([name], count)
        waits.add_metric([name], max(0.0, (rows.now - first).total_seconds()) if first else 0)
    return (pending, due, oldest, unread, waits)


def _of_lanes(pulses: Sequence[LanePulse]) -> Iterable[Metric]:
    """What this process does on the lanes it owns."""
    rate = _gauge("lane_rate", "Messages a second that the lane allows itself now.", "lane")
    learned = _gauge("lane_learned_limit", "Messages a second that refusals taught it to keep to.", "lane")
    halted = _gauge("lane_halted_seconds", "Seconds until anything may leave; 0: now.", "lane")
    flying = _gauge("lane_in_flight", "Requests that wait for the messenger's answer.", "lane")
    ready = _gauge("lane_ready", "Copies marked as being sent that wait for their slot.", *_QUEUE)
    requests = _counter("requests", "Requests to the messenger.", "lane", "act", "outcome")
    complaints = _counter("complaints", "What the messenger complained of.", "lane", "kind")
    replies = HistogramMetricFamily(
        "quartierbote_reply_seconds",
        "From the moment a reply was due until the messenger had it.",
        labels=["lane"],
    )
    for pulse in pulses:
        lane = pulse.platform
        rate.add_metric([lane], pulse.rate)
        if pulse.learned is not None:
            learned.add_metric([lane], pulse.learned)
        halted.add_metric([lane], pulse.halted)
        flying.add_metric([lane], pulse.in_flight)
        for priority, count in pulse.ready.items():
            ready.add_metric([lane, priority.name.lower()], count)
        for (act, fate), count in sorted(pulse.outcomes.items()):
            requests.add_metric([lane, str(act), str(fate)], count)
        for kind, count in sorted(pulse.complaints.items()):
            complaints.add_metric([lane, kind], count)
        seconds = pulse.reply_seconds
        bounds = [*map(str, seconds.buckets), "+Inf"]
        counts = list(map(float, accumulate(seconds.counts)))
        replies.add_metric([lane], list(zip(bounds, counts, strict=True)), seconds.total)
    return (rate, learned, halted, flying, ready, requests, complaints, replies)


class _Once:
    """What was gathered, as a registry takes it."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _gauge(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"quartierbote_{name}", about, labels=labels)


def _counter(name: str, about: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"quartierbote_{name}", about, labels=labels)
