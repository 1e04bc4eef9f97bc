"""`quartierbote deliveries`: how far each post is, and what waits on each lane. Reads only, beside the running program.

Counts alone: a copy's recipient is known to nobody who reads this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, SystemClock
from bot.delivery.backlog import Waiting, waiting
from bot.delivery.lease import is_running
from bot.delivery.model import Lane
from bot.items.model import Item, ItemState
from bot.posts.announcement import Announcement, load
from bot.posts.leaving import digested
from bot.posts.leaving.tally import ByLane, Tally, tallies
from bot.posts.model import ITEM_KIND, Post
from bot.prepare import NotReadyError, opened
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere
from bot.settings import Settings
from bot.sharing import SCHEDULE
from bot.storage import Database, schema
from bot.storage.schema import Standing
from bot.storage.sole import program_runs

NEWEST = 10
"""How many posts are shown unless all are asked for."""
_LARGEST = 2**63 - 1
"""A database can't be asked for a larger number."""
_SHOWN = (
    ItemState.PUBLISHED,
    ItemState.SCHEDULED,
    ItemState.AWAITING,
    ItemState.WITHDRAWN,
    ItemState.HIDDEN,
)


@dataclass(frozen=True, slots=True)
class PostSeen:
    """One post, and how far it is."""

    number: int | None
    """Its publication number; None while it has none."""
    title: str
    state: str
    at: datetime | None
    """When it left, or will."""
    quartiere: tuple[str, ...]
    by_lane: ByLane
    ahead: int
    """How many will read it in a digest."""


@dataclass(frozen=True, slots=True)
class LaneSeen:
    """One sending account, who works on it, and what waits for it."""

    id: int
    platform: str
    owner: str | None
    is_owned: bool
    """Whether its owner lives: by the lease and the database's clock, on SQLite by the lock of the one program."""
    takeovers: int
    lease_until: datetime | None
    """None on SQLite, where nobody renews a lease."""
    learned_rate: float | None
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything as it was at one moment."""

    at: datetime
    zone: ZoneInfo
    posts: tuple[PostSeen, ...]
    lanes: tuple[LaneSeen, ...]

    @property
    def platforms(self) -> Mapping[int, str]:
        return {lane.id: lane.platform for lane in self.lanes}

    def left(self, by_lane: ByLane) -> float | None:
        """Seconds until all that is due has gone out. None: nobody can tell."""
        return by_lane.left(self.at, {lane.id: lane.learned_rate or 0.0 for lane in self.lanes})


async def look(
    settings: Settings, *, number: int | None = None, everything: bool = False, clock: Clock | None = None
) -> Seen:
    """How it goes. `number`: of this post alone. Raises `NotReadyError`."""
    async with opened(settings) as database:
        standing = await schema.standing(database)
        if standing is Standing.EMPTY:
            raise NotReadyError("There are no tables in this database yet, so there are no figures.")
        if standing is not Standing.CURRENT:
            raise NotReadyError("This database has the tables of another version: run quartierbote migrate.")
        return await gather(database, (clock or SystemClock()).now(), number, everything=everything)


async def gather(
    database: Database, now: datetime, number: int | None = None, *, everything: bool = False
) -> Seen:
    """Everything at one moment, from one snapshot. Raises `NotReadyError` for a number that no post has."""
    quartiere = Quartiere(SystemClock())
    async with database.read() as session:
        city = await quartiere.city(session)
        zone = city.zone if city else ZoneInfo("UTC")
        names = {WHOLE_CITY: city.name if city else "the whole city"}
        names |= {one.id: one.name for one in await quartiere.quartiere(session)}
        posts = await _posts(session, number, NEWEST if number is None and not everything else None)
        if number is not None and not posts:
            raise NotReadyError(f"There is no post with the number {number}.")
        found = await tallies(session, [post.id for post in posts], now)
        seen = [await _seen(session, post, found[post.id], names, now, zone) for post in posts]
        lives = program_runs(database.url) if database.is_sqlite else None
        return Seen(now, zone, tuple(seen), tuple(await _lanes(session, now, lives)))


async def _posts(session: AsyncSession, number: int | None, limit: int | None) -> list[Announcement]:
    if number is not None and not 0 < number <= _LARGEST:
        return []
    rows = (
        select(Item.id)
        .join(Post, Post.item_id == Item.id)
        .where(Item.kind == ITEM_KIND, Item.state.in_(_SHOWN), Post.corrects.is_(None))
        .order_by(Item.id.desc())
        .limit(limit)
    )
    if number is not None:
        rows = rows.where(Item.publication_no == number)
    found = [await load(session, item) for item in (await session.scalars(rows)).all()]
    return [post for post in found if post is not None]


async def _seen(
    session: AsyncSession,
    post: Announcement,
    by_lane: ByLane,
    names: Mapping[int, str],
    now: datetime,
    zone: ZoneInfo,
) -> PostSeen:
    ahead = await digested.waiting(session, post, ()) if digested.tellable(post, now, zone) else 0
    return PostSeen(
        number=post.item.publication_no,
        title=" ".join(post.original.title.split()),
        state=post.item.state,
        at=post.post.due_at or post.item.published_at,
        quartiere=tuple(names.get(quartier, "?") for quartier in post.quartiere),
        by_lane=by_lane,
        ahead=ahead,
    )


async def _lanes(session: AsyncSession, now: datetime, lives: bool | None) -> list[LaneSeen]:
    """Those that something is or was sent on; the schedule's and the house's own drawer are none. `lives`: whether the
    one program of a SQLite runs; None on PostgreSQL, where leases tell."""
    queues: dict[int, list[Waiting]] = {}
    for one in await waiting(session, now):
        queues.setdefault(one.lane, []).append(one)
    lanes = select(Lane, is_running()).where(Lane.platform != SCHEDULE).order_by(Lane.platform)
    return [
        LaneSeen(
            id=lane.id,
            platform=lane.platform,
            owner=lane.owner,
            is_owned=lane.owner is not None and (leased if lives is None else lives),
            takeovers=lane.epoch,
            lease_until=lane.lease_until if lives is None else None,
            learned_rate=lane.learned_rate,
            waiting=tuple(queues.get(lane.id, ())),
        )
        for lane, leased in (await session.execute(lanes)).all()
        if lane.epoch or lane.id in queues
    ]


def as_json(seen: Seen) -> dict[str, object]:
    """For programs. Ages and times left in seconds; `seconds_left` null: nobody can tell."""
    return {
        "at": seen.at.isoformat(),
        "posts": [_post_json(seen, post) for post in seen.posts],
        "lanes": [_lane_json(seen, lane) for lane in seen.lanes],
    }


def _post_json(seen: Seen, post: PostSeen) -> dict[str, object]:
    return {
        "number": post.number,
        "title": post.title,
        "state": post.state,
        "at": post.at.isoformat() if post.at else None,
        "quartiere": list(post.quartiere),
        **_tally_json(seen, post.by_lane.total),
        "seconds_left": seen.left(post.by_lane),
        "in_digests_to_come": post.ahead,
        "platforms": {
            seen.platforms.get(lane, "?"): _tally_json(seen, tally)
            for lane, tally in sorted(post.by_lane.lanes.items())
        },
    }


def _tally_json(seen: Seen, tally: Tally) -> dict[str, object]:
    return {
        "reached": tally.reached,
        "waiting": tally.waiting,
        "gone": tally.gone,
        "rejected": tally.rejected,
        "unsure": tally.unsure,
        "dropped": tally.dropped,
        "changing": tally.changing,
        "due": tally.due,
        "rate": round(tally.rate(seen.at), 2),
        "next_due": tally.later.isoformat() if tally.later else None,
    }


def _lane_json(seen: Seen, lane: LaneSeen) -> dict[str, object]:
    return {
        "platform": lane.platform,
        "owner": lane.owner,
        "owned": lane.is_owned,
        "takeovers": lane.takeovers,
        "lease_until": lane.lease_until.isoformat() if lane.lease_until else None,
        "learned_rate": lane.learned_rate,
        "waiting": {
            one.priority.name.lower(): {
                "pending": one.pending,
                "due": one.due,
                "oldest_seconds": round(one.age(seen.at), 1),
            }
            for one in lane.waiting
        },
    }
