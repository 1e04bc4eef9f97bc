"""Which languages there are, and what is special about each: data in `locales/languages.toml`, not code.

`de-simple` is why nothing is derived from a tag: Babel takes it for plain `de`, and so would lose its catalogues.
"""

from __future__ import annotations

import gettext
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from babel import Locale
from pydantic import BaseModel, ConfigDict, TypeAdapter

MonthForm = Literal["format", "stand-alone"]
"""Which of Babel's two forms a date takes."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language as the registry knows it."""

    tag: str
    own_name: str
    babel_locale: str
    rtl: bool
    plural: str
    """gettext's `Plural-Forms`."""
    folder: str
    fallback: str | None
    matches: tuple[str, ...]
    shipped: bool
    months: MonthForm = "format"

    @property
    def locale(self) -> Locale:
        """Weekdays, months and lists of this language."""
        return _locale(self.babel_locale)

    def month(self, number: int) -> str:
        """The name of month `number`, 1 to 12, as it stands in a date."""
        return str(self.locale.months[self.months]["wide"][number])

    def weekday(self, number: int) -> str:
        """The name of weekday `number`, 0 being Monday, as it stands in a date."""
        return str(self.locale.days["format"]["wide"][number])

    @property
    def forms(self) -> int:
        """How many plural forms a message has."""
        return int(self.plural.partition(";")[0].removeprefix("nplurals="))

    def plural_form(self, n: int) -> int:
        """Which form `n` takes, from 0."""
        return plural_rule(self.plural)(abs(n))


@cache
def _locale(identifier: str) -> Locale:
    return Locale.parse(identifier)


@cache
def plural_rule(header: str) -> Callable[[int], int]:
    """The function that a `Plural-Forms` header describes. Raises `ValueError` if it isn't one."""
    return gettext.c2py(header.partition("plural=")[2].strip().rstrip(";"))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    own_name: str
    locale: str
    plural: str
    rtl: bool = False
    folder: str = ""
    fallback: str = "de"
    matches: tuple[str, ...] = ()
    shipped: bool = False
    months: MonthForm = "format"


_ENTRIES = TypeAdapter(dict[str, _Entry])
SOURCE = "de"
"""The language the texts are written in first: the end of every fallback."""


def read_registry(file: Path) -> dict[str, Language]:
    """The languages of `file` by tag, in its order. Raises pydantic's `ValidationError`, naming the field."""
    entries = _ENTRIES.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    return {
        tag: Language(
            tag=tag,
            own_name=entry.own_name,
            babel_locale=entry.locale,
            rtl=entry.rtl,
            plural=entry.plural,
            folder=entry.folder or tag,
            fallback=None if tag == SOURCE else entry.fallback,
            matches=entry.matches,
            shipped=entry.shipped,
            months=entry.months,
        )
        for tag, entry in entries.items()
    }
