"""Works a slot through: the run, everybody's mark, the texts and the copies are one transaction, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.model import Priority
from bot.delivery.outbox import Copy, Outbox
from bot.digests.assemble import Told, Wanted, assemble
from bot.digests.model import ITEM_KIND, DigestRun
from bot.digests.writing import Run, Writer
from bot.items.model import Item, ItemState
from bot.items.service import hold_publications, next_publication_no
from bot.people import readers as people
from bot.people.pace import Habit, next_digest, next_evening
from bot.posts import digesting
from bot.storage import Database
from bot.storage.portable import insert_new

LATE = timedelta(days=3)
"""How long a digest that can't be delivered is of use."""
LIFE = timedelta(days=90)
"""How long it is kept who got which digest: a digest is counted for its senders, and its choices can be typed."""


FIRST = timedelta(hours=1)
"""How far back slots count where no run was ever noted."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The habits whose digest is due, and those whose evening has come."""

    regular: Sequence[Habit]
    evening: Sequence[Habit]

    @property
    def anybody(self) -> bool:
        return bool(self.regular or self.evening)


class Digests:
    """Use cases of digests. `silent`: the lanes that ring for nobody; what is new stands there at once."""

    def __init__(
        self,
        clock: Clock,
        outbox: Outbox,
        writer: Writer,
        silent: Callable[[], Collection[int]],
        zone: Callable[[], ZoneInfo],
    ) -> None:
        self._clock = clock
        self._outbox = outbox
        self._writer = writer
        self._silent = silent
        self._zone = zone
        self._done: datetime | None = None
        """Up to here nothing is due, as far as this program knows; what others did says the database."""

    async def due(self, database: Database) -> int:
        """Send every digest that has become due. Called by the alarm clock; returns how many."""
        hour = self._hour()
        if self._done is not None and hour <= self._done:
            return 0
        async with database.read() as session:
            slots = await self._slots(session, hour)
        sent = 0
        if slots.anybody:
            async with database.write() as session:
                sent = await self.run(session)
        self._done = hour
        return sent

    async def run(self, session: AsyncSession) -> int:
        """Work through what has become due since the last run, in the caller's transaction; once, whoever comes first.

        Down over a slot, or over several: everybody concerned gets one digest, late.
        """
        now, hour, zone = self._clock.now(), self._hour(), self._zone()
        # Of two that wake at once, the second waits here and then finds the run. Who stops or is erased waits, too.
        await hold_publications(session)
        slots = await self._slots(session, hour)
        if not slots.anybody:
            return 0
        local = hour.astimezone(zone)
        key = {"slot": f"{local.hour:02d}", "local_date": local.date()}
        if not await insert_new(session, DigestRun, **key, at=hour, item=None):
            return 0
        assembly = await assemble(
            session, now, zone, regular=slots.regular, evening=slots.evening, silent=self._silent(),
            has_plan=self._writer.has_plan,
        )  # fmt: skip
        if assembly.told:
            item = await self._item(session, now)
            run = await session.get_one(DigestRun, (key["slot"], key["local_date"]))
            run.item = item.id
            await self._send(session, item, assembly.told)
        await people.move_marks(session, assembly.passed, assembly.mark)
        return sum(len(one.crowd.members) for one in assembly.told)

    async def _slots(self, session: AsyncSession, hour: datetime) -> Slots:
        """Whose slots have come since the last run."""
        last = await session.scalar(select(func.max(DigestRun.at)))
        known = [moment for moment in (last, self._done) if moment is not None]
        since = max(known) if known else hour - FIRST
        zone, habits = self._zone(), await people.habits(session)
        return Slots(
            [habit for habit in habits if next_digest(habit, since, zone) <= hour],
            [habit for habit in habits if next_evening(habit, since, zone) <= hour],
        )

    async def _item(self, session: AsyncSession, now: datetime) -> Item:
        number = await next_publication_no(session)
        item = Item(
            kind=ITEM_KIND, state=ItemState.PUBLISHED, revision=1, publication_no=number, created_at=now,
            published_at=now,
        )  # fmt: skip
        session.add(item)
        await session.flush()
        return item

    async def _send(self, session: AsyncSession, item: Item, told: Sequence[Told]) -> None:
        texts = await self._texts(session, item, dict.fromkeys(one.text for one in told))
        copies: dict[datetime, list[Copy]] = {}
        for one in told:
            crowd, text = one.crowd, texts[one.text]
            copies.setdefault(one.text.at, []).extend(
                Copy(chat, crowd.lane, crowd.quartier, text) for _, chat in crowd.members
            )
        for at, some in copies.items():
            await self._outbox.enqueue_each(
                session, item=item.id, priority=Priority.DIGEST, copies=some, due_at=at, expires_at=at + LATE
            )
        await digesting.carry_no_more(
            session,
            {(person, about) for one in told for about in one.carried for person, _ in one.crowd.members},
        )

    async def _texts(
        self, session: AsyncSession, item: Item, wanted: Collection[Wanted]
    ) -> dict[Wanted, int]:
        """Each text stored once, with what it tells."""
        run, written = Run(), []
        for one in wanted:
            written.append(await self._writer.write(session, one, item.publication_no or 0, run))
            # Hundreds of them: what is under way on the network goes on. On SQLite a tap is answered after the run all
            # the same, since its turn writes, too.
            await asyncio.sleep(0)
        texts = await self._outbox.store_texts(session, written, item=item.id)
        found = dict(zip(wanted, texts, strict=True))
        await self._outbox.tells(session, {text: one.items for one, text in found.items()})
        return found

    async def erase_old(self, session: AsyncSession) -> None:
        """Forget old digests and runs, and what will never be told. The newest run stays: it says where to go on."""
        before = self._clock.now() - LIFE
        old = select(Item.id).where(Item.kind == ITEM_KIND, Item.created_at < before)
        items = list((await session.scalars(old)).all())
        if items:
            await self._outbox.forget_items(session, items)
            await session.execute(delete(Item).where(Item.id.in_(items)))
        await session.execute(delete(DigestRun).where(DigestRun.at < before))
        await digesting.erase_old_carried(session, self._clock.now())

    async def export(self, session: AsyncSession, person: int) -> object:
        """Which announcements wait for the person's next digest in particular, by number."""
        return await digesting.carried_to(session, person)

    async def erase(self, session: AsyncSession, person: int) -> None:
        await digesting.forget_carried(session, person)

    def _hour(self) -> datetime:
        """The full local hour that has begun."""
        local = self._clock.now().astimezone(self._zone())
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
