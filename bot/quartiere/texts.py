"""What a city says in several languages: a table of tag and text, and the rule which one a reader gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Picked(NamedTuple):
    """A text and the tag of the language it is in, which may not be the reader's."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in several languages; `first` is the city's first language, in which there always is one."""

    values: Mapping[str, str]
    first: str

    def pick(self, language: str) -> Picked:
        """The reader's language, else its base ("de-simple" reads "de"), else the city's first, else any."""
        for tag in (language, language.partition("-")[0], self.first):
            if tag in self.values:
                return Picked(self.values[tag], tag)
        for tag in sorted(self.values):
            return Picked(self.values[tag], tag)
        return Picked("", self.first)

    def __bool__(self) -> bool:
        return bool(self.values)
