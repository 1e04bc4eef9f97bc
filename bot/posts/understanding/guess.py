"""Guesses what kind of announcement a text is. An alert is never guessed: it needs a person's decision."""

from __future__ import annotations

import re

from bot.posts.kinds import Kind

_SIGNS: tuple[tuple[Kind, str], ...] = (
    (
        Kind.CANCELLED,
        r"f[äa]llt\b(?:(?!\bnicht\b)[^.!?\n]){0,120}\baus\b|fallen\b(?:(?!\bnicht\b)[^.!?\n]){0,120}\baus\b|\bentf[äa]ll(?:t|en)\b|\babgesagt\b|"
        r"findet\s+(?:\w+\s+){0,3}nicht\s+statt|\bcancel+ed\b|\bis\s+off\b",
    ),
    (Kind.MOVED, r"\bverlegt\b|\bverschoben\b|\bvorverlegt\b|\bmoved\s+to\b|\bpostponed\b|\brescheduled\b"),
    (
        Kind.HELP_WANTED,
        r"\b(?:helfer|helfende|freiwillige|ehrenamtliche|unterstützung|hilfe|verstärkung|\w+helfer)[\w*:]*\b[^.!?\n]{0,120}\b(?:gesucht|gebraucht)\b|"
        r"\bsuchen\b[^.!?\n]{0,120}\b(?:helfer|helfende|freiwillige|ehrenamtliche|unterstützung|hilfe|verstärkung)|"
        r"\bbrauchen\b[^.!?\n]{0,120}\b(?:hilfe|helfer|unterstützung)|"
        r"\bwer\s+(?:kann|hilft|möchte)\b[^.!?\n]{0,120}\bhelfen\b|\bwer\s+hilft\b|"
        r"\b(?:helpers?|volunteers?|help)\s+(?:is\s+|are\s+)?(?:wanted|needed)\b",
    ),
    (
        Kind.CLOSED,
        r"(?<!nicht )\bgeschlossen(?!e)\b|\bbleibt\s+zu\b|(?<!not )\b(?:is|are|remains?)\s+closed\b|\bbetriebsferien\b",
    ),
    (
        Kind.DISRUPTION,
        r"\bstromausfall|\bgesperrt\b|\bsperrung\b|\b\w+sperrung\b|\bstörung(?:en)?\b|\bwasserrohrbruch\b|\bausgefallen\b|"
        r"\bkein(?:e|en)?\s+(?:strom|wasser|heizung|warmwasser|internet)\b|\bpower\s+cut\b|\boutage\b|\bno\s+(?:water|power|heating)\b|"
        r"\broad\s+closed\b",
    ),
    (
        Kind.TAKE_PART,
        r"\bumfrage\b|\bmitgestalt|\bmitentscheid|\bmitbestimm|\babstimm|\bbefragung\b|\bbeteiligung\b|\bideen\b[^.!?\n]{0,120}\bgesucht\b|"
        r"\bsurvey\b|\bhave\s+your\s+say\b",
    ),
)
_PERHAPS_TAKE_PART = re.compile(
    r"\bmitmach|\bmitzumachen\b|\banmeld|\bsign\s?up\b|\bjoin\s+in\b", re.IGNORECASE
)
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _SIGNS)


def guess_kind(text: str, *, has_date: bool) -> Kind:
    """The likeliest kind; what has a date and no other sign is an event, the rest is news."""
    for kind, signs in _COMPILED:
        if signs.search(text):
            return kind
    if has_date:
        # "Bitte anmelden" belongs to most events.
        return Kind.EVENT
    return Kind.TAKE_PART if _PERHAPS_TAKE_PART.search(text) else Kind.NEWS
