"""When a person's copy is due: their pace, their slot, their quiet hours, and what takes place before the next slot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from bot.people.model import Pace

EVENING_HOUR = 18
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Habit:
    """How a person wants to hear from us; hours are local."""

    pace: Pace = Pace.WEEKLY
    slot_weekday: int = FRIDAY
    slot_hour: int = 16
    quiet_from: int = 20
    quiet_to: int = 8


def due(habit: Habit, *, now: datetime, zone: tzinfo, takes_place: datetime | None) -> datetime:
    """The moment a copy is due, aware, never before `now`.

    An event that takes place before the reader's next slot goes out in the last evening slot before it, whatever
    the pace. One that is too near for any slot goes out at once, after the quiet hours if that is still of use.
    """
    if habit.pace is Pace.NOW:
        return after_quiet(habit, now, zone)
    slot = _next_slot(habit, now, zone)
    if takes_place is None or slot < takes_place:
        return slot
    evening = _evening_before(takes_place, now, zone)
    return evening if evening is not None else after_quiet(habit, now, zone)


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


def _next_slot(habit: Habit, now: datetime, zone: tzinfo) -> datetime:
    hour = EVENING_HOUR if habit.pace is Pace.EVENING else habit.slot_hour
    day = now.astimezone(zone).date()
    while True:
        slot = _at(day, hour, zone)
        if slot > now and (habit.pace is Pace.EVENING or day.weekday() == habit.slot_weekday):
            return slot
        day += timedelta(days=1)


def _evening_before(takes_place: datetime, now: datetime, zone: tzinfo) -> datetime | None:
    """The last 18:00 before the day of the event; the same day's 18:00 only if the event is later than that."""
    day = takes_place.astimezone(zone).date()
    for candidate in (day, day - timedelta(days=1)):
        slot = _at(candidate, EVENING_HOUR, zone)
        if now < slot < takes_place:
            return slot
    return None


def _at(day: date, hour: int, zone: tzinfo) -> datetime:
    # fold=0: where the clock is set back, the first of the two.
    return datetime.combine(day, time(hour % 24), tzinfo=zone)
