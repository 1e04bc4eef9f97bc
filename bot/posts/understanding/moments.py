"""What a reading of a date comes to: a moment, and what must be asked before anyone relies on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class DoubtKind(StrEnum):
    """Why the person must be asked."""

    WEEKDAY = "weekday"
    """Weekday and date disagree."""
    PAST = "past"
    DAY_UNCLEAR = "day_unclear"
    """ "nächsten Dienstag", or a weekday that is today."""
    DAY_MISSING = "day_missing"
    """A time without a day."""
    SEVERAL = "several"
    """More than one day or time."""
    RECURRING = "recurring"
    """ "jeden Dienstag": a weekly offer, not one date."""
    TIME_UNCLEAR = "time_unclear"
    """ "um drei", "heute Abend", or an hour that the clock change repeats."""
    END_BEFORE_START = "end_before_start"
    IMPOSSIBLE = "impossible"
    """ "31.11.", or an hour that the clock change skips."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is. Times are aware, in the city's zone.

    `all_day`: no time is known; `starts_at` is the day's midnight and `ends_at` the last day's midnight, if there are
    several days. Only `ends_at`: "bis Freitag".
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    all_day: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """One question, and the moments to offer as its answers (perhaps none)."""

    kind: DoubtKind
    candidates: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """A reading. While a doubt stands, the moment is only the first guess and must not go out."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    all_day: bool = False
    doubts: tuple[Doubt, ...] = ()

    @property
    def moment(self) -> Moment:
        return Moment(self.starts_at, self.ends_at, self.all_day)


_ABOUT_THE_TIME = frozenset({DoubtKind.TIME_UNCLEAR, DoubtKind.END_BEFORE_START})


def answered(when: When, doubt: Doubt, choice: Moment) -> When:
    """The reading after the person chose a moment; the doubts that are left offer theirs on the day or time chosen."""
    left = tuple(each for each in when.doubts if each != doubt)
    if doubt.kind in _ABOUT_THE_TIME:
        moved = (
            replace(each, candidates=tuple(_at_time_of(one, choice) for one in each.candidates))
            for each in left
        )
    else:
        moved = (
            replace(each, candidates=tuple(_on_day_of(one, choice) for one in each.candidates))
            for each in left
        )
    return When(choice.starts_at, choice.ends_at, choice.all_day, tuple(moved))


def _on_day_of(moment: Moment, choice: Moment) -> Moment:
    here, there = moment.starts_at or moment.ends_at, choice.starts_at or choice.ends_at
    if here is None or there is None:
        return moment
    days = there.date() - here.date()
    starts_at = moment.starts_at + days if moment.starts_at else None
    ends_at = moment.ends_at + days if moment.ends_at else None
    return replace(moment, starts_at=starts_at, ends_at=ends_at)


def _at_time_of(moment: Moment, choice: Moment) -> Moment:
    return replace(_on_day_of(choice, moment), all_day=choice.all_day)


def wall(day: date, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows; hour 24 is the next day's midnight."""
    if hour == 24:
        day, hour = day + timedelta(days=1), 0
    return datetime.combine(day, time(hour, minute), zone)


def clock_change(moment: Moment, zone: ZoneInfo) -> Doubt | None:
    """A doubt if the start or end falls into an hour that is skipped or repeated."""
    if moment.all_day:
        return None
    for name, at in (("starts_at", moment.starts_at), ("ends_at", moment.ends_at)):
        if at is None:
            continue
        there_and_back = at.astimezone(UTC).astimezone(zone)
        if there_and_back.replace(tzinfo=None) != at.replace(tzinfo=None):
            return Doubt(DoubtKind.IMPOSSIBLE, (_with(moment, name, there_and_back),))
        later = at.replace(fold=1)
        if later.utcoffset() != at.replace(fold=0).utcoffset():
            return Doubt(DoubtKind.TIME_UNCLEAR, (moment, _with(moment, name, later)))
    return None


def _with(moment: Moment, name: str, at: datetime) -> Moment:
    return replace(moment, starts_at=at) if name == "starts_at" else replace(moment, ends_at=at)


def distinct(moments: Iterable[Moment], *, most: int = 6) -> tuple[Moment, ...]:
    """In order, without repeats, not more than anyone wants to choose from."""
    kept: list[Moment] = []
    for moment in moments:
        # Not by ==, for which the two passes of a repeated hour are the same.
        if all(repr(moment) != repr(other) for other in kept):
            kept.append(moment)
    return tuple(kept[:most])
