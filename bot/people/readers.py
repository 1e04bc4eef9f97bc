"""Who reads digests, by habit: asked for slot by slot, and how far each of them has been told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.people.audience import audience
from bot.people.model import Pace, Person, Subscription
from bot.people.pace import Habit
from bot.quartiere.model import WHOLE_CITY

_HABIT = ("pace", "slot_weekday", "slot_hour", "quiet_from", "quiet_to", "evening_hour")
_AT_A_TIME = 5000


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads, as far as a digest has to know them."""

    person: int
    chat: int
    lane: int
    languages: tuple[str, ...]
    quartier: int
    habit: Habit
    mark: int


async def habits(session: AsyncSession) -> list[Habit]:
    """Every habit that somebody has."""
    columns = [getattr(Person, name) for name in _HABIT]
    return [_habit(row) for row in (await session.execute(select(*columns).distinct())).all()]


async def readers_with(session: AsyncSession, wanted: Collection[Habit]) -> list[Reader]:
    """Everybody who has one of these habits, reads anything, and can be written to.

    They can't be erased meanwhile; that they change their settings holds nobody up.
    """
    if not wanted:
        return []
    rows = audience([WHOLE_CITY]).subquery()
    query = select(rows, Person.id).join(Person, Person.id == rows.c.person_id)
    query = query.where(_key_column().in_([_key(habit) for habit in wanted])).order_by(Person.id)
    found = (await session.execute(query.with_for_update(of=Person, read=True, key_share=True))).all()
    known: dict[tuple[Any, ...], Habit] = {}
    return [
        Reader(
            row.person_id,
            row.chat_id,
            row.lane_id,
            tuple(row.languages),
            row.quartier,
            known.setdefault(_values(row), _habit(row)),
            row.digest_mark,
        )
        for row in found
    ]


async def subscriptions(session: AsyncSession) -> dict[int, frozenset[int]]:
    """Which Quartiere each person reads at present."""
    rows = select(Subscription.person_id, Subscription.quartier).where(Subscription.paused.is_(False))
    collected: dict[int, tuple[int, ...]] = {}
    for person, quartier in (await session.execute(rows.order_by(Subscription.quartier))).all():
        collected[person] = (*collected.get(person, ()), quartier)
    equal: dict[tuple[int, ...], frozenset[int]] = {}
    return {person: equal.setdefault(some, frozenset(some)) for person, some in collected.items()}


async def move_marks(session: AsyncSession, people: Sequence[int], mark: int) -> None:
    """These have been told everything up to `mark`."""
    for some in _in_parts(people):
        moved = update(Person).where(Person.id.in_(some), Person.digest_mark < mark).values(digest_mark=mark)
        await session.execute(moved.execution_options(synchronize_session=False))


def _in_parts(people: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(people), _AT_A_TIME):
        yield people[start : start + _AT_A_TIME]


def _values(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _HABIT)


def _habit(row: Any) -> Habit:
    pace, *hours = _values(row)
    return Habit(Pace(pace), *hours)


def _key(habit: Habit) -> str:
    return ".".join(str(getattr(habit, name)) for name in _HABIT)


def _key_column() -> ColumnElement[str]:
    key: ColumnElement[str] = cast(getattr(Person, _HABIT[0]), String)
    for name in _HABIT[1:]:
        key = key + "." + cast(getattr(Person, name), String)
    return key
