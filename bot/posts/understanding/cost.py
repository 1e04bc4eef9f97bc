"""What something costs, out of what someone wrote; nothing where an amount could be something else (a donation)."""

from __future__ import annotations

import re
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cost:
    """`cents` is empty when it is free, or when there are several prices: then `text` says them as written."""

    free: bool = False
    cents: int | None = None
    text: str = ""


_FREE = re.compile(
    r"""
    (?:(?:das\s+ist|es\s+ist|ist|sind|alles)\s+)?(?:kostenlos|kostenfrei|gratis|umsonst)(?!\w)
  | (?:das\s+|es\s+)?kostet\s+(?:euch\s+|sie\s+|dich\s+)?nichts
  | eintritt\s*(?:ist|:)?\s*frei(?!\w) | freier\s+eintritt | kosten\s*:\s*(?:keine|0\s*(?:€|euro))
  | (?:(?:it\s+is|it['’]s|entry|admission|entry\s+is|admission\s+is)\s+)(?:free(?:\s+of\s+charge)?)(?!\w)
  | free\s+(?:entry|admission|of\s+charge)(?!\w) | for\s+free(?!\w) | no\s+charge(?!\w)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NEGATED = re.compile(r"\b(?:nicht|kein|keine|not)\s+(?:\w+\s+)?$", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?:€\s*(?P<before>\d+(?:[.,]\d{1,2})?)(?!\d))"
    r"|(?<![\d.,])(?P<whole>\d{1,4}(?:[.,]\d{1,2})?)(?:,-{1,2}|,–)?\s*(?P<unit>€|euro\b|eur\b|cent\b)",
    re.IGNORECASE,
)
_IS_A_PRICE = re.compile(
    r"kostet|kosten|eintritt|preis|beitrag|gebühr|teilnahme|p\.\s?p|pro\s+(?:person|kind|nase|familie)|costs?\b|price|entry|fee\b|admission",
    re.IGNORECASE,
)
_IS_SOMETHING_ELSE = re.compile(
    r"spende|sammel|pfand|gewinn|förder|preisgeld|rabatt|gutschein|kaution|belohnung|donat|deposit|\bab\b|"
    r"\bbis\b|mindestens|höchstens|etwa|\bca\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?:[^,;!?\n.]|(?<=\d)[.,](?=[\d-])|\.(?=\w))+")
_BESIDE_A_PRICE = re.compile(r"[^\W\d]{2,}")


def read_cost(text: str) -> Cost | None:
    """The cost a text names, or None."""
    found = find_cost(text)
    return found[0] if found else None


def find_cost(text: str) -> tuple[Cost, Span] | None:
    """The cost, and where the words stand that say it and nothing else."""
    free = [found for found in _FREE.finditer(text) if not _NEGATED.search(text[: found.start()])]
    amounts = list(_AMOUNT.finditer(text))
    if free and not amounts:
        return Cost(free=True, text=free[0][0]), free[0].span()
    if free or not amounts:
        return None
    clauses = [clause for clause in _CLAUSE.finditer(text) if _AMOUNT.search(clause[0])]
    if not all(_is_price(clause[0]) for clause in clauses):
        return None
    start, end = clauses[0].start(), clauses[-1].end()
    said = text[start:end].strip()
    start = text.index(said, start)
    values = {_cents(found) for found in amounts}
    if len(amounts) > 1:
        return Cost(text=said), (start, start + len(said))
    if _only_the_price(said):
        return Cost(cents=values.pop(), text=said), (start, start + len(said))
    return Cost(cents=values.pop(), text=amounts[0][0]), amounts[0].span()


def _is_price(clause: str) -> bool:
    if _IS_SOMETHING_ELSE.search(clause):
        return False
    return (
        _IS_A_PRICE.search(clause) is not None or len(_BESIDE_A_PRICE.findall(_AMOUNT.sub("", clause))) <= 2
    )


def _only_the_price(said: str) -> bool:
    """Whether nothing is lost when the amount stands for it: "Kosten: 3 €", but not "3 € mit Kuchen"."""
    rest = _IS_A_PRICE.sub("", _AMOUNT.sub("", said))
    return not re.sub(r"\b(?:es|das|der|die|it|the|is|ist|are|sind)\b|[\W\d_]", "", rest, flags=re.IGNORECASE)


def _cents(found: re.Match[str]) -> int:
    number = (found["before"] or found["whole"]).replace(",", ".")
    if (found["unit"] or "").lower() == "cent":
        return round(float(number))
    return round(float(number) * 100)
