"""A message as a room means it: an id and typed parameters, in no language yet.

`M` and `N` are also the marks by which `python -m locales.update` finds the ids in the code, so their first argument
is always written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Name:
    """Any text that comes from people or data: a name, a street, a title. Control characters are taken out."""

    text: str


@dataclass(frozen=True, slots=True)
class Url:
    """A web address. It becomes a link; `label` is shown in its place where there is one."""

    address: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when on one day: "15 bis 17:30 Uhr"."""

    start: time
    end: time | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A day and from when to when; two days if it ends on another. Both aware, shown in the city's zone."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Msg:
    """What is to be said. `count` chooses the plural form and fills `{n}`."""

    id: str
    params: Mapping[str, Param] = field(default_factory=dict, hash=False)
    count: int | None = None


Param: TypeAlias = str | int | Name | Url | datetime | date | time | Hours | Span | Msg | tuple["Param", ...]
"""What may stand in a placeholder.

`str` is a fixed word of ours ("/start"), never what someone typed. `datetime` (aware) becomes weekday, date and time
in the city's zone; `date` weekday and date; `time` the time of day. `Msg` is rendered in the same language.
A tuple becomes a list in words: "a, b und c".
"""


def M(id: str, /, **params: Param) -> Msg:  # noqa: N802 (the short name is the mark the extraction looks for)
    """A message without a count."""
    return Msg(id, params)


def N(id: str, n: int, /, **params: Param) -> Msg:  # noqa: N802
    """A message that depends on a number; the texts may use it as `{n}`."""
    return Msg(id, params, n)
