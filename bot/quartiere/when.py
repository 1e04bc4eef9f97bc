"""When an offer takes place: every Thursday, each 2nd Tuesday, on these dates; from, until, and with pauses.

Days are days of the city's calendar. Only `starts` and `ends` know the time zone, so 10:00 stays 10:00 when the
clocks change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GERMAN = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_NTH = re.compile(r"(?:([1-5])(?:st|nd|rd|th|\.)|(last|letzte[rn]?)) (\w+)")
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th")


def _weekday(value: object) -> object:
    """The English name of a weekday, whether it was written in English or German."""
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in _GERMAN:
        return WEEKDAYS[_GERMAN.index(word)]
    if word in WEEKDAYS:
        return word
    raise ValueError(f"{value!r} is no weekday; the weekdays are {', '.join(WEEKDAYS)}")


def _nth_weekday(value: object) -> object:
    """Canonical "2nd tuesday" or "last friday"."""
    match = _NTH.fullmatch(" ".join(value.lower().split())) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} must be a count from 1st to 5th, or last, and a weekday")
    return f"{_ORDINALS[int(match[1]) - 1] if match[1] else 'last'} {_weekday(match[3])}"


def _time(value: object) -> object:
    """People write "9:30"; pydantic wants "09:30"."""
    return f"0{value}" if isinstance(value, str) and value[1:2] == ":" else value


TimeOfDay = Annotated[time, BeforeValidator(_time)]


class Span(BaseModel):
    """Days from … until, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: date = Field(alias="from")
    until: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.from_:
            raise ValueError("the pause ends before it begins")
        return self

    def holds(self, day: date) -> bool:
        return self.from_ <= day <= self.until


class OneDate(BaseModel):
    """A single date, with a place of its own if it has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: date
    place: str = ""


def _one_date(value: object) -> object:
    return value if isinstance(value, dict | OneDate) else {"date": value}


class When(BaseModel):
    """One rule of an offer: exactly one of `weekly`, `monthly`, `dates`, with its times of day."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, str_strip_whitespace=True)

    weekly: Annotated[str, BeforeValidator(_weekday)] | None = None
    every: int = Field(default=1, ge=1, le=8)
    """Every that many weeks, counted from the week of `from`."""
    monthly: Annotated[str, BeforeValidator(_nth_weekday)] | None = None
    dates: list[Annotated[OneDate, BeforeValidator(_one_date)]] = Field(default_factory=list)
    start: TimeOfDay
    end: TimeOfDay | None = None
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    places: list[str] = Field(default_factory=list)
    """A place that moves: the first in the week of `from`, the next one at the next turn, and round again."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum((self.weekly is not None, self.monthly is not None, bool(self.dates))) != 1:
            raise ValueError("needs exactly one of weekly, monthly and dates")
        if self.from_ is None and (self.every > 1 or self.places):
            raise ValueError('"every" and "places" count from a day: say which in "from"')
        if self.weekly is None and (self.every > 1 or self.places):
            raise ValueError('"every" and "places" go with "weekly" only')
        if self.from_ and self.until and self.until < self.from_:
            raise ValueError('"until" is before "from"')
        if self.start.tzinfo or (self.end and self.end.tzinfo):
            raise ValueError("times are the city's own: write them without a time zone")
        return self

    def happens_on(self, day: date) -> bool:
        if (self.from_ and day < self.from_) or (self.until and day > self.until):
            return False
        if self.weekly is not None:
            return WEEKDAYS[day.weekday()] == self.weekly and self._turn(day) * self.every == self._weeks(day)
        if self.monthly is not None:
            return self._is_nth(day, self.monthly)
        return any(one.date == day for one in self.dates)

    def place_on(self, day: date) -> str:
        """The rule's own place on that day, or "" where the offer's place holds."""
        if self.places:
            return self.places[self._turn(day) % len(self.places)]
        return next((one.place for one in self.dates if one.date == day), "")

    def starts(self, day: date, zone: ZoneInfo) -> datetime:
        return _local(day, self.start, zone)

    def ends(self, day: date, zone: ZoneInfo) -> datetime | None:
        """None if the end is open; an end before the start is on the next day."""
        if self.end is None:
            return None
        return _local(day if self.end > self.start else day + timedelta(days=1), self.end, zone)

    def _weeks(self, day: date) -> int:
        """Whole calendar weeks since the week of `from`."""
        if self.from_ is None:
            return 0
        return (_monday(day) - _monday(self.from_)).days // 7

    def _turn(self, day: date) -> int:
        return self._weeks(day) // self.every

    @staticmethod
    def _is_nth(day: date, rule: str) -> bool:
        nth, weekday = rule.split()
        if WEEKDAYS[day.weekday()] != weekday:
            return False
        if nth == "last":
            return (day + timedelta(days=7)).month != day.month
        return (day.day - 1) // 7 == _ORDINALS.index(nth)


def paused(day: date, pauses: Sequence[Span]) -> bool:
    return any(pause.holds(day) for pause in pauses)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Local time of that day; a time that the spring change skips becomes the one an hour later."""
    return datetime.combine(day, at, zone).astimezone(UTC).astimezone(zone)
