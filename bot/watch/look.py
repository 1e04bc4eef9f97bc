"""Looks whether something is wrong. Asks the rows and the probes; remembers only since when a job fails."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.model import IS_PENDING, Delivery, Lane, Priority
from bot.dialogue.model import StoredInbound
from bot.storage import Database
from bot.watch.trouble import Kind, Probes, Trouble

DOWN_FOR = timedelta(minutes=10)
"""Messengers have hiccups: shorter ones are nobody's trouble."""
OLD = timedelta(minutes=15)
"""What somebody wrote, an answer or an alert that waits for longer than this."""
OLD_BULK = timedelta(hours=1)
"""The same for announcements: a large broadcast takes its time."""
FAILS_FOR = timedelta(minutes=10)
LOW = 500_000_000
"""Bytes: less is trouble …"""
ENOUGH = 600_000_000
"""… until there are as many again."""


class Look:
    """Finds what is wrong now."""

    def __init__(self, database: Database, clock: Clock, probes: Probes) -> None:
        self._database = database
        self._clock = clock
        self.probes = probes
        self._failing: dict[str, datetime] = {}
        self._low_since: datetime | None = None
        self._full_since: datetime | None = None

    def free(self) -> int:
        """Bytes free where the database lies."""
        return self.probes.free()

    async def look(self) -> list[Trouble]:
        """Everything that is wrong now."""
        now = self._clock.now()
        found = [*self._platforms(now), *self._disk(now)]
        if self.probes.leads():
            found += self._jobs(now)
        up = [name for name, standing in self.probes.platforms().items() if standing.up]
        async with self._database.read() as session:
            found += await self._queues(session, now, up)
        return found

    def may_go_on(self, trouble: Trouble) -> bool:
        """Whether it is too early to say that something is over: after a restart nothing is known yet, and of several
        processes each knows its own platforms only."""
        if not trouble.subject:
            return not self.probes.leads()
        if trouble.kind is Kind.JOB:
            return not self.probes.leads() or trouble.subject in self.probes.failing()
        standing = self.probes.platforms().get(trouble.subject)
        return standing is None or not standing.up

    def _platforms(self, now: datetime) -> list[Trouble]:
        down = [(name, one) for name, one in sorted(self.probes.platforms().items()) if not one.up]
        return [
            Trouble(Kind.LOGIN if one.login else Kind.PLATFORM, one.since, name, one.why)
            for name, one in down
            if one.login or now - one.since >= DOWN_FOR
        ]

    def _disk(self, now: datetime) -> list[Trouble]:
        free = self.free()
        is_low = free < (ENOUGH if self._low_since else LOW)
        self._low_since = (self._low_since or now) if is_low else None
        self._full_since = (self._full_since or now) if self.probes.is_full() else None
        detail = f"{free // 1_000_000} MB free"
        if self._full_since:
            return [Trouble(Kind.DISK_FULL, self._full_since, detail=detail)]
        if self._low_since is None or not self.probes.leads():
            return []
        return [Trouble(Kind.DISK_LOW, self._low_since, detail=detail)]

    def _jobs(self, now: datetime) -> list[Trouble]:
        failing = self.probes.failing()
        self._failing = {name: self._failing.get(name, now) for name in failing}
        return [
            Trouble(Kind.JOB, since, name, failing[name])
            for name, since in sorted(self._failing.items())
            if now - since >= FAILS_FOR
        ]

    async def _queues(self, session: AsyncSession, now: datetime, up: Collection[str]) -> list[Trouble]:
        """Only of platforms that are there: where one is down, that is the trouble, and all waits for it."""
        found = []
        lanes = select(Lane.id, Lane.platform).where(Lane.platform.in_(up)).order_by(Lane.platform)
        for lane, name in (await session.execute(lanes)).all():
            oldest = await _oldest(session, lane, now)
            if oldest is not None:
                found.append(Trouble(Kind.QUEUE, oldest, name, f"oldest due at {oldest.isoformat()}"))
            unread = await session.scalar(
                select(func.min(StoredInbound.received_at)).where(
                    StoredInbound.lane_id == lane, StoredInbound.done_at.is_(None)
                )
            )
            if unread is not None and now - unread >= OLD:
                found.append(Trouble(Kind.INBOX, unread, name, f"oldest from {unread.isoformat()}"))
        return found


async def _oldest(session: AsyncSession, lane: int, now: datetime) -> datetime | None:
    """When what waits too long on this lane was due; None if nothing does."""
    waits = (
        select(Delivery.priority, func.min(Delivery.due_at))
        .where(Delivery.lane_id == lane, IS_PENDING, Delivery.due_at <= now - OLD)
        .group_by(Delivery.priority)
    )
    late = [
        due
        for priority, due in (await session.execute(waits)).all()
        if now - due >= (OLD if priority <= Priority.RELAY else OLD_BULK)
    ]
    return min(late, default=None)
