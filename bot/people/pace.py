"""When a person hears: their pace, their slot, their quiet hours, and what takes place before the next slot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from bot.people.model import Pace

EVENING_HOUR = 18
FRIDAY = 4
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Habit:
    """How a person wants to hear from us; hours are local."""

    pace: Pace = Pace.WEEKLY
    slot_weekday: int = FRIDAY
    slot_hour: int = 16
    quiet_from: int = 20
    quiet_to: int = 8
    evening_hour: int = EVENING_HOUR

    @property
    def hour(self) -> int:
        """Of the next overview. Whoever hears at once gets in the evening what passed them by."""
        return self.slot_hour if self.pace is Pace.WEEKLY else self.evening_hour


class Way(StrEnum):
    """How somebody comes to hear of something."""

    ALONE = "alone"
    """As a message of its own, as soon as their quiet hours allow."""
    DIGEST = "digest"
    """In their next digest."""
    EVENING = "evening"
    """In the last evening slot before it takes place, because their digest comes later."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When, and how."""

    at: datetime
    way: Way


def plan(habit: Habit, *, now: datetime, zone: tzinfo, takes_place: datetime | None) -> Plan:
    """When and how a person hears of something that leaves at `now`; never before.

    An event that takes place before the reader's next digest goes out in the last evening slot before it, whatever
    the pace. One that is too near for any slot goes out at once, after the quiet hours if that is still of use.
    """
    if habit.pace is not Pace.NOW:
        digest = next_digest(habit, now, zone)
        if takes_place is None or digest < takes_place:
            return Plan(digest, Way.DIGEST)
        evening = last_evening(habit, takes_place, now, zone)
        if evening is not None:
            return Plan(evening, Way.EVENING)
    return Plan(after_quiet(habit, now, zone), Way.ALONE)


def due(habit: Habit, *, now: datetime, zone: tzinfo, takes_place: datetime | None) -> datetime:
    """The moment alone."""
    return plan(habit, now=now, zone=zone, takes_place=takes_place).at


def next_digest(habit: Habit, after: datetime, zone: tzinfo) -> datetime:
    """The person's next digest after a moment; a slot in the quiet hours comes at their end."""
    day = after.astimezone(zone).date() - _DAY
    while True:
        if habit.pace is not Pace.WEEKLY or day.weekday() == habit.slot_weekday:
            slot = after_quiet(habit, _at(day, habit.hour, zone), zone)
            if slot > after:
                return slot
        day += _DAY


def next_evening(habit: Habit, after: datetime, zone: tzinfo) -> datetime:
    """The next evening slot after a moment, which everybody has besides their digest."""
    day = after.astimezone(zone).date() - _DAY
    while True:
        slot = after_quiet(habit, _at(day, EVENING_HOUR, zone), zone)
        if slot > after:
            return slot
        day += _DAY


def last_evening(habit: Habit, takes_place: datetime, after: datetime, zone: tzinfo) -> datetime | None:
    """The last evening slot before `takes_place` that is still to come after `after`."""
    day = takes_place.astimezone(zone).date()
    for candidate in (day, day - _DAY, day - 2 * _DAY):
        slot = after_quiet(habit, _at(candidate, EVENING_HOUR, zone), zone)
        if after < slot < takes_place:
            return slot
    return None


def after_quiet(habit: Habit, moment: datetime, zone: tzinfo) -> datetime:
    """`moment`, or the end of the quiet hours it falls into."""
    local = moment.astimezone(zone)
    start, end = habit.quiet_from, habit.quiet_to
    if start == end:
        return moment
    overnight = start > end
    quiet = local.hour >= start or local.hour < end if overnight else start <= local.hour < end
    if not quiet:
        return moment
    day = local.date() + timedelta(days=1 if overnight and local.hour >= start else 0)
    return _at(day, end, zone)


def _at(day: date, hour: int, zone: tzinfo) -> datetime:
    # fold=0: where the clock is set back, the first of the two.
    return datetime.combine(day, time(hour % 24), tzinfo=zone)
