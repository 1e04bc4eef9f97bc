"""The alarm clock: APScheduler wakes, and the database says what is due.

In memory, on the one process that leads; nothing is lost when it sleeps, because each job asks the rows.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.storage.again import again

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to look after again and again. `run` does what is due, and nothing if nothing is."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[None]]


class Schedule:
    """Runs jobs until it is stopped. A job that fails is recorded and comes again at its next time."""

    def __init__(self, jobs: Sequence[Job], may_run: Callable[[], bool] = lambda: True) -> None:
        """`may_run`: whether this process leads still, asked before each job."""
        self._jobs = jobs
        self._may_run = may_run
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self.failures: dict[str, str] = {}
        """Job and the kind of its last failure; for `/healthz`."""

    def start(self) -> None:
        for job in self._jobs:
            self._scheduler.add_job(
                self._run,
                "interval",
                seconds=job.every.total_seconds(),
                args=[job],
                id=job.name,
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing more, and cut off what runs: it is a transaction, or the rows say what is left to do."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def run_all(self) -> None:
        """Every job once, now: at the start (what was due while we were down), and for tests."""
        for job in self._jobs:
            await self._run(job)

    async def _run(self, job: Job) -> None:
        if not self._may_run():
            return
        try:
            await again(job.run)
        except Exception as fault:
            self.failures[job.name] = type(fault).__name__
            log.exception("the job %s failed: %s", job.name, type(fault).__name__)
        else:
            self.failures.pop(job.name, None)
