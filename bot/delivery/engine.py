"""Brings about that everybody holds the copy they should: one worker per lane, each at its platform's pace.

What is to be done is in the rows, never in memory: whatever dies on the way, the next start goes on from there.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from bot.clock import Clock
from bot.contract import Platform
from bot.delivery.hooks import Hooks
from bot.delivery.lane import LaneWorker
from bot.delivery.lease import ACTS_FOR, LaneLostError, Lease
from bot.delivery.ledger import Ledger
from bot.delivery.owning import Owning
from bot.delivery.pace import Setbacks
from bot.delivery.pulse import LanePulse, Tally
from bot.delivery.tempo import Tempo
from bot.storage import Database
from bot.waiting import now as _now

log = logging.getLogger(__name__)

Beside = Callable[[int, Platform], Coroutine[Any, Any, None]]
"""What else the owner of a lane does with it, for as long as it is ours: receiving. Ends by being cancelled."""


async def _nothing_else(_lane: int, _platform: Platform) -> None:
    """Only delivery."""
    await asyncio.Event().wait()


class Engine:
    """All lanes that this process owns. `platforms` by lane id; it is read when `run` begins."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        platforms: Mapping[int, Platform],
        hooks: Hooks | None = None,
        tempo: Tempo | None = None,
    ) -> None:
        self.hooks = hooks or Hooks()
        self._database = database
        self._clock = clock
        self._platforms = platforms
        self._tempo = tempo or Tempo()
        self.owning = Owning(database, self._tempo)
        self.beside: Beside = _nothing_else
        self._workers: dict[int, LaneWorker] = {}
        self._tallies: defaultdict[int, Tally] = defaultdict(Tally)
        self._has_ended = False

    async def run(self) -> None:
        """Deliver until cancelled; then wait a few seconds for what is under way and write down how it ended."""
        self._has_ended = False
        try:
            async with asyncio.TaskGroup() as group:
                for lane_id, platform in self._platforms.items():
                    work = partial(self._tend, platform)
                    group.create_task(self.owning.own(lane_id, platform.name, work, platform))
        finally:
            self._has_ended = True

    def wake(self) -> None:
        """There may be something new to deliver."""
        for worker in self._workers.values():
            worker.wake()

    def expect(self, lane_id: int) -> None:
        """Somebody wrote there and is answered in a moment: bulk lets the answer have the next slot."""
        if lane_id in self._workers:
            self._workers[lane_id].expect()

    def pulse(self) -> list[LanePulse]:
        """How each lane is doing that this program works on."""
        return [worker.pulse(lane_id) for lane_id, worker in self._workers.items()]

    async def settled(self) -> None:
        """Return when nothing is due on any lane and all is written down. Raises `RuntimeError` if `run` has ended."""
        self.wake()
        while len(self._workers) < len(self._platforms) or not await self._all_settled():
            if self._has_ended:
                raise RuntimeError("the engine does not run")
            await asyncio.sleep(0.005)

    async def _all_settled(self) -> bool:
        for worker in list(self._workers.values()):
            if not await worker.is_settled():
                return False
        return True

    async def _tend(self, platform: Platform, held: Lease) -> None:
        """Deliver on a lane that is ours, and do what else its owner does."""
        ACTS_FOR.set(held)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliver(held, platform))
            group.create_task(self.beside(held.lane_id, platform))

    async def _deliver(self, held: Lease, platform: Platform) -> None:
        """Work on the lane until it is lost.

        A fault (the database locked, the disk full, a row of ours that nobody foresaw) is tried again ever more
        slowly: it must not end the other lanes.
        """
        trouble = Setbacks(self._tempo.first_pause / 4, self._tempo.longest_pause)
        while True:
            began = _now()
            try:
                await self._work(held, platform)
            except* LaneLostError:
                raise LaneLostError from None
            except* Exception as faults:
                if _now() - began > self._tempo.longest_pause:
                    trouble.succeeded()
                pause = trouble.failed(_now())
                said = "%s: delivery failed (%s); next try in %.1f s"
                log.error(said, platform.name, _names(faults), pause)  # noqa: TRY400 - see carry.py
                await asyncio.sleep(pause)

    async def _work(self, held: Lease, platform: Platform) -> None:
        able = platform.capabilities
        ledger = Ledger(self._database, self._clock, held.lane_id, held.epoch, able, self.hooks, platform)
        left = await ledger.take_over()
        if left:
            log.warning("%s: %d messages were under way when the last owner died", platform.name, left)
        worker = LaneWorker(
            platform,
            ledger,
            self._clock,
            self._tempo,
            self._tallies[held.lane_id],
            lambda: held.is_fresh,
        )
        self._workers[held.lane_id] = worker
        try:
            await worker.run()
        finally:
            del self._workers[held.lane_id]


def _names(faults: BaseExceptionGroup[Exception]) -> str:
    """What kinds of faults, in a word each: their messages may quote rows."""
    kinds: set[str] = set()
    for fault in faults.exceptions:
        kinds.add(_names(fault) if isinstance(fault, BaseExceptionGroup) else type(fault).__name__)
    return ", ".join(sorted(kinds))
