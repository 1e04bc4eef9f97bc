"""One sending account at work: a ledger that brings jobs and takes outcomes, and a dispatcher between the two.

The dispatcher decides at the last moment what leaves next, so an answer overtakes a broadcast wherever that stands. Two
loops, side by side: books (database) and dispatch (platform); neither waits for the other's slowness.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.contract import Platform, PlatformDown, PlatformError, RateLimited, Unsure
from bot.delivery.carry import carry, with_remains
from bot.delivery.courtesy import Courtesy
from bot.delivery.job import Fate, Job, Outcome, after_unsure, counting, returned, spared
from bot.delivery.lease import LaneLostError
from bot.delivery.ledger import Ledger
from bot.delivery.model import Priority
from bot.delivery.pace import Pace, Sent, Setbacks
from bot.delivery.pulse import LanePulse, Tally
from bot.delivery.standing import Standing
from bot.delivery.tempo import Tempo
from bot.waiting import now as _now
from bot.waiting import wait

log = logging.getLogger(__name__)


class LaneWorker:
    """Sends what is due on one lane until cancelled, then stops in good order."""

    def __init__(
        self,
        platform: Platform,
        ledger: Ledger,
        clock: Clock,
        tempo: Tempo,
        tally: Tally,
        may_send: Callable[[], bool] = lambda: True,
    ) -> None:
        """`may_send`: whether the lane is surely ours still, asked before each request."""
        self._platform = platform
        self._ledger = ledger
        self._clock = clock
        self._tempo = tempo
        self._tally = tally
        self._may_send = may_send
        self._knows_keys = platform.capabilities.idempotent_sends
        self._counted = counting(platform)
        self._pace = Pace(platform.limits, begins=_now(), learned=ledger.learned)
        self._setbacks = Standing(platform.name, tempo.first_pause, tempo.longest_pause)
        self._trouble = Setbacks(tempo.first_pause / 4, tempo.longest_pause)
        """The database's, not the platform's."""
        self._ready: dict[int, deque[Job]] = {int(priority): deque() for priority in Priority}
        self._flying: dict[int, tuple[Job, asyncio.Task[None]]] = {}
        self._outcomes: list[Outcome] = []
        self._turning: asyncio.Task[None] | None = None
        self._bell = asyncio.Event()
        self._go = asyncio.Event()
        self._woken = True
        self._more = self._blocked = self._strays = False
        self._next_due: float | None = None
        self._turn_took = 0.0
        self._turned_at = self._oldest_outcome = self._not_before = float("-inf")
        self._courtesy = Courtesy()

    def wake(self) -> None:
        """There may be something new."""
        self._woken = True
        now = _now()
        self._courtesy.stored(now, 1 / self._pace.rate(now))
        self._bell.set()

    def expect(self) -> None:
        """An answer is being written."""
        now = _now()
        self._courtesy.writing(now, 1 / self._pace.rate(now))

    def pulse(self, lane_id: int) -> LanePulse:
        """How it is doing at this moment."""
        now = _now()
        return LanePulse(
            lane_id=lane_id,
            platform=self._platform.name,
            rate=self._pace.rate(now),
            learned=self._pace.learned,
            halted=max(0.0, self._pace.halted_until - now),
            in_flight=len(self._flying),
            ready={Priority(priority): len(jobs) for priority, jobs in self._ready.items()},
            outcomes=dict(self._tally.outcomes),
            complaints=dict(self._tally.complaints),
            reply_seconds=self._tally.reply_seconds(),
        )

    async def is_settled(self) -> bool:
        """Nothing under way, nothing to be written down, nothing due."""
        at_work = self._stock(Priority.DIGEST) or self._flying or self._outcomes or self._woken
        return (
            not at_work
            and (self._turning is None or self._turning.done())
            and not await self._ledger.has_due()
        )

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_books())
                group.create_task(self._dispatch())
        finally:
            await self._farewell()

    # --- books ---------------------------------------------------------------------------------------------------

    async def _keep_books(self) -> None:
        while True:
            while (delay := self._books_due_in()) > 0:
                self._bell.clear()
                await wait(self._bell, delay)
            # A transaction is never cut off in the middle: what it began must be known here.
            self._turning = asyncio.create_task(self._turn())
            await asyncio.shield(self._turning)

    def _books_due_in(self) -> float:
        now = _now()
        if now < self._not_before:
            return self._not_before - now
        return max(
            0.0, min(self._turned_at + self._tempo.poll, self._marks_due(now), self._claim_due(now)) - now
        )

    def _marks_due(self, now: float) -> float:
        if not self._outcomes:
            return float("inf")
        nothing_else = not self._flying and not self._stock(Priority.DIGEST)
        if nothing_else or len(self._outcomes) >= self._few(now):
            return now
        return self._oldest_outcome + self._tempo.mark_within

    def _claim_due(self, now: float) -> float:
        if self._pace.is_halted(now):
            return self._pace.halted_until
        if self._woken or (self._more and self._stock(Priority.DIGEST) <= self._batch(now) // 2):
            return now
        times = [float("inf")]
        if self._next_due is not None:
            times.append(self._next_due)
        if self._blocked:
            free = self._pace.next_chat_free(since=self._turned_at)
            times.append(max(free, self._turned_at + self._tempo.look_again))
        return min(times)

    async def _turn(self) -> None:
        now = _now()
        self._turned_at = now
        news, self._woken = self._woken, self._woken and self._pace.is_halted(now)
        outcomes, self._outcomes = self._outcomes, []
        try:
            if self._strays:
                await self._ledger.forget_strays(self._known(outcomes))
                self._strays = False
            entry = await self._ledger.turn(
                outcomes,
                busy=self._busy,
                room=self._room,
                learned=self._pace.learned,
                news=news,
                sure=news and self._courtesy.is_writing(now),
            )
        except (SQLAlchemyError, OSError) as fault:
            self._keep_for_later(outcomes, fault)
            return
        except Exception:
            self._outcomes = outcomes + self._outcomes  # the farewell writes them down
            raise
        self._trouble.succeeded()
        self._setbacks.ended(now, outcomes)
        self._turn_took = _now() - now
        for job in entry.jobs:
            self._ready[job.priority].append(self._counted(job))
        self._more, self._blocked = entry.more, entry.blocked
        self._next_due = self._loop_time(entry.next_due)
        if not self._woken:
            self._courtesy.read(now)
        self._go.set()

    def _keep_for_later(self, outcomes: list[Outcome], fault: Exception) -> None:
        """The database failed (locked, disk full): nothing is forgotten, and nothing new goes out meanwhile."""
        self._outcomes = outcomes + self._outcomes
        self._strays = self._woken = True
        pause = self._trouble.failed(_now())
        self._not_before = _now() + pause
        log.error(
            "%s: the database failed (%s); next try in %.1f s",
            self._platform.name,
            type(fault).__name__,
            pause,
        )

    def _busy(self, priority: int) -> Collection[int]:
        """Chats that a job of this class must wait for: what is ready in a lower class can be overtaken."""
        ready = {job.chat_id for p, jobs in self._ready.items() if p <= priority for job in jobs}
        unmarked = {outcome.job.chat_id for outcome in self._outcomes}
        return ready.union(unmarked, self._flying, self._pace.busy(_now()))

    def _room(self, priority: int) -> int:
        now = _now()
        return 0 if self._pace.is_halted(now) else self._batch(now) - self._stock(priority)

    def _batch(self, now: float) -> int:
        """Rows that are ready at most: few, but enough for the time that the next transaction takes."""
        if self._setbacks.is_probing:
            return 1
        slowly = min(self._turn_took * self._tempo.turns_ahead, self._tempo.ahead_at_most)
        meanwhile = self._pace.rate(now) * slowly if slowly else 0.0
        return int(min(self._tempo.most_ahead, max(self._few(now), meanwhile)))

    def _few(self, now: float) -> float:
        return self._tempo.few_at(self._pace.rate(now))

    def _stock(self, priority: int) -> int:
        """Jobs ready of this class and those before it."""
        return sum(len(jobs) for p, jobs in self._ready.items() if p <= priority)

    def _known(self, outcomes: Collection[Outcome]) -> list[Job]:
        ready = [job for jobs in self._ready.values() for job in jobs]
        flying = [job for job, _ in self._flying.values()]
        return ready + flying + [outcome.job for outcome in (*outcomes, *self._outcomes)]

    def _loop_time(self, moment: datetime | None) -> float | None:
        return None if moment is None else _now() + (moment - self._clock.now()).total_seconds()

    # --- dispatch ------------------------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        while True:
            self._go.clear()
            await wait(self._go, self._send_what_may_go())

    def _send_what_may_go(self) -> float | None:
        """Send as much as the limits allow. Returns the seconds until more may go; None: until something changes."""
        while True:
            now = _now()
            if self._pace.is_halted(now):
                self._return_ready()
                return self._pace.halted_until - now
            if not self._may_send():
                return self._tempo.look_again if self._stock(Priority.DIGEST) else None
            job = self._next_job(now)
            if job is None:
                return None
            slot = self._pace.free_at(now, job.parts)
            if job.priority > Priority.ALERT:
                slot = max(slot, self._courtesy.until)
            if slot > now:
                return slot - now if slot < math.inf else None
            self._ready[job.priority].popleft()
            self._launch(job, now)

    def _next_job(self, now: float) -> Job | None:
        """What goes out next; it is still among the ready."""
        for priority, jobs in self._ready.items():
            if jobs and not self._has_room_in_flight(priority):
                return None
            while jobs:
                if self._may_go(jobs[0], now):
                    return jobs[0]
                # Overtaken by an answer to the same chat, or an album too long for its room's minute.
                self._end(returned(jobs.popleft(), knows_keys=self._knows_keys))
        return None

    def _has_room_in_flight(self, priority: int) -> bool:
        most = self._pace.at_once
        if self._setbacks.is_probing:
            most = 1
        elif priority > Priority.ALERT:
            most = max(1, most - int(most * self._tempo.kept_for_replies))
        return len(self._flying) < most

    def _may_go(self, job: Job, now: float) -> bool:
        if job.chat_id in self._flying or self._pace.chat_free_at(job.chat_id) > now:
            return False
        if job.is_room and not self._pace.room_for(now, job.chat_id, job.parts):
            self._pace.hold_room(now, job.chat_id)
            return False
        return True

    def _launch(self, job: Job, now: float) -> None:
        if job.priority == Priority.REPLY:
            self._courtesy.answered(now)
        sent = self._pace.spend(now, job.chat_id, is_room=job.is_room, parts=job.parts)
        self._flying[job.chat_id] = (job, asyncio.create_task(self._carry(job, sent)))

    async def _carry(self, job: Job, sent: Sent) -> None:
        try:
            outcome, complaint = await carry(self._platform, job, self._tempo.patience)
        except asyncio.CancelledError:
            outcome, complaint = after_unsure(job, knows_keys=self._knows_keys), None
        self._count(outcome, complaint)
        # Before anything that waits for the database: what else is ready must not run into the same refusal.
        self._learn(outcome, complaint, sent)
        with suppress(asyncio.CancelledError):  # the farewell waits no longer; what is known is kept
            outcome = await with_remains(self._platform, outcome)
        del self._flying[job.chat_id]
        if outcome.fate is Fate.GONE:
            self._return_ready(job.chat_id)
        self._end(spared(outcome) if self._setbacks.spares(_now()) else outcome)
        self._go.set()

    def _count(self, outcome: Outcome, complaint: PlatformError | None) -> None:
        self._tally.count(outcome, complaint)
        job = outcome.job
        if job.priority == Priority.REPLY and outcome.fate is Fate.HELD and job.due_at is not None:
            self._tally.replied((self._clock.now() - job.due_at).total_seconds())

    def _learn(self, outcome: Outcome, complaint: PlatformError | None, sent: Sent) -> None:
        """What the answer says about how fast to go on."""
        now = _now()
        job = outcome.job
        self._pace.answered(now, sent, arrived=complaint is None)
        match complaint:
            case PlatformDown():
                self._pace.halt(now, self._setbacks.down(now, complaint))
            case Unsure():
                if pause := self._setbacks.lost(now, job.chat_id):
                    self._pace.halt(now, pause)
            case RateLimited():
                self._pace.refused(now, sent, complaint.retry_after, chat_only=complaint.chat_only)
            case _:
                self._setbacks.heard()
        if outcome.fate is Fate.RETURNED and outcome.counts:
            pause = self._tempo.first_pause * 2 ** min(job.attempts, 10)
            self._pace.halt_chat(now, job.chat_id, min(self._tempo.longest_pause, pause))

    def _end(self, outcome: Outcome) -> None:
        if not self._outcomes:
            self._oldest_outcome = _now()
        self._outcomes.append(outcome)
        # A conversation shouldn't wait for a batch of marks to fill.
        self._woken = self._woken or (self._blocked and outcome.job.priority == Priority.REPLY)
        self._more = self._more or outcome.fate is Fate.RETURNED
        self._bell.set()

    def _return_ready(self, gone: int | None = None) -> None:
        """All that is ready; or all but answers for a chat where nobody is any more."""
        for priority, jobs in self._ready.items():
            for job in list(jobs):
                if gone is None or (job.chat_id == gone and priority != Priority.REPLY):
                    jobs.remove(job)
                    self._end(returned(job, knows_keys=self._knows_keys))

    # --- stopping ------------------------------------------------------------------------------------------------

    async def _farewell(self) -> None:
        """Begin nothing more, hear what is under way, and write it all down."""
        if self._turning is not None:
            await asyncio.wait([self._turning])
        self._return_ready()
        late = {task for _, task in self._flying.values()}
        while late:
            # Once more for those that ask what is out of a message: the database may be slow.
            _, late = await asyncio.wait(late, timeout=self._tempo.farewell)
            for task in late:
                task.cancel()
        try:
            await self._ledger.stop(self._outcomes)
        except LaneLostError:
            log.warning("%s: whoever owns the lane next settles what was under way", self._platform.name)
        except (SQLAlchemyError, OSError) as fault:
            # The next start finds these rows `sending` and treats them as a crash would have left them.
            name = type(fault).__name__
            log.error("%s: outcomes not stored: %s", self._platform.name, name)  # noqa: TRY400 - see carry.py
