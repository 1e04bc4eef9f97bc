"""Reading numbers out of a choice's value: anybody can forge one, so whatever is no number of ours is simply none."""

from __future__ import annotations

MAX_DIGITS = 18
"""What fits the databases' whole numbers."""


def number_in(word: str) -> int | None:
    """The id, revision or place that `word` is; None if it is none."""
    return int(word) if word.isdecimal() and len(word) <= MAX_DIGITS else None
