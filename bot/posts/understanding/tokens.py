"""What the scanner finds in a text: days, times, parts of the day, and the small words that join them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.posts.understanding.calendar_words import PartOfDay

Span = tuple[int, int]
"""Where something stands in the text: first character, and the one after the last."""


class Modifier(StrEnum):
    """What was said about a weekday or a date."""

    NONE = ""
    NEXT = "next"
    """ "nächsten Dienstag": this one or the one after, nobody knows."""
    AFTER_NEXT = "after_next"
    EVERY = "every"
    NTH = "nth"
    """ "am ersten Mittwoch im Monat", "letzten Freitag": needs a calendar or a memory; it is asked."""
    NEXT_WEEK = "next_week"
    SWAPPABLE = "swappable"
    """ "03/12/2026": day and month could be meant the other way round."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was written: a weekday, a date, or so many days from now."""

    span: Span
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None
    offset: int | None = None
    modifier: Modifier = Modifier.NONE
    weak: bool = False
    """Only a day if a date or a time follows ("So", "Do")."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time as it was written; hour 24 is the end of the day."""

    span: Span
    hour: int
    minute: int = 0
    half: bool = False
    """Could be twelve hours later: "um drei", "halb acht"."""
    weak: bool = False
    """Only a time beside a day ("Samstag um 10")."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day."""

    span: Span
    part: PartOfDay


class Role(StrEnum):
    """What a small word does."""

    TO = "to"
    DASH = "dash"
    AND = "and"
    BETWEEN = "between"
    NOT = "not"
    TARGET = "target"
    """ "auf": where something was moved to."""
    EACH = "each"
    """ "jeweils": what follows is not one date."""
    GLUE = "glue"


@dataclass(frozen=True, slots=True)
class Joint:
    """A small word."""

    span: Span
    role: Role


Token = Day | Clock | Part | Joint
