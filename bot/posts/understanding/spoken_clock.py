"""Reads times said in words ("halb acht", "Viertel nach drei") with ctparse.

ctparse reads dates too, but finds them everywhere ("3,50 Euro" is the year 1950, "Raum 12" noon), so it is only asked
about words that our own patterns recognised as a time. It logs what it can't read, which we must not.
"""

from __future__ import annotations

import logging
from datetime import datetime

_TIMEOUT = 0.2
"""Seconds; a slice of three words takes about 3 ms."""

_ANY_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - ctparse wants a naive moment and ours doesn't matter here


def spoken_clock(words: str) -> tuple[int, int] | None:
    """Hour and minute (as on a clock face, not yet morning or afternoon) of a few words, or None."""
    logging.getLogger("ctparse").setLevel(logging.CRITICAL)
    # Imported here: its model takes 160 ms to load, and most people write digits.
    from ctparse.ctparse import ctparse
    from ctparse.types import Time

    parse = ctparse(words, ts=_ANY_DAY, timeout=_TIMEOUT, latent_time=False)
    if parse is None or not isinstance(parse.resolution, Time) or parse.resolution.hour is None:
        return None
    return parse.resolution.hour, parse.resolution.minute or 0
