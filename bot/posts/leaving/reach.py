"""Whom a post reaches, and when: each reader at their own pace, counted before it is sent and written when it is.

Readers differ in few ways (pace, slot, quiet hours), so the moments are worked out once per habit and laid over the
audience in one statement, however many people it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, Subquery, case, false, func, literal, or_, select, true
from sqlalchemy import cast as as_type
from sqlalchemy.ext.asyncio import AsyncSession

from bot.people.model import Pace
from bot.people.pace import Habit, Plan, Way, plan
from bot.storage import UTCDateTime

_HABIT = ("pace", "slot_weekday", "slot_hour", "evening_hour", "quiet_from", "quiet_to")


@dataclass(frozen=True, slots=True)
class Timing:
    """What the moments depend on besides the reader."""

    now: datetime
    """The earliest moment a copy may leave."""
    zone: ZoneInfo
    takes_place: datetime | None
    waits: frozenset[int]
    """Lanes whose readers nothing rings for: what waits there disturbs nobody, so it is put there at once."""
    at_once: bool = False
    """An alert: now, for everybody."""


@dataclass(frozen=True, slots=True)
class Wave:
    """Some readers whose copies leave together."""

    at: datetime
    people: int
    at_once: bool
    early: bool
    """Readers of a weekly overview, who hear of it sooner because it takes place before."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many read it, and by when. `web`: readers of the page's chat, who are not among `people`."""

    waves: tuple[Wave, ...]
    web: int

    @property
    def people(self) -> int:
        return sum(wave.people for wave in self.waves)


async def reach(session: AsyncSession, audience: Select[Any], timing: Timing) -> Reach:
    """Count the readers of `audience` by the moment their copies leave."""
    readers = audience.subquery()
    habit = [readers.c[name] for name in _HABIT]
    grouped = select(*habit, readers.c.lane_id, func.count().label("people")).group_by(
        *habit, readers.c.lane_id
    )
    web = 0
    counted: dict[tuple[datetime, bool, bool], int] = {}
    for row in (await session.execute(grouped)).all():
        if row.lane_id in timing.waits:
            web += row.people
            continue
        moment, early = _moment(_habit(row), timing)
        key = (moment, moment <= timing.now, early)
        counted[key] = counted.get(key, 0) + row.people
    waves = [Wave(at, people, once, early) for (at, once, early), people in sorted(counted.items())]
    return Reach(tuple(waves), web)


@dataclass(frozen=True, slots=True)
class Alone:
    """Who of some readers gets it as a message of its own, and when; all others read it in a digest."""

    is_alone: ColumnElement[bool]
    due_at: ColumnElement[datetime]


async def alone(session: AsyncSession, readers: Subquery, timing: Timing) -> Alone:
    """As columns over `readers`."""
    base = literal(timing.now, UTCDateTime())
    if timing.at_once:
        return Alone(true(), base)
    columns = [readers.c[name] for name in _HABIT]
    habits = (await session.execute(select(*columns).distinct())).all()
    plans = {_key(row): _plan(_habit(row), timing) for row in habits}
    moments = {key: literal(one.at, UTCDateTime()) for key, one in plans.items() if one.way is Way.ALONE}
    key = _key_column(readers)
    silent = readers.c.lane_id.in_(timing.waits) if timing.waits else false()
    if not moments:
        return Alone(silent, base)
    by_habit = cast("ColumnElement[datetime]", case(moments, value=key, else_=base))
    return Alone(or_(silent, key.in_(list(moments))), case((silent, base), else_=by_habit))


def _moment(habit: Habit, timing: Timing) -> tuple[datetime, bool]:
    if timing.at_once:
        return timing.now, False
    found = _plan(habit, timing)
    if habit.pace is not Pace.WEEKLY:
        return found.at, False
    return found.at, found.way is not Way.DIGEST


def _plan(habit: Habit, timing: Timing) -> Plan:
    return plan(habit, now=timing.now, zone=timing.zone, takes_place=timing.takes_place)


def _habit(row: Any) -> Habit:
    return Habit(
        Pace(row.pace), row.slot_weekday, row.slot_hour, row.quiet_from, row.quiet_to, row.evening_hour
    )


def _key(row: Any) -> str:
    return ".".join(str(getattr(row, name)) for name in _HABIT)


def _key_column(readers: Subquery) -> ColumnElement[str]:
    key: ColumnElement[str] = as_type(readers.c[_HABIT[0]], String)
    for name in _HABIT[1:]:
        key = key + "." + as_type(readers.c[name], String)
    return key
