"""From what staff type to a draft they can check: what, when, where, what it costs, and what has to be asked first.

German first, English too; in other languages dates in digits and times, and the names of weekdays and months that can't
be mistaken. What isn't certain is left in the text or comes with a doubt, never guessed silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.posts.kinds import Kind
from bot.posts.understanding.cost import Cost, find_cost, read_cost
from bot.posts.understanding.guess import guess_kind
from bot.posts.understanding.headline import tidy_text, word
from bot.posts.understanding.places import PlaceHint, find_place
from bot.posts.understanding.when import Doubt, DoubtKind, Moment, When, answered, read, read_when

__all__ = [
    "Cost",
    "Doubt",
    "DoubtKind",
    "Kind",
    "Moment",
    "PlaceHint",
    "Understood",
    "When",
    "answered",
    "read_cost",
    "read_when",
    "understand",
]


@dataclass(frozen=True, slots=True)
class Understood:
    """A draft. While `doubts` is not empty, `starts_at` and `ends_at` are only the first guess."""

    title: str
    """At most 60 characters; empty only for an empty text."""
    body: str
    """What is no fact, in sentences; nothing of the text is lost."""
    kind: Kind
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    all_day: bool = False
    """A date without a time; `starts_at` is its midnight, `ends_at` the last day's midnight."""
    place: str = ""
    cost: Cost | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def when(self) -> When:
        return When(self.starts_at, self.ends_at, self.all_day, self.doubts)

    def with_when(self, when: When) -> Understood:
        """The same draft at another time (after a doubt was answered, or a correction)."""
        return replace(
            self, starts_at=when.starts_at, ends_at=when.ends_at, all_day=when.all_day, doubts=when.doubts
        )


def understand(text: str, *, now: datetime, zone: ZoneInfo, places: Sequence[PlaceHint] = ()) -> Understood:
    """Read a free text. `now` is aware; `places` are the Treffpunkte, known by name."""
    text = tidy_text(text)
    reading = read(text, now=now, zone=zone)
    place, cost = find_place(text, places), find_cost(text)
    facts = [*reading.spans]
    facts += [place.span] if place and place.span else []
    facts += [cost[1]] if cost else []
    wording = word(text, facts, keep=not reading.complete)
    when = reading.when
    return Understood(
        title=wording.title,
        body=wording.body,
        kind=guess_kind(text, has_date=when != When()),
        place=place.label if place else "",
        cost=cost[0] if cost else None,
    ).with_when(when)
