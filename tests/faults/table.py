"""What becomes of a copy when something goes wrong, as a table: the tests play every cell, `docs/faults.md` shows it.

`python -m tests.faults.table` prints the tables as they are to stand on that page.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One fault. What the row says: while it lasts → in the end, and for a send how often it rang there."""

    fault: str
    send: str
    edit: str
    delete: str
    sender: str
    """What the sender reads of a copy that was to be sent: while it lasts → in the end."""
    operator: str
    """What the log says about a copy that was to be sent."""


NOTHING = "–"
WAITS = "pending → held"
WAITS_GONE = "pending → dropped"
AGAIN = "pending, tried → held"
AGAIN_GONE = "pending, tried → dropped"
DOUBT = "messages refused: 0, perhaps arrived: 1"
REFUSED = "messages refused: 1, perhaps arrived: 0"
DOWN = "nothing goes out (PlatformDown)"
LOGIN = "nothing goes out (LoginRefused)"
IN_VAIN = "taking the lane failed (OperationalError)"
KEPT = "the database failed (OperationalError)"


def waits(fault: str, operator: str = NOTHING) -> Line:
    """Surely not sent: it waits, and goes out once."""
    return Line(fault, f"{WAITS}, 1×", WAITS, WAITS_GONE, "waiting → held", operator)


def goes(fault: str) -> Line:
    """As if nothing had been."""
    return Line(fault, "held, 1×", "held", "dropped", "held", NOTHING)


def doubtful(fault: str, rang: str) -> Line:
    """Perhaps sent, and nothing to tell a repeat by: a send is left alone, changes are made again."""
    return Line(fault, f"unsure, {rang}", AGAIN, AGAIN_GONE, "unsure", DOUBT)


def keyed(fault: str) -> Line:
    """Perhaps sent, and repeated under its key until an answer comes: it rings once."""
    return Line(fault, f"{AGAIN}, 1×", AGAIN, AGAIN_GONE, "waiting → held", NOTHING)


KILLED = "disk full, and killed before the outcome is written down"
NOT_KEPT = (
    f"{KEPT}, outcomes not stored: OperationalError, the lane could not be given back (OperationalError)"
)
OURS = (
    waits("disk full before it goes out", IN_VAIN),
    Line(
        "disk full before the outcome is written down", "sending → held, 1×", "sending → held",
        "sending → dropped", "waiting → held", KEPT,
    ),
    waits("database locked before it goes out", IN_VAIN),
    Line(
        "database locked before the outcome is written down", "sending → held, 1×", "sending → held",
        "sending → dropped", "waiting → held", KEPT,
    ),
    waits("clock an hour back"),
    goes("clock a day ahead while it is under way"),
)  # fmt: skip

TELEGRAM = (
    waits("429 that names a time"),
    waits("429 without a time"),
    Line("403", "gone, 0×", "gone", "gone", "gone", NOTHING),
    Line("400", "rejected, 0×", "rejected", "rejected", "rejected", REFUSED),
    Line("400: it is so already", NOTHING, "held", "dropped", NOTHING, NOTHING),
    doubtful("500", "0×"),
    doubtful("502 as a page", "0×"),
    doubtful("bad JSON", "0×"),
    waits("connection refused", DOWN),
    doubtful("dropped before acceptance", "0×"),
    Line("dropped after acceptance", "unsure, 1×", "held", "dropped", "unsure", DOUBT),
    goes("slow answer"),
    Line("time-out", "unsure, 1×", "held", "dropped", "unsure", DOUBT),
    goes("migrated chat"),
    waits("unknown token", LOGIN),
    *OURS,
    Line(KILLED, "sending → unsure, 1×", "sending → held", "sending → dropped", "waiting → unsure", NOT_KEPT),
)

MATRIX = (
    waits("429 that names a time"),
    waits("429 without a time"),
    Line("403", "gone, 0×", "gone", "gone", "gone", NOTHING),
    Line("400", "rejected, 0×", "rejected", "rejected", "rejected", REFUSED),
    keyed("500"),
    keyed("502 as a page"),
    keyed("bad JSON"),
    waits("connection refused", DOWN),
    keyed("dropped before acceptance"),
    keyed("dropped after acceptance"),
    goes("slow answer"),
    keyed("time-out"),
    waits("unknown token", LOGIN),
    *OURS,
    Line(KILLED, "sending → held, 1×", "sending → held", "sending → dropped", "waiting → held", NOT_KEPT),
)


@dataclass(frozen=True, slots=True)
class Lost:
    """One class of messages, and how often it rings when an answer got lost once."""

    kind: str
    telegram_before: str
    telegram_after: str
    matrix: str


LOST = (
    Lost("reply", "1×", "2×", "1×"),
    Lost("alert", "1×, marked", "2×, the second marked", "1×"),
    Lost("relay", "1×", "2×", "1×"),
    Lost("announcement", "0×, unsure", "1×, unsure", "1×"),
    Lost("digest", "0×, unsure", "1×, unsure", "1×"),
)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def tables() -> list[str]:
    """As the documentation shows them."""
    head = ("Fault", "Send", "Edit", "Delete", "The sender sees", "The log says")
    by_fault = [
        [(one.fault, one.send, one.edit, one.delete, one.sender, one.operator) for one in lines]
        for lines in (TELEGRAM, MATRIX)
    ]
    classes = ("Class", "Telegram, dropped before", "Telegram, dropped after", "Matrix, either")
    lost = [(one.kind, one.telegram_before, one.telegram_after, one.matrix) for one in LOST]
    return [*(_table(head, rows) for rows in by_fault), _table(classes, lost)]


if __name__ == "__main__":
    sys.stdout.write("\n".join(tables()))
