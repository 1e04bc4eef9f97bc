"""Finds the words of a text that speak of days and times, and leaves every other number alone.

Phone numbers, prices, ages, rooms and house numbers are covered up first; what a found word means on the calendar is
decided in `bot.posts.understanding.when`.
"""

from __future__ import annotations

import re

from bot.posts.understanding.patterns import patterns
from bot.posts.understanding.tokens import Clock, Day, Joint, Part, Role, Span, Token

_COVER = "·"

_LOOKS_LIKE = re.compile(
    r"""
    https?://\S+ | www\.\S+ | \S+@\S+\.\w+
  | \b(?:tel|telefon|telefonnummer|handy|mobil|fax|phone|call|anruf|anrufen|whatsapp)\b[.:]?\s*\+?[\d\s/()-]{4,}\d
  | (?<![\d.:])(?!\d\d?/\d\d?/20\d\d)(?:\+|0)\d[\d/()-]*[\s/-]\d[\d\s/()-]{3,}\d(?!\s*uhr|[:.]\d)
  | €\s*\d+(?:[.,]\d{1,2})?
  | \b\d+(?:[.,](?:\d{1,2}|-{1,2}|–))?\s*(?:€|(?:euro|eur|cent|ct)\b)
  | \b\d+(?:[.,]\d+)?\s*(?:%|(?:prozent|km|kg|qm|meter)\b)
  | \bbis\s+\w+\s*! | \b(?:schönen?|happy|nice)\s+(?:noch\s+)?\w+(?:tag|day)\b
  | \b(?:guten?|schönen?|good)\s+(?:morgen|tag|abend|nacht|morning|day|evening|afternoon|night)\b
  | \b(?:raum|zimmer|haus|nr\.?|nummer|room|hausnummer|linie|gleis|etage|klasse|seite)\s*\d+[a-z]?\b(?![:.]\d|\s*uhr)
  | (?<![\w-])\w[\w-]{0,40}?(?:str\.|straße|strasse|weg|platz|allee|gasse|ring|ufer|wall)\s+\d+[a-z]?\b(?![:.]\d|\s*uhr)
    """,
    re.IGNORECASE | re.VERBOSE,
)

_STEP = re.compile(r"\w+|.", re.DOTALL)
_GAP = re.compile(r"[\s,;.()]*")


def cover(text: str) -> str:
    """The text at the same length, with what only looks like a date or time made unreadable."""
    return _LOOKS_LIKE.sub(lambda found: _COVER * len(found[0]), text)


def scan(text: str) -> list[Token]:
    """All tokens in order, without overlaps."""
    covered = cover(text)
    tokens: list[Token] = []
    position = 0
    while position < len(covered):
        if found := _tokens_at(covered, position):
            tokens += found
            position = found[-1].span[1]
        elif step := _STEP.match(covered, position):
            position = step.end()
    return tokens


def _tokens_at(text: str, position: int) -> list[Token]:
    before = text[max(0, position - 2) : position]
    inside_number = (
        len(before) == 2 and before[0].isdigit() and before[1] in ".:,/" and text[position].isdigit()
    )
    inside_word = before[-1:].isalnum() and text[position].isalnum()
    if inside_number or inside_word or text[position].isspace() or text[position] == _COVER:
        return []
    for pattern, read in patterns():
        if (found := pattern.match(text, position)) and (tokens := read(found)):
            return tokens
    return []


def phrases(text: str) -> list[list[Token]]:
    """Groups of tokens with nothing but spaces and commas between them, each with a day or a time in it."""
    groups: list[list[Token]] = []
    end = -1
    for token in scan(text):
        if groups and _GAP.fullmatch(text, end, token.span[0]) and "\n" not in text[end : token.span[0]]:
            groups[-1].append(token)
        else:
            groups.append([token])
        end = token.span[1]
    kept = (_without_loose_ends(_strong(group)) for group in groups)
    return [group for group in kept if any(isinstance(token, Day | Clock) for token in group)]


def _strong(group: list[Token]) -> list[Token]:
    """Drop what is only a day or a time beside another one ("So", "um 10")."""
    return [token for at, token in enumerate(group) if not _is_weak(token) or _has_company(group, at)]


def _is_weak(token: Token) -> bool:
    return isinstance(token, Day | Clock) and token.weak


def _has_company(group: list[Token], at: int) -> bool:
    """A weak day needs a date, a time or another day after it; a weak time one anywhere."""
    if isinstance(group[at], Day):
        after = [token for token in group[at + 1 :] if not isinstance(token, Joint)]
        return bool(after) and not isinstance(after[0], Part)
    return any(isinstance(token, Part | Day) for token in group)


def _without_loose_ends(group: list[Token]) -> list[Token]:
    """Joining words at the end belong to what follows; at the beginning only prepositions belong to us."""
    while group and isinstance(group[-1], Joint):
        group = group[:-1]
    while group and isinstance(group[0], Joint) and group[0].role in (Role.AND, Role.DASH):
        group = group[1:]
    return group


def span_of(group: list[Token]) -> Span:
    """Where a phrase stands."""
    return group[0].span[0], group[-1].span[1]
