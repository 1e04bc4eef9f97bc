"""When a post takes place, and from when on it is of no use: what decides when a copy leaves and what pages show."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.posts.kinds import Kind
from bot.posts.model import Post

WITHOUT_END = timedelta(hours=2)
"""How long an event without an end stays on the pages after it began."""

NEWS_LIFE = timedelta(days=14)
"""How long a post without any date stays on the pages."""

UNDO = timedelta(seconds=30)
"""How long whatever is not an alert can be undone after the tap."""


def takes_place(post: Post, now: datetime) -> datetime | None:
    """The next moment people must have heard of it by; None if any time will do."""
    moments = [
        moment for moment in (post.starts_at, post.new_starts_at) if moment is not None and moment > now
    ]
    if moments:
        return min(moments)
    return now if post.starts_at is not None else None


def over(post: Post, zone: ZoneInfo) -> datetime | None:
    """The moment from which it is of no use; None if it has no date."""
    if post.until is not None:
        return post.until
    ends = [
        end
        for end in (
            _end(post.starts_at, post.ends_at, post.all_day, zone),
            _end(post.new_starts_at, post.new_ends_at, post.new_all_day, zone),
        )
        if end is not None
    ]
    if not ends or (post.kind == Kind.DISRUPTION and post.ends_at is None):
        return None  # a disruption lasts until somebody says it is over
    return max(ends)


def too_late(post: Post, due: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a copy due at `due` comes after what it announces has begun (for a whole day: after it)."""
    begins = takes_place(post, now)
    if begins is None or begins <= now:
        return False
    limit = day_end(begins, zone) if post.all_day or post.new_all_day else begins
    return due >= limit


def day_end(moment: datetime, zone: ZoneInfo) -> datetime:
    """The midnight after `moment`, in the city's time."""
    day = moment.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(0), tzinfo=zone)


def _end(start: datetime | None, end: datetime | None, all_day: bool, zone: ZoneInfo) -> datetime | None:
    last = end or start
    if last is None:
        return None
    if all_day:
        return day_end(last, zone)
    return last if end is not None else last + WITHOUT_END
