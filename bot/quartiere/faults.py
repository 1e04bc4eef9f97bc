"""Says what is wrong in a `city.toml` so that whoever wrote it can mend it: where, what, and an example."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]
"""The keys that lead to a fault: ("quartiere", 1, "name")."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend."""

    place: Place
    words: str

    def __str__(self) -> str:
        example = _example(self.place)
        said = f"{_spoken(self.place)}: {self.words.rstrip('.')}."
        return f"{said} Example: {example}" if example else said


class CityFileError(Exception):
    """A city file that can't be used. Its text names each place, the fault in plain words and an example."""

    def __init__(self, source: str, faults: Sequence[Fault | str]) -> None:
        super().__init__(
            "\n".join([f"{source} can't be used as it is:", *(f"- {fault}" for fault in faults)])
        )
        self.faults = tuple(faults)


_ONE_OF = {
    "quartiere": "quartier",
    "treffpunkte": "treffpunkt",
    "organisations": "organisation",
    "offers": "offer",
    "rules": "rule",
    "languages": "language",
    "pauses": "pause",
    "dates": "date",
    "places": "place",
    "when": "when",
}

_EXAMPLES = {
    "accessibility": 'accessibility = { de = "Stufenlos, Toilette im Erdgeschoss" }',
    "address": 'address = "Kaiserstr. 80, 31785 Hameln"',
    "carrier": 'carrier = "Paritätischer und Stadt"',
    "city": '[city] slug = "hameln" name = "Hameln" languages = ["de", "en"]',
    "contact": '[contact] name = "Quartiersmanagement" phone = "05151 000-10"',
    "cost": 'cost = "free", cost = "donation", cost = "deposit" or, in euros, cost = 2.50',
    "dates": "dates = [2027-03-19, 2027-10-15]",
    "email": 'email = "treff@example.org"',
    "end": 'end = "17:30"',
    "from": "from = 2026-11-23",
    "hours": 'hours = { de = "Montag bis Freitag, 9 bis 17 Uhr", en = "Monday to Friday, 9:00 to 17:00" }',
    "id": 'id = "respect"',
    "kind": 'kind = "association"',
    "languages": 'languages = ["de", "de-simple", "en", "ar"]',
    "monthly": 'monthly = "2nd tuesday" or monthly = "last friday"',
    "name": 'name = "Nordstadt"',
    "order": "order = 1",
    "pauses": "pauses = [{ from = 2026-12-21, until = 2027-01-06 }]",
    "phone": 'phone = "05151 000-10"',
    "places": 'places = ["Spielplatz Breslauer Allee", "Kaiserstr. 80"]',
    "quartier": 'quartier = "nordstadt"',
    "quartiere": '[[quartiere]] slug = "nordstadt" name = "Nordstadt"',
    "sample": "sample = true",
    "slug": 'slug = "nordstadt"',
    "start": 'start = "15:00"',
    "text": 'text = { de = "Beleidige niemanden.", en = "Do not insult anyone." }',
    "title": 'title = "Repair-Café" or title = { de = "Spielecafé", en = "Games café" }',
    "treffpunkt": 'treffpunkt = "kaisers"',
    "until": "until = 2026-12-31",
    "weekly": 'weekly = "thursday"',
    "when": 'when = [{ weekly = "thursday", start = "15:00", end = "17:30" }]',
    "zone": 'zone = "Europe/Berlin"',
}

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a key I know; is it misspelt",
    "string_type": 'must be text between quotes, "…"',
    "string_too_short": "is empty",
    "too_short": "is empty",
    "list_type": "must be a list in square brackets, […]",
    "dict_type": "must be a table of language and text",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
}


def faults_of(error: ValidationError) -> list[Fault]:
    """What pydantic found, in plain words."""
    return [Fault(_place(detail["loc"]), _words(detail)) for detail in error.errors(include_url=False)]


def _words(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    if kind.startswith("date"):
        return "must be a date, year-month-day without quotes"
    if kind.startswith("time"):
        return "must be a time of day"
    if kind == "literal_error":
        return f"must be one of {detail['ctx']['expected']}"
    return _WORDS.get(kind, detail["msg"])


def _place(loc: Iterable[str | int]) -> Place:
    """Without the names pydantic adds for the branches of a union."""
    return tuple(step for step in loc if isinstance(step, int) or "[" not in step)


def _spoken(place: Place) -> str:
    """("quartiere", 1, "name") is "quartier 2, name"."""
    said: list[str] = []
    for step in place:
        if isinstance(step, int) and said:
            said[-1] = f"{_ONE_OF.get(said[-1], said[-1])} {step + 1}"
        else:
            said.append(str(step))
    return ", ".join(said) or "the file"


def _example(place: Place) -> str:
    return next((_EXAMPLES[key] for key in reversed(place) if isinstance(key, str) and key in _EXAMPLES), "")
