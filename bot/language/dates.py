"""Days and times as people read them here: Gregorian, 24 hours, Latin digits, the city's clock, in every language.

That is how the letters look that people get from authorities. The order of the parts is each language's own message.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo

from bot.language.message import M, Msg
from bot.language.registry import Language

_SOON = timedelta(days=150)
"""A date further away than this, in another year, shows its year."""


class Dates:
    """Says days and times in one language, in the order its messages give.

    `say` fills a message without isolating its values: a date is one value, isolated as a whole where it is used.
    `today`: the day it is read; without it no year is shown.
    """

    def __init__(
        self, language: Language, zone: tzinfo, today: date | None, say: Callable[[Msg], str]
    ) -> None:
        self._say = say
        self._language = language
        self._zone = zone
        self._today = today

    def moment(self, at: datetime) -> str:
        """Weekday, date and time of an aware `at`. Raises `ValueError` for a naive one."""
        local = self._local(at)
        # Translators: a day and a time of day: "Donnerstag, 26. November, 15 Uhr".
        return self._say(M("language.moment", day=self.day(local.date()), clock=self.clock(local.time())))

    def day(self, day: date) -> str:
        """Weekday and date."""
        weekday, month = self._language.weekday(day.weekday()), self._language.month(day.month)
        if self._year_is_clear(day):
            # Translators: a date: "Donnerstag, 26. November". {day}: 1 to 31.
            return self._say(M("language.day", weekday=weekday, day=str(day.day), month=month))
        # Translators: a date with its year, because it is far away.
        return self._say(
            M("language.day_year", weekday=weekday, day=str(day.day), month=month, year=str(day.year))
        )

    def clock(self, at: time) -> str:
        """A time of day: "15 Uhr", "15:30 Uhr"."""
        # Translators: a time of day, alone: "15 Uhr". {time}: "15" or "15:30".
        return self._say(M("language.clock", time=self._bare(at)))

    def hours(self, start: time, end: time | None) -> str:
        """From when to when: "15 bis 17:30 Uhr". An end at 0:00 is said as 24."""
        if end is None:
            return self.clock(start)
        # Translators: two times of one day: "15 bis 17:30 Uhr".
        return self._say(M("language.hours", start=self._bare(start), end=self._bare(end, is_end=True)))

    def span(self, start: datetime, end: datetime | None) -> str:
        """The day and from when to when; both days if it ends on another one. Both aware."""
        if end is None:
            return self.moment(start)
        begins, ends = self._local(start), self._local(end)
        day_after = begins.date() + timedelta(days=1)
        if ends.date() == begins.date() or (ends.date() == day_after and ends.time() == time(0)):
            hours = self.hours(begins.time(), ends.time())
            # Translators: a day and two times: "Donnerstag, 26. November, 15 bis 17:30 Uhr".
            return self._say(M("language.span.day", day=self.day(begins.date()), hours=hours))
        # Translators: it begins on one day and ends on another. Both placeholders: day and time.
        return self._say(M("language.span.days", start=self.moment(start), end=self.moment(end)))

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError(f"a time without a zone can't be shown: {at}")
        return at.astimezone(self._zone)

    def _year_is_clear(self, day: date) -> bool:
        if self._today is None or day.year == self._today.year:
            return True
        return timedelta(0) <= day - self._today <= _SOON

    def _bare(self, at: time, *, is_end: bool = False) -> str:
        hour = "24" if is_end and at == time(0) else str(at.hour)
        if at.minute:
            # Translators: a time with minutes, without the word for it: "15:30".
            return self._say(M("language.time.minute", hour=hour, minute=f"{at.minute:02}"))
        # Translators: a full hour, without the word for it: "15" in German, "15:00" where that is clearer.
        return self._say(M("language.time.hour", hour=hour))
