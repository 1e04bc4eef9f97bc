"""Which day on the calendar a written day means, seen from today; where it isn't certain, the choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.posts.understanding.moments import DoubtKind
from bot.posts.understanding.tokens import Day, Modifier

_FARTHEST = timedelta(days=305)
"""A date without a year that is farther ahead was more likely meant for the past."""


@dataclass(frozen=True, slots=True)
class Days:
    """Choices, the likeliest first; one and no doubt if it is certain."""

    choices: tuple[date, ...]
    doubt: DoubtKind | None = None


def resolve(
    written: Sequence[Day], today: date, *, time_is_over: bool = False, has_time: bool = True
) -> Days:
    """What the words for one day mean. `time_is_over`: today the time given with it has passed already."""
    dated = next((day for day in written if day.day is not None), None)
    relative = next((day for day in written if day.offset is not None), None)
    named = next((day for day in written if day.weekday is not None), None)
    if dated:
        found = _dated(dated, today)
    elif relative and relative.offset is not None:
        found = Days((today + timedelta(days=relative.offset),))
    elif named and named.weekday is not None:
        return _named(named, today, time_is_over=time_is_over, has_time=has_time)
    else:
        return Days(())
    if found.doubt in (DoubtKind.IMPOSSIBLE, DoubtKind.DAY_UNCLEAR):
        return found
    return _agreeing(found, named, relative if dated else None, today, exact=dated is not None)


def _dated(written: Day, today: date) -> Days:
    if written.month is None:
        return Days((next(each for each in _from(today) if each.day == written.day),))
    day, month = written.day or 1, written.month
    if written.modifier is Modifier.SWAPPABLE and written.year:
        both = (date(written.year, month, day), date(written.year, day, month))
        return Days(both, DoubtKind.DAY_UNCLEAR)
    if written.year is not None:
        exact = _date(written.year, month, day)
        if exact is None:
            return Days(_around(written.year, month, day, today), DoubtKind.IMPOSSIBLE)
        return Days((exact,))
    coming = next(
        (
            found
            for year in range(today.year, today.year + 2)
            if (found := _date(year, month, day)) and found >= today
        ),
        None,
    )
    if coming is None:
        return Days(_around(today.year, month, day, today), DoubtKind.IMPOSSIBLE)
    return Days((coming,), DoubtKind.PAST if coming - today > _FARTHEST else None)


def _from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=1)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _around(year: int, month: int, day: int, today: date) -> tuple[date, ...]:
    """The last day of the month and the first of the next, for a day that doesn't exist ("31.11.")."""
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    both = (first_of_next - timedelta(days=1), first_of_next)
    return tuple(
        each if each >= today else _date(each.year + 1, each.month, each.day) or each for each in both
    )


def _agreeing(found: Days, named: Day | None, relative: Day | None, today: date, *, exact: bool) -> Days:
    day = found.choices[0]
    if relative and relative.offset is not None and (said := today + timedelta(days=relative.offset)) != day:
        return Days((day, said), DoubtKind.WEEKDAY)
    if named is None or named.weekday is None or day.weekday() == named.weekday:
        return found
    if found.doubt is DoubtKind.PAST:
        # The weekday fits the past date: it is the year that makes them disagree.
        return found
    behind = (day.weekday() - named.weekday) % 7
    near = sorted(
        (day - timedelta(days=behind), day + timedelta(days=7 - behind)), key=lambda each: abs(each - day)
    )
    ahead = tuple(each for each in near if each >= today)
    # "Dienstag in zwei Wochen" counts roughly: the weekday is what is meant.
    return Days((day, *ahead) if exact else (*ahead, day), DoubtKind.WEEKDAY)


def _named(written: Day, today: date, *, time_is_over: bool, has_time: bool) -> Days:
    ahead = ((written.weekday or 0) - today.weekday()) % 7
    coming = today + timedelta(days=ahead)
    week = timedelta(days=7)
    if written.modifier is Modifier.NEXT_WEEK:
        return Days((today + timedelta(days=7 - today.weekday() + (written.weekday or 0)),))
    if written.modifier in (Modifier.NEXT, Modifier.AFTER_NEXT):
        first = coming if ahead else coming + week
        first += week if written.modifier is Modifier.AFTER_NEXT else timedelta()
        return Days((first, first + week), DoubtKind.DAY_UNCLEAR)
    if ahead:
        return Days((coming,))
    if not has_time:
        return Days((today, today + week), DoubtKind.DAY_UNCLEAR)
    return Days((today + week if time_is_over else today,))
