"""When something is, out of what someone wrote: never silently wrong.

What can't be certain comes back with a doubt and the moments to choose from. Own rules read days and digits; ctparse
reads times said in words (`bot.posts.understanding.spoken_clock`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.posts.understanding.calendar_words import USUAL_HOURS, PartOfDay
from bot.posts.understanding.days import Days, resolve
from bot.posts.understanding.moments import (
    Doubt,
    DoubtKind,
    Moment,
    When,
    answered,
    clock_change,
    distinct,
    wall,
)
from bot.posts.understanding.slots import Slot, read_slots
from bot.posts.understanding.times import Times, resolve_times
from bot.posts.understanding.tokens import Span

__all__ = ["Doubt", "DoubtKind", "Moment", "Reading", "When", "answered", "read", "read_when"]

_LONGEST = 4000
"""Characters that are searched; a message has no more."""

_UNREAD_TIME = re.compile(r"\b(?:mitternacht|midnight|half|uhr|o['’]?clock)\b|\d\s?[ap]m\b", re.IGNORECASE)
"""A time was meant that no pattern knows: better ask than call it a whole day."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading, and where in the text the words stand that it fully expresses."""

    when: When
    spans: tuple[Span, ...] = ()
    complete: bool = True
    """False: the words say more than the reading does ("jeden Dienstag"), so they must not be taken out of the text."""


def read_when(text: str, *, now: datetime, zone: ZoneInfo) -> When:
    """The day and time in a text. `now` is aware; nothing found is an empty `When`."""
    return read(text, now=now, zone=zone).when


def read(text: str, *, now: datetime, zone: ZoneInfo) -> Reading:
    """As `read_when`, with where it stands."""
    written = read_slots(text[:_LONGEST])
    slots, spans = written.slots, written.spans
    if not slots:
        return Reading(When())
    here = now.astimezone(zone)
    read_each = [_Slot(slot, here, zone).read() for slot in slots]
    moments = distinct(moment for each in read_each for moment in (each.moment, *_days_between(each)))
    if written.nth:
        return Reading(When(doubts=(Doubt(DoubtKind.RECURRING),)), spans, complete=False)
    if written.recurring:
        return Reading(_in_doubt(moments[:1], DoubtKind.RECURRING), spans, complete=False)
    if len(moments) > 1:
        return Reading(_in_doubt(moments, DoubtKind.SEVERAL), spans, complete=False)
    if read_each[0].all_day and not read_each[0].doubts and _UNREAD_TIME.search(text):
        return Reading(replace(read_each[0], doubts=(Doubt(DoubtKind.TIME_UNCLEAR),)), spans, complete=False)
    vague = any(
        doubt.kind is DoubtKind.TIME_UNCLEAR and read_each[0].all_day for doubt in read_each[0].doubts
    )
    return Reading(read_each[0], spans, complete=written.all_used and not vague)


def _in_doubt(moments: tuple[Moment, ...], kind: DoubtKind) -> When:
    first = moments[0]
    return When(first.starts_at, first.ends_at, first.all_day, (Doubt(kind, moments),))


def _days_between(when: When) -> Iterable[Moment]:
    """Each day of a range of days that has times of its own ("vom 3. bis 5.12., 10 bis 14 Uhr")."""
    return next((doubt.candidates for doubt in when.doubts if doubt.kind is DoubtKind.SEVERAL), ())


class _Slot:
    """Reads one appointment."""

    def __init__(self, slot: Slot, here: datetime, zone: ZoneInfo) -> None:
        self._slot = slot
        self._here = here
        self._zone = zone
        self._times = resolve_times(slot.clock, slot.end_clock, slot.part)

    def read(self) -> When:
        if self._slot.only_end or (self._slot.day and self._slot.clock is None and self._slot.end_clock):
            return self._until()
        times, days = self._times.first, self._days()
        if not days.choices:
            return When()
        moments = [self._moment(day, times) for day in days.choices]
        if self._slot.end_day and self._slot.clock and not self._slot.through:
            return self._each_day(days.choices[0])
        doubts = [*self._day_doubts(days, moments), *self._time_doubts(days.choices[0])]
        first = next((doubt.candidates[0] for doubt in doubts if doubt.candidates), moments[0])
        return When(first.starts_at, first.ends_at, first.all_day, tuple(doubts))

    # --- the day ---------------------------------------------------------------------------------------------

    def _days(self) -> Days:
        slot, today = self._slot, self._here.date()
        if not slot.day:
            ahead = not self._is_over(today)
            first = today if ahead else today + timedelta(days=1)
            return Days((first, first + timedelta(days=1), first + timedelta(days=2)), DoubtKind.DAY_MISSING)
        days = resolve(
            slot.day,
            today,
            time_is_over=slot.clock is not None and self._is_over(today),
            has_time=slot.clock is not None,
        )
        if slot.part is PartOfDay.NIGHT and slot.clock and slot.clock.hour < 6 and days.doubt is None:
            # "Samstagnacht um 2" is on the calendar's Sunday for most, not for all.
            return Days((days.choices[0] + timedelta(days=1), days.choices[0]), DoubtKind.DAY_UNCLEAR)
        return days

    def _is_over(self, day: date) -> bool:
        """Whether the last way to understand the time lies behind us on this day."""
        return all(_is_past(self._moment(day, times), self._here) for times in self._times.choices)

    def _day_doubts(self, days: Days, moments: list[Moment]) -> list[Doubt]:
        if days.doubt and days.doubt is not DoubtKind.PAST:
            ahead = [moment for moment in moments if not _is_past(moment, self._here)]
            if days.doubt is DoubtKind.DAY_UNCLEAR and ahead == moments[:1]:
                return []
            return [Doubt(days.doubt, distinct(ahead or moments))]
        if days.doubt is DoubtKind.PAST or all(
            _is_past(m, self._here) for m in self._readings(days.choices[0])
        ):
            return [Doubt(DoubtKind.PAST, self._instead_of_past(days.choices[0]))]
        return []

    def _instead_of_past(self, day: date) -> tuple[Moment, ...]:
        """The same time tomorrow, on the same weekday to come, and on the same date to come."""
        today = self._here.date()
        day_of_year = next(
            (found for year in range(4) if (found := _in_year(day, today.year + year)) and found > today),
            None,
        )
        named = next((written.weekday for written in self._slot.day if written.weekday is not None), None)
        choices = [today + timedelta(days=1)] if day == today else []
        choices += [today + timedelta(days=(named - today.weekday()) % 7 or 7)] if named is not None else []
        choices += [today + timedelta(days=(day.weekday() - today.weekday()) % 7 or 7)] if day < today else []
        dated = any(written.month for written in self._slot.day)
        choices += [day_of_year] if dated and day_of_year else []
        return distinct(self._moment(each, self._times.first) for each in choices)

    def _each_day(self, first: date) -> When:
        last = resolve(self._slot.end_day, first).choices[:1]
        count = min((last[0] - first).days + 1, 14) if last else 1
        moments = distinct(
            self._moment_of_day(first + timedelta(days=more), self._times.first) for more in range(count)
        )
        return _in_doubt(moments, DoubtKind.SEVERAL)

    # --- the time --------------------------------------------------------------------------------------------

    def _readings(self, day: date) -> list[Moment]:
        return [self._moment(day, times) for times in self._times.choices]

    def _time_doubts(self, day: date) -> list[Doubt]:
        if self._slot.clock is None and self._slot.part:
            offered = (Times(start=(hour, 0)) for hour in USUAL_HOURS[self._slot.part])
            moments = distinct(self._moment(day, times) for times in offered)
            guess = self._moment(day, Times())
            ahead = tuple(moment for moment in moments if not _is_past(moment, self._here))
            return [Doubt(DoubtKind.TIME_UNCLEAR, (guess, *ahead))]
        readings = self._readings(day)
        ahead = tuple(moment for moment in readings if not _is_past(moment, self._here))
        if len(ahead) > 1:
            return [
                Doubt(
                    DoubtKind.TIME_UNCLEAR,
                    distinct(each for moment in ahead for each in self._existing(moment)),
                )
            ]
        if self._ends_too_early(ahead[0] if ahead else readings[0]):
            return [Doubt(DoubtKind.END_BEFORE_START, self._better_ends(readings[0]))]
        change = clock_change((ahead or readings)[0], self._zone)
        return [change] if change else []

    def _existing(self, moment: Moment) -> tuple[Moment, ...]:
        change = clock_change(moment, self._zone)
        return change.candidates if change else (moment,)

    def _ends_too_early(self, moment: Moment) -> bool:
        return (
            moment.starts_at is not None
            and moment.ends_at is not None
            and moment.ends_at <= moment.starts_at
            and not (moment.all_day and moment.ends_at == moment.starts_at)
        )

    def _better_ends(self, moment: Moment) -> tuple[Moment, ...]:
        if moment.starts_at is None or moment.ends_at is None or moment.all_day or self._slot.through:
            return ()
        end, day = moment.ends_at, moment.starts_at.date()
        ends = [wall(day, end.hour + 12, end.minute, self._zone)] if end.hour < 12 else []
        ends += [wall(day + timedelta(days=1), end.hour, end.minute, self._zone)]
        return distinct(
            replace(moment, ends_at=each) for each in [*ends, None] if each is None or each > moment.starts_at
        )

    # --- both ------------------------------------------------------------------------------------------------

    def _moment(self, day: date, times: Times) -> Moment:
        last = resolve(self._slot.end_day, day).choices[:1] if self._slot.end_day else ()
        if not self._slot.clock and times.start is None:
            ends_at = wall(last[0], 0, 0, self._zone) if last else None
            return Moment(wall(day, 0, 0, self._zone), ends_at, all_day=True)
        if self._slot.through and last and times.start:
            end = times.end or (24, 0)
            return Moment(wall(day, *times.start, self._zone), wall(last[0], *end, self._zone))
        return self._moment_of_day(day, times)

    def _moment_of_day(self, day: date, times: Times) -> Moment:
        start, end = times.start or (0, 0), times.end
        ends_at = wall(day + timedelta(days=times.overnight), *end, self._zone) if end else None
        return Moment(wall(day, *start, self._zone), ends_at)

    def _until(self) -> When:
        """Only an end: "bis Freitag", "heute bis 18 Uhr", "bis 18 Uhr"."""
        written, today = self._slot.end_day or self._slot.day, self._here.date()
        end, clock = self._times.end, self._slot.end_clock
        days = (
            resolve(written, today, has_time=True)
            if written
            else Days((today, today + timedelta(days=1)), DoubtKind.DAY_MISSING)
        )
        ends = [
            Moment(None, wall(day, *(end or (0, 0)), self._zone), all_day=clock is None)
            for day in days.choices
        ]
        doubts = [Doubt(days.doubt, tuple(ends))] if days.doubt else []
        if not doubts and ends and _is_past(ends[0], self._here):
            doubts = [Doubt(DoubtKind.PAST)]
        if clock and clock.half and len(self._times.choices) > 1 and days.choices:
            both = (
                wall(days.choices[0], *times.end, self._zone) for times in self._times.choices if times.end
            )
            doubts.append(Doubt(DoubtKind.TIME_UNCLEAR, tuple(Moment(None, each) for each in both)))
        return When(None, ends[0].ends_at, ends[0].all_day, tuple(doubts)) if ends else When()


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:
        return None


def _is_past(moment: Moment, here: datetime) -> bool:
    """Whether all of it lies behind us; a day lasts until its midnight."""
    last = moment.ends_at or moment.starts_at
    if last is None:
        return False
    return last.date() < here.date() if moment.all_day else last < here
