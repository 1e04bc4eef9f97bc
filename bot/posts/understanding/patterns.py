"""How days and times are written, as a table: each pattern with the function that reads it.

A pattern must name what it sees ("Uhr", a dot, a month): a bare number is no time unless a word before it says so, and
then only beside a day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from bot.posts.understanding.calendar_words import (
    PARTS,
    SHORT_DAYS,
    PartOfDay,
    alternatives,
    months,
    plain,
    weekday_named,
    weekdays,
)
from bot.posts.understanding.spoken_clock import spoken_clock
from bot.posts.understanding.tokens import Clock, Day, Joint, Modifier, Part, Role, Token

Reader = Callable[[re.Match[str]], list[Token]]

_NO_UNIT = (
    r"(?![\d.,:]*\d)(?!\s*(?:-|–|bis|to)?\s*\d*\s*(?:Jahr|Monat|Woche|Tag|Stunde|Minute|Std|Min\b|€|Euro|%|Prozent|Person|Leute|Kind|"
    r"Mensch|Mal\b|km|kg|Meter|years?|months?|weeks?|days?|hours?|min|people|persons|percent|times|least|all\b))"
)
_NO_NOUN = r"(?!\s+(?!(?:im|in|am|an|bei|beim|bis|und|auf|vor|mit)\b)[^\W\d])"
""" "15 Uhr 30 Plätze" is not half past three."""
_HOUR, _MINUTE, _DASH = r"(?:[01]?\d|2[0-4])", r"[0-5]\d", r"\s*(?:-|–|—|bis|to|until|till)\s*"
_JOIN = r"\s*(?:-|–|—|,|/|&|und|u\.|oder|bis(?:\szum)?)\s*(?:am\s|den\s|dem\s)?"
_HOUR_WORDS = (
    "ein|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|"
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
)
_PARTS_IN_DAY = "früh|morgen|vormittag|mittag|nachmittag|abend|nacht"
_RELATIVE = {"heute": 0, "today": 0, "tonight": 0, "morgen": 1, "tomorrow": 1, "übermorgen": 2, "gestern": -1}
_RELATIVE |= {"vorgestern": -2, "yesterday": -1}
_MINUTES = {"fünf": 5, "zehn": 10, "zwanzig": 20, "five": 5, "ten": 10, "twenty": 20}
_COUNTS = {"einem": 1, "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "a": 1, "one": 1, "two": 2, "three": 3}


@cache
def patterns() -> tuple[tuple[re.Pattern[str], Reader], ...]:
    """In the order they are to be tried at a place."""
    table = (*_day_table(), *_clock_table(), *_joint_table())
    return tuple((re.compile(pattern, re.IGNORECASE), read) for pattern, read in table)


# --- days ----------------------------------------------------------------------------------------------------


def _day_table() -> tuple[tuple[str, Reader], ...]:
    day_names, short_days, month = alternatives(weekdays()), alternatives(SHORT_DAYS), alternatives(months())
    year = r"(?:\s?(?P<year>20\d\d|\d\d)(?!\w|[:.]\d|\s*(?:uhr|h\b)|\s*(?:-|–|bis)\s*\d))?"
    long_year = r"(?:,?\s+(?P<year>20\d\d)\b)?"
    next_week = r"(?:in\s+)?(?:der\s+)?(?:nächste[rn]?|kommende[rn]?)\s+woche"
    said = (
        r"(?:(?P<nth>(?:(?:jede[nrms]?|every)\s+)?(?:[1-5]\.|erste[nrms]?|zweite[nrms]?|dritte[nrms]?|vierte[nrms]?|"
        r"letzte[nrms]?|vergangene[nrms]?|first|second|third|fourth|last|other))"
        r"|(?P<next>(?:über)?nächste[nrms]?|next)|(?P<every>jede[nrms]?|immer|every)"
        r"|kommende[nrms]?|diese[nrms]?|this|coming)"
    )
    return (
        (r"(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b", _date),
        (
            rf"(?P<day>\d\d?)\.(?=(?:{_JOIN}\d\d?\.)+\s*(?:(?P<month>\d\d?)\.|(?P<name>{month})\b\.?){year})",
            _date,
        ),
        (rf"(?P<day>\d\d?)\.\s?(?P<month>\d\d?)\.{year}(?!\d)(?!\s*uhr)", _date),
        (rf"(?P<day>\d\d?)(?:\.|st\b|nd\b|rd\b|th\b)?\s*(?:of\s+)?(?P<name>{month})\b\.?{long_year}", _date),
        (
            rf"(?P<name>{month})\b\.?\s+(?P<day>\d\d?)(?:st|nd|rd|th)?\b(?![:.]\d|\s*(?:uhr|[ap]\.?m)){long_year}",
            _date,
        ),
        (r"(?P<day>\d\d?)/(?P<month>\d\d?)/(?P<year>20\d\d)\b", _slash_date),
        (r"(?P<day>\d\d?)\.(?P<month>\d\d?)(?![\d.,:]|\s*uhr)", _date_without_dot),
        (r"(?P<day>\d\d?)\.(?=\s*(?:$|[,;!?)\n]|(?:um|ab|von)\b|\d))", _day_of_month),
        (rf"(?:{next_week})\s+(?:am\s+)?(?P<weekday>{day_names})\b", _weekday_next_week),
        (rf"(?P<weekday>{day_names})\s+{next_week}\b", _weekday_next_week),
        (
            rf"(?:{said}\s+)?(?P<weekday>{day_names})(?:(?P<plural>s)|(?P<part>{_PARTS_IN_DAY})(?P<parts>s)?)?\b"
            r"(?P<month>\s+(?:im|in\s+jedem|of\s+the|of\s+each|of\s+every)\s+(?:monat|month))?",
            _weekday,
        ),
        (rf"(?P<weekday>{short_days})\b(?:\.(?!\w))?(?=[\s,–-])", _short_weekday),
        (rf"(?P<word>{alternatives(_RELATIVE)})\b", _relative),
        (
            r"in\s+(?P<count>\d\d?|einem|einer|zwei|drei|vier|two|three|one|a)\s+(?P<unit>tag|woche|day|week)\w*",
            _in_days,
        ),
    )


def _before(found: re.Match[str], pattern: str) -> bool:
    """Whether `pattern` stands directly before the match."""
    start = max(0, found.start() - 30)
    return (
        re.search(rf"(?<!\w)(?:{pattern})\W*$", found.string[start : found.start()], re.IGNORECASE)
        is not None
    )


def _date(found: re.Match[str]) -> list[Token]:
    groups = found.groupdict()
    name, year = groups.get("name"), groups.get("year")
    day, month = int(groups["day"]), months()[plain(name)] if name else int(groups["month"])
    if not 0 < day <= 31 or not 0 < month <= 12:
        return []
    full_year = None if not year else int(year) + (2000 if len(year) == 2 else 0)
    return [Day(found.span(), day=day, month=month, year=full_year)]


def _slash_date(found: re.Match[str]) -> list[Token]:
    first, second, year = int(found["day"]), int(found["month"]), int(found["year"])
    day, month = (second, first) if second > 12 else (first, second)
    if not 0 < day <= 31 or not 0 < month <= 12:
        return []
    either = first != second and max(first, second) <= 12
    modifier = Modifier.SWAPPABLE if either else Modifier.NONE
    return [Day(found.span(), day=day, month=month, year=year, modifier=modifier)]


def _date_without_dot(found: re.Match[str]) -> list[Token]:
    """ "26.11" is a date only after a word that says so: it could be a time or a price."""
    words = f"am|vom|zum|den|dem|{alternatives(weekdays())}|{alternatives(SHORT_DAYS)}"
    return _date(found) if _before(found, words) else []


def _day_of_month(found: re.Match[str]) -> list[Token]:
    """ "Freitag, den 13.": the month is the next that has one."""
    day = int(found["day"])
    return [Day(found.span(), day=day)] if 0 < day <= 31 and _before(found, "den|dem|am|zum") else []


def _weekday_next_week(found: re.Match[str]) -> list[Token]:
    weekday = weekday_named(found["weekday"])
    return [] if weekday is None else [Day(found.span(), weekday=weekday, modifier=Modifier.NEXT_WEEK)]


def _weekday(found: re.Match[str]) -> list[Token]:
    often = found["every"] or found["plural"] or found["parts"]
    modifier = Modifier.EVERY if often else _next(found["next"])
    modifier = Modifier.NTH if found["nth"] or found["month"] else modifier
    weekday = weekday_named(found["weekday"])
    if weekday is None:
        return []
    day = Day(found.span(), weekday=weekday, modifier=modifier)
    return [day, Part((found.end(), found.end()), PARTS[plain(found["part"])])] if found["part"] else [day]


def _next(word: str | None) -> Modifier:
    if not word:
        return Modifier.NONE
    return Modifier.AFTER_NEXT if word.lower().startswith("über") else Modifier.NEXT


def _short_weekday(found: re.Match[str]) -> list[Token]:
    name = found["weekday"]
    if name not in SHORT_DAYS:
        return []
    return [Day(found.span(), weekday=SHORT_DAYS[name], weak=True)]


def _relative(found: re.Match[str]) -> list[Token]:
    word = found["word"]
    a_part = rf"heute|gestern|am|jeden|{alternatives(weekdays())}"
    if word == "Morgen" and _before(found, a_part):
        return []
    day = Day(found.span(), offset=_RELATIVE[plain(word)])
    return [day, Part((found.end(), found.end()), PartOfDay.EVENING)] if word.lower() == "tonight" else [day]


def _in_days(found: re.Match[str]) -> list[Token]:
    count = found["count"].lower()
    number = int(count) if count.isdigit() else _COUNTS[plain(count)]
    return [Day(found.span(), offset=number * (7 if found["unit"].lower() in ("woche", "week") else 1))]


# --- times ---------------------------------------------------------------------------------------------------


def _clock_table() -> tuple[tuple[str, Reader], ...]:
    twelve = r"(?:1[0-2]|0?[1-9])"
    meridiem = r"\s*(?P<half>[ap])\.?m\b\.?"
    spoken = (
        r"(?:(?:halb|half(?:\s+past)?|viertel\s+(?:nach|vor)|(?:a\s+)?quarter\s+(?:past|to))\s+"
        rf"(?:{_HOUR_WORDS}|{twelve})\b(?:\s+uhr)?(?![:.]?\d))"
    )
    return (
        (
            rf"(?P<hour>{_HOUR})(?:[:.](?P<minute>{_MINUTE}))?(?={_DASH}{_HOUR}(?:[:.]{_MINUTE})?\s*(?:uhr|h)\b)",
            _clock,
        ),
        (
            rf"(?P<hour>{twelve})(?::(?P<minute>{_MINUTE}))?(?={_DASH}{twelve}(?::{_MINUTE})?{meridiem})",
            _clock,
        ),
        (rf"(?P<hour>{_HOUR})(?=\s*(?:und|and)\s*{_HOUR}\s*(?:uhr|h)\b)", _clock),
        (rf"(?P<hour>{twelve})(?=\s+and\s+{twelve}{meridiem})", _clock),
        (rf"(?P<hour>{twelve})(?:[:.](?P<minute>{_MINUTE}))?{meridiem}", _clock),
        (rf"(?P<hour>{_HOUR})[:.](?P<minute>{_MINUTE})\s*(?:uhr|h)\b", _clock),
        (rf"(?P<hour>{_HOUR})\s*(?:uhr|h)(?:\s?(?P<minute>{_MINUTE})\b{_NO_UNIT}{_NO_NOUN})?(?!\w)", _clock),
        (rf"(?P<hour>{_HOUR}):(?P<minute>{_MINUTE})(?![\d:])", _clock),
        (rf"(?P<hour>{_HOUR})\.(?P<minute>{_MINUTE})(?![\d.,]\d|\.)", _clock_with_dot),
        (
            rf"(?P<minutes>{alternatives(_MINUTES)})\s+(?:minuten\s+|minutes\s+)?(?P<way>vor|nach|past|to)\s+"
            rf"(?P<halb>halb\s+)?(?P<words>{_HOUR_WORDS}|{twelve})\b(?:\s+uhr)?(?![:.]?\d)",
            _minutes_from,
        ),
        (
            rf"(?P<quarters>drei)?viertel\s+(?P<words>{_HOUR_WORDS}|{twelve})\b(?:\s+uhr)?(?![:.]?\d)",
            _quarters,
        ),
        (rf"(?P<words>{spoken})", _spoken),
        (rf"(?P<words>{_HOUR_WORDS})(?:\s+uhr|\s+o['’]?clock)(?!\s*\w*(?:zig|ßig|zehn|fünf)\b)", _spoken),
        (rf"(?P<words>{_HOUR_WORDS})\b(?!\s+uhr)", _spoken_after_word),
        (r"(?P<noon>noon|midday)\b", _noon),
        (rf"(?P<hour>{twelve})\s*o['’]?clock\b", _bare_hour),
        (rf"(?P<hour>{_HOUR})\b{_NO_UNIT}(?!\s*\.\s*\w)", _bare_after_word),
        (rf"(?P<part>{alternatives(dict.fromkeys(PARTS, 0))})\b", _part),
    )


def _clock(found: re.Match[str]) -> list[Token]:
    groups = found.groupdict()
    hour, minute, meridiem = int(groups["hour"]), int(groups.get("minute") or 0), groups.get("half")
    if hour == 24 and minute:
        return []
    if meridiem:
        hour = hour % 12 + (12 if meridiem.lower() == "p" else 0)
    padded = groups["hour"].startswith("0")
    return [Clock(found.span(), hour, minute, half=not meridiem and not padded and 1 <= hour <= 6)]


def _clock_with_dot(found: re.Match[str]) -> list[Token]:
    """ "15.30" is a time only after a word that says so."""
    after_dash = rf"(?:von|ab|um|from)\s+{_HOUR}[.:]{_MINUTE}\s*(?:-|–|bis|to)"
    return _clock(found) if _before(found, f"um|ab|gegen|at|{after_dash}") or _starts_range(found) else []


def _starts_range(found: re.Match[str]) -> bool:
    rest = found.string[found.end() :]
    return _before(found, "von|from") and re.match(rf"{_DASH}{_HOUR}[.:]{_MINUTE}", rest) is not None


def _spoken(found: re.Match[str]) -> list[Token]:
    words = found["words"].lower()
    read = spoken_clock(words)
    if read is None or re.match(r"half\s+(?!past)", words):
        return []
    hour, minute = read
    return [Clock(found.span(), hour, minute, half=hour < 10)]


def _minutes_from(found: re.Match[str]) -> list[Token]:
    """ "zehn nach acht", "fünf vor halb acht", which ctparse reads wrongly."""
    minutes = _MINUTES[plain(found["minutes"])]
    after = found["way"].lower() in ("nach", "past")
    return _around_hour(found, (minutes if after else -minutes) - (30 if found["halb"] else 0))


def _quarters(found: re.Match[str]) -> list[Token]:
    """ "viertel acht" is 7:15, "dreiviertel acht" 7:45."""
    return _around_hour(found, -15 if found["quarters"] else -45)


def _around_hour(found: re.Match[str], minutes: int) -> list[Token]:
    words = found["words"].lower()
    hour = (int(words), 0) if words.isdigit() else spoken_clock(words)
    if hour is None:
        return []
    face = (hour[0] * 60 + minutes - 60) % 720 + 60
    return [Clock(found.span(), face // 60, face % 60, half=face < 600)]


def _spoken_after_word(found: re.Match[str]) -> list[Token]:
    """ "um drei", "von drei bis fünf": weak, for "um drei Kinder" is no time."""
    after_range = rf"(?:von|from|zwischen|between)\s+(?:{_HOUR_WORDS})\s+(?:bis|to|und|and)"
    a_range = rf"\s+(?:bis|to|und|and)\s+(?:{_HOUR_WORDS})\b"
    starts = _before(found, "von|from|zwischen|between") and re.match(
        a_range, found.string[found.end() :], re.IGNORECASE
    )
    if not (starts or _before(found, f"um|at|gegen|{after_range}")):
        return []
    return [
        Clock(token.span, token.hour, token.minute, half=token.half, weak=True)
        for token in _spoken(found)
        if isinstance(token, Clock)
    ]


def _noon(found: re.Match[str]) -> list[Token]:
    return [Clock(found.span(), 12)]


def _bare_hour(found: re.Match[str]) -> list[Token]:
    hour = int(found["hour"])
    return [Clock(found.span(), hour, half=1 <= hour < 10)]


def _bare_after_word(found: re.Match[str]) -> list[Token]:
    """ "um 10", "von 10 bis 12" without "Uhr": weak, only beside a day."""
    a_range = rf"(?:\s*(?:bis|to|-|–|und|and)\s*){_HOUR}\b{_NO_UNIT}"
    after_range = rf"(?:von|from|zwischen|between)\s+{_HOUR}\s*(?:bis|to|-|–|und|and)"
    starts = _before(found, "von|from|zwischen|between") and re.match(
        a_range, found.string[found.end() :], re.IGNORECASE
    )
    if not (starts or _before(found, f"um|at|gegen|{after_range}")):
        return []
    hour = int(found["hour"])
    return [Clock(found.span(), hour, half=1 <= hour < 10, weak=True)]


def _part(found: re.Match[str]) -> list[Token]:
    return [Part(found.span(), PARTS[plain(found["part"])])]


# --- small words ---------------------------------------------------------------------------------------------


def _joint_table() -> tuple[tuple[str, Reader], ...]:
    return (
        (r"(?:bis(?:\s+(?:zum|einschließlich))?|until|till|to|through)(?!\w)", _joint(Role.TO)),
        (r"(?:-|–|—)", _joint(Role.DASH)),
        (r"(?:und|and|oder|or|sowie|u\.|&|\+)(?!\w)|/", _joint(Role.AND)),
        (r"jeweils|each\s+time|each\b", _joint(Role.EACH)),
        (r"(?:zwischen|between)\b", _joint(Role.BETWEEN)),
        (
            r"(?:an)?statt(?:\s+(?:am|um))?\b|nicht(?:\s+(?:am|um|erst))?\b|instead\s+of\b|not(?:\s+(?:on|at))?\b",
            _joint(Role.NOT),
        ),
        (r"auf(?:\s+den)?\b", _joint(Role.TARGET)),
        (r"(?:am|um|ab|vom|von|den|der|dem|gegen|ca\.?|on|at|from|the)(?!\w)", _joint(Role.GLUE)),
    )


def _joint(role: Role) -> Reader:
    return lambda found: [Joint(found.span(), role)]
