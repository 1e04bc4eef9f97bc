"""One lane's rows: outcomes go in, the next jobs come out, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, case, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Address, Capabilities, Platform
from bot.delivery import lease, marks
from bot.delivery.begin import Texts, begin
from bot.delivery.carry import settle_remains, with_all_remains
from bot.delivery.claim import Queue, Rota, next_due, queues
from bot.delivery.erase import erase_messages
from bot.delivery.hooks import Hooks
from bot.delivery.job import Act, Fate, Job, Outcome, after_crash
from bot.delivery.model import IS_SENDING, Chat, Delivery, Lane, Priority, State
from bot.delivery.order import lock_ids
from bot.storage import Database
from bot.storage.again import again
from bot.storage.many import these

LOOK_AGAIN = timedelta(seconds=0.25)
"""How long it is known at most which queues there are: others may write without a wake-up."""

_HERE = and_(Delivery.lane_id == bindparam("lane"), IS_SENDING)
_UNDER_WAY = select(Delivery, Chat).join(Chat, Chat.id == Delivery.chat_id).where(_HERE)
_BEGUN = select(Delivery.id, Delivery.requests).where(_HERE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a transaction of the ledger brought."""

    jobs: list[Job] = field(default_factory=list)
    more: bool = False
    """More may be due that could begin at once, given room."""
    blocked: bool = False
    """More is due, for chats that can't take it now."""
    next_due: datetime | None = None
    """When the next row falls due that isn't yet."""


class Ledger:
    """The rows of a lane that this process owns."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        lane_id: int,
        epoch: int,
        able: Capabilities,
        hooks: Hooks,
        platform: Platform | None = None,
    ) -> None:
        """`platform`: where it is asked what is out of a message; never within a transaction."""
        self._database = database
        self._clock = clock
        self._lane_id = lane_id
        self._epoch = epoch
        self._able = able
        self._hooks = hooks
        self._platform = platform
        self.learned: float | None = None
        """The lane's learned rate as it is stored; known after `take_over`."""
        self._texts = Texts()
        self._rota = Rota()
        self._known: list[Queue] = []
        """All queues, due or not, as they were when they were last looked for."""
        self._looked_at: datetime | None = None

    async def take_over(self) -> int:
        """Settle what a former owner left `sending`; returns how many rows. Some of it may have arrived."""
        async with self._database.read() as session:
            self.learned = await session.scalar(select(Lane.learned_rate).where(Lane.id == self._lane_id))
            left = await self._left_sending(session)
        outcomes = [after_crash(job, knows_keys=self._able.idempotent_sends) for job in left]
        if self._platform is not None:
            outcomes = await with_all_remains(self._platform, outcomes)
        await self.stop(outcomes)
        return len(left)

    async def forget_strays(self, known: Collection[Job]) -> None:
        """After a transaction of unknown end: rows that say `sending` for a request that we don't know never went out.

        Also those of a copy whose last request but one we know: it was marked, and begun anew, in that transaction.
        """
        await again(lambda: self._forget_strays(known))

    async def _forget_strays(self, known: Collection[Job]) -> None:
        async with self._database.write() as session:
            await lease.hold(session, self._lane_id, self._epoch)
            keep = (
                case((Delivery.attempts > 0, Delivery.sending_text))
                if self._able.idempotent_sends
                else null()
            )
            found = (await session.execute(_BEGUN, {"lane": self._lane_id})).all()
            ours = {(job.id, job.request) for job in known}
            strays = [row.id for row in found if (row.id, row.requests) not in ours]
            await lock_ids(session, strays)
            back = update(Delivery).where(Delivery.id.in_(these(strays)), IS_SENDING)
            await session.execute(
                back.values(state=State.PENDING, sending_text=keep).execution_options(
                    synchronize_session=False
                )
            )

    async def turn(
        self,
        outcomes: Sequence[Outcome],
        *,
        busy: Callable[[int], Collection[int]],
        room: Callable[[int], int],
        learned: float | None,
        news: bool = True,
        sure: bool = False,
    ) -> Entry:
        """Store outcomes and begin what is next. `busy` and `room`: see `claim.next_due`. `learned`: the rate to keep.

        Without `news` only what was waiting before is looked at, for as long as there is more of it. `sure`: something
        is very likely due, so nobody looks first whether it is.

        Unless `sure`, writes nothing when there is nothing to write. Raises `LaneLostError`.
        """
        now = self._clock.now()
        if not outcomes and not sure:
            entry = await self._nothing_due(now)
            if entry is not None:
                return entry

        async def write() -> Entry:
            async with self._database.write() as session:
                if learned == self.learned:
                    await lease.hold(session, self._lane_id, self._epoch)
                else:
                    await lease.keep_rate(session, self._lane_id, self._epoch, learned)
                await self._save(session, outcomes)
                if news or any(outcome.fate is Fate.RETURNED for outcome in outcomes):
                    self._looked_at = None
                return await self._begin(session, now, busy, room)

        entry = await again(write)
        self.learned = learned
        await self._stored(outcomes)
        return entry

    async def stop(self, outcomes: Sequence[Outcome]) -> None:
        """Store the last outcomes."""
        await again(lambda: self._stop(outcomes))
        await self._stored(outcomes)

    async def _stop(self, outcomes: Sequence[Outcome]) -> None:
        async with self._database.write() as session:
            await lease.hold(session, self._lane_id, self._epoch)
            await self._save(session, outcomes)

    async def _stored(self, outcomes: Sequence[Outcome]) -> None:
        if self._platform is not None:
            await settle_remains(self._platform, outcomes)

    async def has_due(self) -> bool:
        """Whether anything is due, sent or not."""
        async with self._database.read() as session:
            now = self._clock.now()
            return any(queue.first_due <= now for queue in await queues(session, self._lane_id))

    async def _nothing_due(self, now: datetime) -> Entry | None:
        """A look without a write: the usual case of an idle lane. None when something is due."""
        async with self._database.read() as session:
            waiting = await queues(session, self._lane_id)
        first = min((queue.first_due for queue in waiting), default=None)
        return Entry(next_due=first) if first is None or first > now else None

    async def _save(self, session: AsyncSession, outcomes: Sequence[Outcome]) -> None:
        if outcomes:
            await marks.save(session, outcomes, self._clock.now())

    async def _begin(
        self,
        session: AsyncSession,
        now: datetime,
        busy: Callable[[int], Collection[int]],
        room: Callable[[int], int],
    ) -> Entry:
        if self._looked_at is None or not self._looked_at <= now < self._looked_at + LOOK_AGAIN:
            self._known, self._looked_at = await queues(session, self._lane_id), now
        waiting = self._known
        due = [queue for queue in waiting if queue.first_due <= now]
        found = await next_due(session, self._lane_id, due, now, rota=self._rota, busy=busy, room=room)
        begun = await begin(session, found.rows, now, texts=self._texts, able=self._able)
        ended = [row.id for rows in begun.ended.values() for row in rows if row.item is None]
        if ended:
            await erase_messages(session, Delivery.id.in_(ended))
        if not found.more:
            self._looked_at = None
            waiting = await queues(session, self._lane_id) if due else waiting
        blocked = not found.more and any(queue.first_due <= now for queue in waiting)
        later = min((queue.first_due for queue in waiting if queue.first_due > now), default=None)
        return Entry([self._worded(job) for job in begun.jobs], found.more, blocked, later)

    def _worded(self, job: Job) -> Job:
        """An alert that may have arrived already says so, and an announcement that its sender sends once more."""
        # Sent once more by a tap counts as a change, too.
        is_told = job.priority == Priority.ALERT or (job.priority == Priority.ANNOUNCEMENT and job.changes)
        again = is_told and job.act is Act.SEND and job.attempts > 0
        if not again or job.message is None or self._able.idempotent_sends:
            return job
        return replace(job, message=self._hooks.repeat(job.message))

    async def _left_sending(self, session: AsyncSession) -> list[Job]:
        rows = await session.execute(_UNDER_WAY, {"lane": self._lane_id})
        return [
            Job(
                id=row.id,
                item=row.item,
                chat_id=row.chat_id,
                address=Address(chat.address),
                is_room=chat.is_room,
                priority=row.priority,
                text=row.sending_text,
                message=None,
                ref=tuple(row.ref or ()),
                attempts=row.attempts,
                changes=row.changes,
                completes=bool(row.ref) and row.held_text is None and row.sending_text is not None,
                generation=row.generation,
                moves=row.moves,
                request=row.requests,
            )
            for row, chat in rows
        ]
