"""The words people use for days, months and parts of the day.

Weekdays and months come from CLDR for every language whose words can't be mistaken for something else; short German
and English forms and parts of the day are our own.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from babel import Locale

_CLDR = ("de", "en", "tr", "ro", "pl", "uk", "ru", "fr", "bg")
"""Not fa, ckb and ar: in Farsi "Tuesday" ends in "Saturday", and prefixes join the words."""

_NOT_A_WEEKDAY = frozenset({"pazar", "luni", "joi", "неделя", "cuma"})
"""Also a market, "months", a prayer, or another thing in the neighbouring language (неделя: ru week, bg Sunday)."""

SHORT_DAYS = {
    **dict(zip(("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"), range(7), strict=True)),
    **dict(zip(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), range(7), strict=True)),
    "Tues": 1,
    "Thur": 3,
    "Thurs": 3,
}

_SHORT_MONTHS = (
    "jan",
    "feb",
    "mrz|mar",
    "apr",
    "",
    "jun",
    "jul",
    "aug",
    "sept|sep",
    "okt|oct",
    "nov",
    "dez|dec",
)


class PartOfDay(StrEnum):
    """A time as people say it without a clock."""

    MORNING = "morning"
    FORENOON = "forenoon"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


PARTS: dict[str, PartOfDay] = {
    "früh": PartOfDay.MORNING,
    "morgen": PartOfDay.MORNING,
    "morgens": PartOfDay.MORNING,
    "vormittag": PartOfDay.FORENOON,
    "vormittags": PartOfDay.FORENOON,
    "mittag": PartOfDay.NOON,
    "mittags": PartOfDay.NOON,
    "nachmittag": PartOfDay.AFTERNOON,
    "nachmittags": PartOfDay.AFTERNOON,
    "abend": PartOfDay.EVENING,
    "abends": PartOfDay.EVENING,
    "nacht": PartOfDay.NIGHT,
    "nachts": PartOfDay.NIGHT,
    "morning": PartOfDay.MORNING,
    "afternoon": PartOfDay.AFTERNOON,
    "evening": PartOfDay.EVENING,
    "night": PartOfDay.NIGHT,
}

USUAL_HOURS: dict[PartOfDay, tuple[int, ...]] = {
    PartOfDay.MORNING: (8, 9, 10),
    PartOfDay.FORENOON: (9, 10, 11),
    PartOfDay.NOON: (12, 13),
    PartOfDay.AFTERNOON: (14, 15, 16),
    PartOfDay.EVENING: (18, 19, 20),
    PartOfDay.NIGHT: (20, 22),
}
"""What to offer when someone said "heute Abend" and no time."""


_NAMES_OF_PEOPLE = frozenset({"sali"})
"""What a weekday (tr "salı") looks like without its dotless i: a given name."""


def plain(word: str) -> str:
    """In lower case, the Turkish i's made one: patterns that ignore case take İ, I, ı and i for the same."""
    return word.lower().replace("ı", "i").replace("\u0307", "")


@cache
def weekdays() -> dict[str, int]:
    """Full weekday names as `plain` writes them; Monday is 0."""
    names = {"sonnabend": 5}
    for tag in _CLDR:
        for day, name in Locale.parse(tag).days["format"]["wide"].items():
            if name.lower() not in _NOT_A_WEEKDAY:
                names[plain(name)] = day
    return names


def weekday_named(word: str) -> int | None:
    """Which weekday somebody wrote; None if it is more likely something else."""
    return None if word.lower() in _NAMES_OF_PEOPLE else weekdays()[plain(word)]


@cache
def months() -> dict[str, int]:
    """Month names as `plain` writes them; German and English short ones too, without their dot."""
    names = {"jänner": 1, "feber": 2, "maerz": 3}
    for tag in _CLDR:
        for month, name in Locale.parse(tag).months["format"]["wide"].items():
            if names.setdefault(plain(name), month) != month:
                names.pop(plain(name))
    for number, forms in enumerate(_SHORT_MONTHS, start=1):
        names.update(dict.fromkeys(filter(None, forms.split("|")), number))
    return names


def alternatives(words: dict[str, int]) -> str:
    """A pattern for any of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
