"""One announcement as a line of a digest, and under which heading it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import IntEnum
from itertools import groupby

from bot.contract import Bullets, Line, Rich, Text
from bot.language import M, Msg, Name, Renderer, Span
from bot.language.message import Hours
from bot.posts.announcement import Announcement
from bot.posts.kinds import Kind
from bot.posts.sentences import title_of

Lines = dict[tuple[str, date | None, int, bool], Line]
"""What was worded already: language, the day it is read, announcement, whether with its day."""
LONGEST_TITLE, LONGEST_PLACE, LONGEST_LABEL = 120, 80, 40


class Group(IntEnum):
    """Headings, in their order: first what somebody would come in vain for."""

    CHANGED = 0
    EVENT = 1
    CLOSED = 2
    HELP = 3
    NEWS = 4


_GROUPS = {
    Kind.CANCELLED: Group.CHANGED,
    Kind.MOVED: Group.CHANGED,
    Kind.CLOSED: Group.CLOSED,
    Kind.DISRUPTION: Group.CLOSED,
    Kind.HELP_WANTED: Group.HELP,
    Kind.TAKE_PART: Group.HELP,
}


def in_order(render: Renderer, posts: Sequence[Announcement], at: datetime) -> list[Announcement]:
    """By heading, events by time."""

    def key(post: Announcement) -> tuple[int, float, int]:
        starts = starts_at(post)
        soon = max(starts.timestamp(), at.timestamp()) if starts else 0.0
        return group_of(post), soon, post.item.publication_no or 0

    return sorted(posts, key=key)


def grouped(
    render: Renderer, posts: Sequence[Announcement], places: Mapping[int, str], at: datetime, said: Lines
) -> list[Rich]:
    """Under headings; `posts` in order. `said`: lines of this run, used again."""

    def worded(post: Announcement, *, with_day: bool) -> Line:
        key = (render.language.tag, render.today, post.id, with_day)
        if key not in said:
            said[key] = line(render, post, places[post.id], with_day=with_day)
        return said[key]

    parts: list[Rich] = []
    for heading, found in groupby(posts, key=lambda post: _heading(render, post, at)):
        group, day = heading
        lines = tuple(worded(post, with_day=day is None) for post in found)
        parts += [render.rich(_said(group, day, at.astimezone(render.zone).date())), (Bullets(lines),)]
    return parts


def group_of(post: Announcement) -> Group:
    if post.post.kind == Kind.EVENT and starts_at(post) is not None:
        return Group.EVENT
    return _GROUPS.get(Kind(post.post.kind), Group.NEWS)


def starts_at(post: Announcement) -> datetime | None:
    """When it takes place; after a move, the new time."""
    return post.post.new_starts_at or post.post.starts_at


def label(render: Renderer, post: Announcement) -> str:
    """Of the choice that opens it."""
    return _cut(
        post.text_for(render.language.tag).title or render.text(title_of(Kind(post.post.kind), "")),
        LONGEST_LABEL,
    )


def line(render: Renderer, post: Announcement, by: str, *, with_day: bool) -> Line:
    """Title, when, where, who says it."""
    text = post.text_for(render.language.tag)
    what = Name(_cut(text.title, LONGEST_TITLE))
    title = title_of(Kind(post.post.kind), what.text) if post.post.template else what
    when = _when(render, post, with_day=with_day)
    place = _cut(post.post.new_place or post.post.place, LONGEST_PLACE)
    if post.post.kind == Kind.CLOSED and post.post.template:
        place = ""  # its title is the place
    said = render.line(_sentence(title, when, place, by))
    if post.post.template or text.language.partition("-")[0] == render.language.tag.partition("-")[0]:
        return said
    return (*said, Text(" "), *render.line(M("agenda.in_language", language=render.name_in(text.language))))


def _sentence(title: Name | Msg, when: Msg | None, place: str, by: str) -> Msg:
    # Translators: one announcement in a digest, one line. {when}: hours, or a day; {by}: who says it.
    if when is not None and place:
        return M("digests.line.when_place", when=when, title=title, place=Name(place), by=Name(by))
    if when is not None:
        return M("digests.line.when", when=when, title=title, by=Name(by))
    if place:
        return M("digests.line.place", title=title, place=Name(place), by=Name(by))
    return M("digests.line", title=title, by=Name(by))


def _when(render: Renderer, post: Announcement, *, with_day: bool) -> Msg | None:
    there = post.post
    moved = there.new_starts_at is not None
    start = starts_at(post)
    end, all_day = (there.new_ends_at, there.new_all_day) if moved else (there.ends_at, there.all_day)
    if start is None:
        return None
    local = start.astimezone(render.zone)
    last = end.astimezone(render.zone) if end else None
    if last is not None and last.date() > local.date():
        if all_day:
            return M("posts.days", first=local.date(), last=last.date())
        return M("posts.value", value=Span(start, end))
    if all_day:
        return M("posts.day", day=local.date()) if with_day else M("agenda.when.all_day")
    if with_day:
        return M("posts.value", value=Span(start, end))
    return M("agenda.when.hours", hours=Hours(local.time(), last.time() if last else None))


def _heading(render: Renderer, post: Announcement, at: datetime) -> tuple[Group, date | None]:
    group, starts = group_of(post), starts_at(post)
    if group is not Group.EVENT or starts is None:
        return group, None
    return group, max(starts, at).astimezone(render.zone).date()


def _said(group: Group, day: date | None, today: date) -> Msg:
    if day is not None:
        ahead = (day - today).days
        # Translators: headings of a digest, bold: events today, tomorrow.
        if ahead == 0:
            return M("digests.today")
        return M("digests.tomorrow") if ahead == 1 else M("agenda.day", day=day)
    # Translators: headings of a digest, bold: changed or cancelled; closed or out of order; people wanted; news.
    return {
        Group.CHANGED: M("digests.changed"),
        Group.CLOSED: M("digests.closed"),
        Group.HELP: M("digests.help"),
    }.get(group, M("digests.news"))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
