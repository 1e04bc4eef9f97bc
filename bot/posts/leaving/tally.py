"""How far a post is, platform by platform: what arrived, what waits, what ended otherwise, and how fast it goes.

One walk over the copies of the posts asked for, however the figures are put together afterwards. Never who.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, case, func, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.delivery.model import Delivery, State, TextItem
from bot.storage import UTCDateTime

ON_THE_WAY = (State.PENDING, State.SENDING)
LATELY = timedelta(minutes=1)
"""Over which the rate is measured."""
SHORTEST = 1.0
"""Seconds: what has only just begun is not taken for a rate of thousands."""


@dataclass(slots=True)
class Tally:
    """Copies of one post. Reached is who holds any text of it, an older one too."""

    reached: int = 0
    waiting: int = 0
    gone: int = 0
    rejected: int = 0
    unsure: int = 0
    dropped: int = 0
    changing: int = 0
    """Of those reached: a correction or a withdrawal is on its way to them."""
    due: int = 0
    """Of those on their way: those whose time has come."""
    digest: int = 0
    """Of those reached: who read it in a digest, which is never changed."""
    lately: int = 0
    """How many arrived within the last minute …"""
    since: datetime | None = None
    """… and when the first of them did."""
    later: datetime | None = None
    """When the first of those falls due whose time has not come."""

    def rate(self, now: datetime) -> float:
        """Messages a second, over the last minute or as long as it has run."""
        if self.since is None:
            return 0.0
        return self.lately / max(SHORTEST, (now - self.since).total_seconds())

    def left(self, now: datetime, rate: float = 0.0) -> float | None:
        """Seconds until all that is due has gone out. `rate`: taken while none was measured. None: nobody knows."""
        if not self.due:
            return 0.0
        pace = self.rate(now) or rate
        return self.due / pace if pace > 0 else None

    def add(self, other: Tally) -> None:
        """Put another platform's figures to these."""
        for each in fields(self):
            mine, more = getattr(self, each.name), getattr(other, each.name)
            if isinstance(mine, int):
                setattr(self, each.name, mine + more)
            else:
                setattr(self, each.name, min((t for t in (mine, more) if t is not None), default=None))


@dataclass(slots=True)
class ByLane:
    """The tallies of one post, by lane."""

    lanes: dict[int, Tally] = field(default_factory=dict)

    def among(self, lanes: Collection[int]) -> ByLane:
        """Only these lanes."""
        return ByLane({lane: tally for lane, tally in self.lanes.items() if lane in lanes})

    def of(self, lanes: Collection[int]) -> Tally:
        """The sum over these lanes."""
        return self.among(lanes).total

    @property
    def total(self) -> Tally:
        total = Tally()
        for tally in self.lanes.values():
            total.add(tally)
        return total

    def left(self, now: datetime, learned: Mapping[int, float]) -> float | None:
        """Seconds until all that is due has gone out: as long as the slowest lane takes. `learned`: what each lane is
        taken to do while no rate was measured. None: nobody can tell, be it of a single lane."""
        each = [tally.left(now, learned.get(lane, 0.0)) for lane, tally in self.lanes.items()]
        known = [seconds for seconds in each if seconds is not None]
        return max(known, default=0.0) if len(known) == len(each) else None


async def tallies(session: AsyncSession, items: Collection[int], now: datetime | None) -> dict[int, ByLane]:
    """How far each of these posts is. `now` None: without what is due and how fast it goes."""
    found = {item: ByLane() for item in items}
    for row in (await session.execute(_own_copies(items, now))).all():
        _count(found[row.item].lanes.setdefault(row.lane_id, Tally()), row, in_digest=False)
    for row in (await session.execute(_in_digests(items, now))).all():
        _count(found[row.item].lanes.setdefault(row.lane_id, Tally()), row, in_digest=True)
    return found


def _count(tally: Tally, row: Row[Any], *, in_digest: bool) -> None:
    state, count = State(row.state), row.copies
    one = Tally(lately=row.lately, since=row.since)
    if state in ON_THE_WAY:
        one.due, one.later = row.due, row.later
    if row.held:
        one.reached = count
        one.changing = count if state in ON_THE_WAY else 0
        one.digest = count if in_digest else 0
    elif state in ON_THE_WAY:
        one.waiting = count
    elif state is not State.HELD:
        setattr(one, state.value, count)
    tally.add(one)


_HELD = Delivery.held_text.is_not(None).label("held")
_GROUPS: tuple[Any, ...] = (Delivery.state, _HELD, Delivery.lane_id)


def _counted(now: datetime | None) -> tuple[Any, ...]:
    return (*_GROUPS, func.count().label("copies"), *_pace(now))


def _pace(now: datetime | None) -> tuple[Any, ...]:
    if now is None:
        nothing: tuple[Any, ...] = (literal(0).label("due"), literal(0).label("lately"))
        return (*nothing, null().label("since"), null().label("later"))
    lately = Delivery.held_at > now - LATELY
    due = Delivery.due_at <= now
    return (
        func.count(case((due, 1))).label("due"),
        func.count(case((lately, 1))).label("lately"),
        func.min(case((lately, Delivery.held_at)), type_=UTCDateTime).label("since"),
        func.min(case((~due, Delivery.due_at)), type_=UTCDateTime).label("later"),
    )


def _own_copies(items: Collection[int], now: datetime | None) -> Select[Any]:
    rows: Select[Any] = select(Delivery.item.label("item"), *_counted(now))
    return rows.where(Delivery.item.in_(items)).group_by(Delivery.item, *_GROUPS)


def _in_digests(items: Collection[int], now: datetime | None) -> Select[Any]:
    """Digests that tell of each item, as the rows above. Who has, or perhaps has, a copy of its own counts there."""
    other = aliased(Delivery)
    own = select(other.id).where(other.item == TextItem.item, other.chat_id == Delivery.chat_id).exists()
    rows: Select[Any] = select(TextItem.item.label("item"), *_counted(now))
    rows = rows.join(Delivery, Delivery.wanted_text == TextItem.text)
    return rows.where(TextItem.item.in_(items), ~own).group_by(TextItem.item, *_GROUPS)
