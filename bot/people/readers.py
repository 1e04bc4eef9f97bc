"""Who reads digests, by habit: asked for slot by slot, and how far each of them has been told."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from sqlalchemy import String, cast, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Chat
from bot.people.audience import audience
from bot.people.model import Pace, Person, Subscription
from bot.people.pace import Habit
from bot.quartiere.model import WHOLE_CITY
from bot.storage.many import listed

_HABIT = (
    Person.pace,
    Person.slot_weekday,
    Person.slot_hour,
    Person.quiet_from,
    Person.quiet_to,
    Person.evening_hour,
)
"""The fields of a `Habit`, in its order."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Readers who are alike in all that a digest is made from: twenty thousand people are a few hundred crowds.

    `quartier`: for fairness among those who wait.
    """

    lane: int
    quartier: int
    quartiere: frozenset[int]
    languages: tuple[str, ...]
    habit: Habit
    mark: int
    members: list[tuple[int, int]] = field(default_factory=list)
    """Person and chat."""


async def habits(session: AsyncSession) -> list[Habit]:
    """Every habit that somebody has."""
    rows = (await session.execute(select(*_HABIT).distinct())).all()
    return [Habit(Pace(pace), *hours) for pace, *hours in rows]


async def crowds(session: AsyncSession, wanted: Collection[Habit]) -> list[Crowd]:
    """Everybody who has one of these habits, reads anything, and can be written to.

    Whoever asks holds the counter of publications, so that nobody stops or is erased before they are written to; that
    they change their settings holds nobody up.
    """
    if not wanted:
        return []
    together = func.aggregate_strings(cast(Subscription.quartier, String), ",").label("quartiere")
    rows = audience([WHOLE_CITY], together).where(tuple_(*_HABIT).in_([astuple(habit) for habit in wanted]))
    named = rows.selected_columns
    query = rows.with_only_columns(
        Person.id, Chat.id, Chat.lane_id, named["quartier"], named["quartiere"], cast(Person.languages, String),
        Person.digest_mark, *_HABIT,
    )  # fmt: skip
    found: dict[tuple[Any, ...], Crowd] = {}
    for row in (await session.execute(query.order_by(Person.id))).all():
        alike = row[2:]
        crowd = found.get(alike)
        if crowd is None:
            crowd = found[alike] = _crowd(*alike)
        crowd.members.append((row[0], row[1]))
    return list(found.values())


async def move_marks(session: AsyncSession, people: Sequence[int], mark: int) -> None:
    """These have been told everything up to `mark`."""
    if people:
        they = listed(session, ["person"], [(person,) for person in people])
        moved = update(Person).where(Person.id.in_(select(they.c.person)), Person.digest_mark < mark)
        await session.execute(moved.values(digest_mark=mark).execution_options(synchronize_session=False))


def _crowd(
    lane: int, quartier: int, quartiere: str, languages: str, mark: int, pace: str, *hours: int
) -> Crowd:
    here = frozenset(map(int, quartiere.split(",")))
    return Crowd(lane, quartier, here, tuple(json.loads(languages)), Habit(Pace(pace), *hours), mark)
