"""Where something is: one of the Treffpunkte, an address, or what stands behind "Wo:"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PlaceHint:
    """A place that people name without its address."""

    name: str
    address: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name}, {self.address}" if self.address else self.name

    def names(self) -> tuple[str, ...]:
        """Also the short form of "FiZ – Familie im Zentrum"."""
        short = re.split(r"\s[–—-]\s|\s\(", self.name)[0]
        return tuple(dict.fromkeys((self.name, *self.aliases, short)))


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place, and where the words stand that can be taken out of the text; no span if they belong to a sentence."""

    label: str
    span: Span | None = None


_BEFORE = (
    r"(?P<before>(?:\b(?:im|in\s+der|in\s+dem|in\s+den|ins|in|beim|bei|am|an\s+der|auf\s+dem|auf\s+der|vorm|vor\s+dem|"
    r"at\s+the|at|in\s+the)\s+|(?<!\w)@\s*|\b(?:wo|ort|where|place|treffpunkt)\s*:\s*))?"
)
_ADDRESS = re.compile(
    rf"{_BEFORE}(?P<label>(?<![\w-])[A-ZÄÖÜ][\w-]{{0,40}}?(?: [A-ZÄÖÜ][\w-]{{0,40}}?)?"
    r"(?:str\.|straße|strasse|weg|platz|allee|gasse|ring|ufer|wall)\s+\d+\s?[a-z]?\b)(?!\s*uhr)",
)
_LABELLED = re.compile(
    r"(?:^|\n)[ \t]*(?:wo|ort|where|place)[ \t]*:[ \t]*(?P<label>[^\n]{2,120})", re.IGNORECASE
)


def find_place(text: str, places: Sequence[PlaceHint]) -> FoundPlace | None:
    """The one place a text names; None if there is none, or several and no telling which."""
    named = [found for hint in places if (found := _named(text, hint))]
    if len(named) == 1:
        return named[0]
    if named:
        return None
    if labelled := _LABELLED.search(text):
        return FoundPlace(labelled["label"].strip().rstrip("."), labelled.span())
    addresses = list(_ADDRESS.finditer(text))
    if len({found["label"] for found in addresses}) == 1:
        first = addresses[0]
        return FoundPlace(first["label"], first.span() if _loose(text, first) else None)
    return None


def _named(text: str, hint: PlaceHint) -> FoundPlace | None:
    address = rf"(?:\s*[,(]?\s*{re.escape(hint.address)}\)?)?" if hint.address else ""
    for name in hint.names():
        pattern = rf"{_BEFORE}(?<![\w-]){re.escape(name)}(?![\w-]){address}"
        found = list(re.finditer(pattern, text, re.IGNORECASE))
        if found:
            best = next((each for each in found if each["before"]), found[0])
            return FoundPlace(hint.label, best.span() if _loose(text, best) else None)
    return None


def _loose(text: str, found: re.Match[str]) -> bool:
    """Whether the words can go: after a preposition, or between two stops."""
    if found["before"]:
        return True
    before, after = text[: found.start()].rstrip(" \t"), text[found.end() :].lstrip(" \t")
    return (not before or before[-1] in ",;\n.:") and (not after or after[0] in ",;\n.!")
