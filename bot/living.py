"""What one process does while it runs: it serves, it owns lanes, it leads the schedule, or it stands by for that.

What must not go on in two processes at once hangs on a lane; the rest (the page, its own memory of the city, what it
alone knows about its health) every process does for itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import ChainMap
from collections.abc import Mapping, Sequence

from bot.contract import Platform, PlatformError
from bot.delivery.chats import lane_for
from bot.delivery.engine import Beside, Engine
from bot.delivery.lease import Lease
from bot.dialogue.inbox import Inbox
from bot.health import Health
from bot.place import Place
from bot.ports import Resides, Shares
from bot.process import ProcessRole
from bot.schedule import Job, Schedule
from bot.sharing import SCHEDULE, Sharing
from bot.storage import Database

log = logging.getLogger(__name__)

TRY_AGAIN = 60.0
"""Seconds between attempts to learn our name on a platform."""


class Living:
    """One running process. `jobs`: what one process of all does; `rounds`: what each does for itself."""

    def __init__(
        self,
        database: Database,
        role: ProcessRole,
        engine: Engine,
        inbox: Inbox,
        place: Place,
        health: Health,
        platforms: Mapping[int, Platform],
        receive: Beside,
        jobs: Sequence[Job],
        rounds: Sequence[Job],
    ) -> None:
        self._database = database
        self._role = role
        self._engine = engine
        self._inbox = inbox
        self._place = place
        self._health = health
        self._platforms = platforms
        self._receive = receive
        self._jobs = jobs
        self._rounds = Schedule(rounds)
        self._owned: dict[int, Platform] = {}
        self._failing = ChainMap[str, str]()
        """Jobs of the leader that failed, if this process leads."""

    async def run(self) -> None:
        """Until cancelled. Raises what a part of it can't live with."""
        sharing = Sharing(
            self._database, self._role, self._engine, self._inbox, self._platforms, self._place.changed
        )
        self._health.process = sharing.report
        self._health.owners = sharing.owners
        self._health.failing = ChainMap(self._failing, self._rounds.failures)
        self._engine.beside = self._look_after
        if not self._database.is_sqlite:
            for platform in self._platforms.values():
                if isinstance(platform, Resides):
                    await platform.move_out()  # until this process owns its lane
        await self._rounds.run_all()
        self._rounds.start()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(sharing.listener.run())
                group.create_task(self._place.follow())
                if self._role.owns:
                    group.create_task(self._engine.run())
                    group.create_task(self._inbox.run(self._owned))
                if self._role.leads:
                    group.create_task(self._stand_for_lead())
                for lane, platform in self._platforms.items():
                    if self._role.serves and isinstance(platform, Shares):
                        group.create_task(self._receive(lane, platform))
                    elif self._role.owns and not isinstance(platform, Shares | Resides):
                        group.create_task(self._introduce(platform))
        finally:
            self._rounds.stop()

    async def _look_after(self, lane: int, platform: Platform) -> None:
        """What the owner of a lane does beside delivering: receive, and have the inbox handled."""
        self._owned[lane] = platform
        self._inbox.wake()
        try:
            if isinstance(platform, Shares):
                await asyncio.Event().wait()  # every process that serves receives
            else:
                await self._receive(lane, platform)
        finally:
            del self._owned[lane]
            if not isinstance(platform, Shares):
                self._health.left(platform.name)

    async def _stand_for_lead(self) -> None:
        async with self._database.write() as session:
            lane = (await lane_for(session, SCHEDULE)).id
        await self._engine.owning.own(lane, SCHEDULE, self._lead)

    async def _lead(self, held: Lease) -> None:
        """See to the jobs for as long as this process leads."""
        schedule = Schedule(self._jobs, may_run=lambda: held.is_fresh)
        self._health.leads = True
        self._failing.maps = [schedule.failures]
        try:
            await schedule.run_all()
            schedule.start()
            await asyncio.Event().wait()
        finally:
            schedule.stop()
            self._failing.maps = [{}]
            self._health.leads = False

    async def _introduce(self, platform: Platform) -> None:
        """A link needs the name we have on its platform, also in a worker that doesn't own the lane but stands by."""
        while not self._database.is_sqlite:
            try:
                await platform.check()
            except PlatformError:
                pass  # its owner says so
            except Exception as fault:
                # An adapter's own fault must not end the lanes of the others.
                log.exception("%s broke: %s", platform.name, type(fault).__name__)
            else:
                return
            await asyncio.sleep(TRY_AGAIN)
