"""Who is told what: worked out once per crowd of people who are alike, however many they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.people import readers as people
from bot.people.model import Pace
from bot.people.pace import Habit, after_quiet, next_digest, next_evening
from bot.people.readers import Crowd
from bot.posts import digesting
from bot.posts.announcement import Announcement
from bot.posts.leaving.digested import tellable
from bot.posts.timing import takes_place
from bot.quartiere.model import WHOLE_CITY

_Items = Mapping[int, frozenset[int]]
"""By person."""
HasPlan = Callable[[AsyncSession, frozenset[int], datetime], Awaitable[bool]]


class Sort(StrEnum):
    """What a digest is."""

    EVENING = "evening"
    WEEKLY = "weekly"
    EXTRA = "extra"
    """Between two digests: what takes place before the next one, or what perhaps didn't arrive."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that some people get: equal ones are written once."""

    sort: Sort
    languages: tuple[str, ...]
    quartiere: frozenset[int]
    items: tuple[int, ...]
    at: datetime
    pace: Pace
    posts: tuple[Announcement, ...] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """People who get the same digest. `carried`: what was noted to be carried to them."""

    crowd: Crowd
    text: Wanted
    carried: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Assembly:
    """Everybody who is told something, and whose mark moves."""

    mark: int
    passed: Sequence[int]
    told: Sequence[Told]


async def assemble(
    session: AsyncSession, now: datetime, zone: ZoneInfo, *, regular: Sequence[Habit], evening: Sequence[Habit],
    silent: Collection[int], has_plan: HasPlan,
) -> Assembly:  # fmt: skip
    """Read what is needed in a few statements, then decide in memory."""
    # In this order: what is published meanwhile has a greater number than the mark, and is told next time.
    mark = await digesting.mark(session, now)
    carried = await digesting.carried(session)
    unsure = await digesting.unsure(session, now) if evening else set()
    readers = await people.crowds(session, regular)
    others = await people.crowds(session, [habit for habit in evening if habit not in regular])
    everybody = [*readers, *others]
    if not everybody:
        return Assembly(mark, [], [])
    posts = await digesting.tellables(
        session, now, zone, after=min(crowd.mark for crowd in everybody),
        items={item for _, item in carried | unsure},
    )  # fmt: skip
    own = _Own(
        _by_person(await digesting.known(session, list(posts))), _by_person(carried), _by_person(unsure)
    )
    table = _Table(now, zone, posts, frozenset(regular), frozenset(evening), frozenset(silent), own)
    told = [one for crowd in everybody for part in own.parted(crowd) if (one := table.told(part)) is not None]
    plans: dict[tuple[frozenset[int], datetime], bool] = {}
    kept = []
    for one in told:
        if not one.text.items:
            key = (one.text.quartiere, one.text.at)
            if key not in plans:
                plans[key] = await has_plan(session, *key)
            if not plans[key]:
                continue
        kept.append(one)
    return Assembly(mark, [person for crowd in readers for person, _ in crowd.members], kept)


class _Own:
    """What sets single people apart from their crowd: what they know already, what is carried to them."""

    def __init__(self, known: _Items, carried: _Items, unsure: _Items) -> None:
        self.known = known
        self.carried = carried
        self.unsure = unsure
        self._people = {*known, *carried, *unsure}

    def parted(self, crowd: Crowd) -> Iterator[Crowd]:
        """The crowd, and by themselves those of it who have anything of their own."""
        if self._people.isdisjoint(person for person, _ in crowd.members):
            yield crowd
            return
        many = []
        for member in crowd.members:
            if member[0] in self._people:
                yield replace(crowd, members=[member])
            else:
                many.append(member)
        if many:
            yield replace(crowd, members=many)


class _Table:
    """What everybody is told from, with what was worked out already."""

    def __init__(
        self, now: datetime, zone: ZoneInfo, posts: Mapping[int, Announcement], regular: frozenset[Habit],
        evening: frozenset[Habit], silent: frozenset[int], own: _Own,
    ) -> None:  # fmt: skip
        self._now = now
        self._zone = zone
        self._posts = posts
        self._regular = regular
        self._evening = evening
        self._silent = silent
        self._own = own
        self._fresh: dict[tuple[frozenset[int], int], tuple[int, ...]] = {}
        self._at: dict[Habit, datetime] = {}
        self._early: dict[tuple[Habit, int], bool] = {}
        self._of_use: dict[tuple[int, datetime], bool] = {}

    def told(self, crowd: Crowd) -> Told | None:
        """What this crowd is told now; None for nothing (a weekly digest may consist of its plan alone).

        Whoever has anything of their own comes here alone.
        """
        habit, first = crowd.habit, crowd.members[0][0]
        at = self._due(habit)
        carried = self._own.carried.get(first, frozenset())
        unsure = self._own.unsure.get(first, frozenset()) if habit in self._evening else frozenset()
        known = self._own.known.get(first, frozenset())
        items = tuple(item for item in self._new(crowd.quartiere, crowd.mark) if item not in known)
        if carried or unsure:
            items = tuple(sorted({*items, *carried, *unsure} & self._posts.keys(), key=self._number))
        weekly = habit.pace is Pace.WEEKLY and crowd.lane not in self._silent
        sort = (Sort.WEEKLY if weekly else Sort.EVENING) if habit in self._regular else Sort.EXTRA
        if sort is Sort.EXTRA:
            items = tuple(item for item in items if item in unsure or self._is_early(habit, item))
        items = tuple(item for item in items if self._is_of_use(item, at))
        if not items and sort is not Sort.WEEKLY:
            return None
        posts = tuple(self._posts[item] for item in items)
        text = Wanted(sort, crowd.languages, crowd.quartiere, items, at, habit.pace, posts)
        return Told(crowd, text, tuple(carried.intersection(items)))

    def _new(self, quartiere: frozenset[int], mark: int) -> tuple[int, ...]:
        """What is beyond a mark, of the whole city or of these Quartiere."""
        key = (quartiere, mark)
        if key not in self._fresh:
            self._fresh[key] = tuple(
                item
                for item, post in self._posts.items()
                if post.post.follows is None
                and self._number(item) > mark
                and (WHOLE_CITY in {*quartiere, *post.quartiere} or not quartiere.isdisjoint(post.quartiere))
            )
        return self._fresh[key]

    def _due(self, habit: Habit) -> datetime:
        """Now, unless it is late and has become night."""
        if habit not in self._at:
            self._at[habit] = after_quiet(habit, self._now, self._zone).astimezone(UTC)
        return self._at[habit]

    def _is_early(self, habit: Habit, item: int) -> bool:
        """Whether it takes place before the reader's next digest, and no evening slot lies between."""
        if (habit, item) not in self._early:
            begins = takes_place(self._posts[item].post, self._now)
            self._early[habit, item] = begins is not None and (
                begins <= next_digest(habit, self._now, self._zone)
                and begins <= next_evening(habit, self._now, self._zone)
            )
        return self._early[habit, item]

    def _is_of_use(self, item: int, at: datetime) -> bool:
        if (item, at) not in self._of_use:
            self._of_use[item, at] = tellable(self._posts[item], at, self._zone)
        return self._of_use[item, at]

    def _number(self, item: int) -> int:
        return self._posts[item].item.publication_no or 0


def _by_person(pairs: Collection[digesting.Pair]) -> _Items:
    found: dict[int, set[int]] = {}
    for person, item in pairs:
        found.setdefault(person, set()).add(item)
    return {person: frozenset(items) for person, items in found.items()}
