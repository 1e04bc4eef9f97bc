"""What is up, since when, and how old the oldest thing is that waits. Figures only, nothing about people."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.backlog import Waiting, oldest, waiting
from bot.delivery.model import Lane
from bot.dialogue.model import StoredInbound
from bot.storage import Database
from bot.watch.look import Look as Watch
from bot.watch.trouble import PlatformStanding

log = logging.getLogger(__name__)


class Health:
    """Gathers what `/healthz` says."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._since = clock.now()
        self._platforms: dict[str, PlatformStanding] = {}
        self._seen: set[str] = set()
        self.process: Callable[[AsyncSession], Awaitable[Mapping[str, object]]] | None = None
        """Tells which of several processes this is."""
        self.owners: Callable[[AsyncSession], Awaitable[Mapping[str, str | None]]] | None = None
        """Tells who works on each lane."""
        self.leads = False
        """This process leads the schedule."""
        self.watch: Watch | None = None
        """Tells what goes wrong for long."""
        self.failing: Mapping[str, str] = {}
        """Jobs of the alarm clock that failed last time, and how."""

    def went(self, platform: str, why: str) -> None:
        """How it goes, as the platform says while it runs: "" is well."""
        if why:
            self.down(platform, why)
        else:
            self.up(platform)

    def was_up(self, platform: str) -> bool:
        """Whether it ever answered our login."""
        return platform in self._seen

    def up(self, platform: str) -> None:
        """The platform answered our login."""
        before = self._platforms.get(platform)
        if before is not None and not before.up:
            log.info("%s is there again", platform)
        self._seen.add(platform)
        since = before.since if before is not None and before.up else self._clock.now()
        self._platforms[platform] = PlatformStanding(up=True, since=since)

    def down(self, platform: str, why: str, *, login: bool = False) -> None:
        """The platform can't be reached; `why` in one sentence without secrets. `login`: it refuses ours."""
        before = self._platforms.get(platform)
        since = before.since if before is not None and not before.up else self._clock.now()
        self._platforms[platform] = PlatformStanding(up=False, since=since, why=why, login=login)

    def left(self, platform: str) -> None:
        """Another process looks after it from now on."""
        self._platforms.pop(platform, None)

    def platforms(self) -> Mapping[str, PlatformStanding]:
        """How it goes on each platform."""
        return self._platforms

    async def report(self) -> dict[str, object]:
        """Ready for JSON. Ages in seconds."""
        now = self._clock.now()
        troubles = await self.watch.look() if self.watch else []
        async with self._database.read() as session:
            queues = await waiting(session, now)
            lanes = {row.id: row.platform for row in await session.execute(select(Lane.id, Lane.platform))}
            unread = select(func.count(), func.min(StoredInbound.received_at)).where(
                StoredInbound.done_at.is_(None)
            )
            unhandled, oldest_unhandled = (await session.execute(unread)).one()
            engine = "SELECT sqlite_version()" if self._database.is_sqlite else "SHOW server_version"
            database = (await session.execute(text(engine))).scalar_one()
            process: Mapping[str, object] = await self.process(session) if self.process else {}
        return {
            "ok": all(one.up for one in self._platforms.values())
            and not (self.failing or troubles or process.get("unowned")),
            "troubles": [trouble.code for trouble in troubles],
            "version": version("quartierbote"),
            "since": self._since.isoformat(),
            "process": dict(process),
            "database": {
                "kind": "sqlite" if self._database.is_sqlite else "postgresql",
                "version": str(database),
            },
            **({"sqlite_version": str(database)} if self._database.is_sqlite else {}),
            "platforms": {
                name: {"up": one.up, "since": one.since.isoformat(), **({"why": one.why} if one.why else {})}
                for name, one in sorted(self._platforms.items())
            },
            "disk": {"free_bytes": self.watch.free()} if self.watch else {},
            "deliveries": {**_due(queues, now), "by_lane": _by_lane(queues, lanes, now)},
            "jobs_failing": dict(self.failing),
            "inbox": {"open": unhandled, "oldest_seconds": _age(now, oldest_unhandled)},
        }


def _due(queues: Sequence[Waiting], now: datetime) -> dict[str, object]:
    return {"due": sum(one.due for one in queues), "oldest_seconds": round(oldest(queues, now), 1)}


def _by_lane(queues: Sequence[Waiting], lanes: Mapping[int, str], now: datetime) -> dict[str, object]:
    """The same of each lane on which something is due."""
    late = sorted({one.lane for one in queues if one.due})
    return {lanes[lane]: _due([one for one in queues if one.lane == lane], now) for lane in late}


def _age(now: datetime, then: datetime | None) -> float:
    return round((now - then).total_seconds(), 1) if then else 0.0
