"""How words change a draft: the first text, one fact asked for, or "doch Freitag 16 Uhr" below the preview.

Works on the rows alone; who may do it and in which state is `bot.posts.drafting.drafts`' matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import strip_controls
from bot.posts.announcement import Announcement, put_text
from bot.posts.drafting.doubts import OpenDoubt, from_json, reading, to_json
from bot.posts.kinds import FieldName, Kind
from bot.posts.model import Origin
from bot.posts.understanding.cost import Cost, find_cost, read_cost
from bot.posts.understanding.moments import DoubtKind, Moment, When, answered
from bot.posts.understanding.places import PlaceHint, find_place
from bot.posts.understanding.understand import Understood, understand
from bot.posts.understanding.when import read, read_when

MAX_TITLE, MAX_BODY, MAX_FACT, MAX_PLACE = 120, 3000, 120, 200
SHORT = 40
"""Characters of an answer that says what it costs and nothing else."""

_PLACE = re.compile(
    r"^(?:wo|ort|where|place)\s*:\s*(.+)$|^((?:im|in|bei|beim|am|auf|an|at)\s+.+)$", re.IGNORECASE
)
_FILLER = re.compile(
    r"\b(?:doch|nein|nee|nicht|sondern|lieber|erst|schon|jetzt|nun|bitte|es|das|ist|um|am|im|in|uhr|ab|von|bis|und|"
    r"der|die|dem|den|no|not|rather|instead|please|it|is|at|on|the)\b|[\W\d_]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs to know of the world."""

    now: datetime
    zone: ZoneInfo
    places: Sequence[PlaceHint]


def read_first(session: AsyncSession, draft: Announcement, text: str, at: Reading) -> None:
    """The first free text: kind, facts, title and body, and what has to be asked."""
    found = understand(strip_controls(text), now=at.now, zone=at.zone, places=at.places)
    draft.post.kind = found.kind
    draft.post.place = found.place[:200]
    draft.post.cost = cost_word(found.cost)
    set_when(draft, FieldName.WHEN, found.when, at.zone)
    write(session, draft, found.title, found.body)


def write(session: AsyncSession, draft: Announcement, title: str, body: str) -> None:
    """The author's own words."""
    title, body = " ".join(strip_controls(title).split()), strip_controls(body).strip()
    put_text(session, draft, draft.post.language, Origin.AUTHOR, title[:MAX_TITLE], body[:MAX_BODY])


def set_field(session: AsyncSession, draft: Announcement, name: FieldName, text: str, at: Reading) -> bool:
    """One fact, in the words somebody typed for it. False if they don't say it (a time that is no time)."""
    text = strip_controls(text).strip()
    post = draft.post
    match name:
        case FieldName.WHAT:
            write(session, draft, text, draft.original.body)
        case FieldName.NOTE:
            write(session, draft, draft.original.title, text)
        case FieldName.WHEN | FieldName.NEW_WHEN | FieldName.UNTIL:
            return _set_moment(draft, name, text, at)
        case FieldName.WHERE | FieldName.NEW_WHERE:
            place = _set_place(session, draft, name, text, at)
            if name is FieldName.WHERE and post.template and post.kind == Kind.CLOSED:
                write(session, draft, place.partition(",")[0], draft.original.body)
        case FieldName.COST:
            cost = read_cost(text)
            if len(text) > SHORT:
                _keep(session, draft, text)
            bare = re.fullmatch(r"(\d{1,4}(?:[.,]\d{1,2})?)\s*(?:€|euro?)?", text, re.IGNORECASE)
            amount = f"{float(bare[1].replace(',', '.')):.2f}" if bare else ""
            post.cost = (
                "free" if amount == "0.00" else amount or (cost_word(cost) if cost else text[:MAX_FACT])
            )
        case FieldName.CONTACT | FieldName.HELPERS:
            if len(text) > MAX_FACT:
                _keep(session, draft, text)
            post.fields = {**post.fields, name.value: " ".join(text.split())[:MAX_FACT]}
    return True


def _set_place(session: AsyncSession, draft: Announcement, name: FieldName, text: str, at: Reading) -> str:
    """Where, in somebody's words. What they said besides is taken as a fact that was missing, or kept in the text."""
    found = find_place(text, at.places)
    told = understand(text, now=at.now, zone=at.zone, places=at.places)
    only_place = told.when == When() and told.cost is None and len(text) <= MAX_FACT
    left = _besides_facts(text, at)
    if found is None:
        place = _bare_place(text) if only_place else re.split(r"[,;.\n]", _bare_place(text))[0]
        left = "" if only_place else text
    else:
        place = found.label
        for word in re.findall(r"\w+", place):
            left = re.sub(rf"\b{re.escape(word)}\b", "", left, flags=re.IGNORECASE)
    if name is FieldName.NEW_WHERE:
        draft.post.new_place = place[:MAX_PLACE]
    else:
        draft.post.place = place[:MAX_PLACE]
    took_all = _take_missing(draft, told, at)
    if not took_all or _FILLER.sub("", left):
        _keep(session, draft, text)
    return place


def _besides_facts(text: str, at: Reading) -> str:
    """The words that say neither when nor what it costs."""
    cost = find_cost(text)
    spans = [*read(text, now=at.now, zone=at.zone).spans, *([cost[1]] if cost else [])]
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return text


def _take_missing(draft: Announcement, told: Understood, at: Reading) -> bool:
    """Facts that came along with another one. False if there were some that the draft knows otherwise."""
    took_all = True
    if told.when != When():
        if draft.post.starts_at is None and not draft.post.doubts:
            set_when(draft, FieldName.WHEN, told.when, at.zone)
        else:
            took_all = False
    if told.cost is not None:
        if not draft.post.cost:
            draft.post.cost = cost_word(told.cost)
        took_all = took_all and draft.post.cost == cost_word(told.cost)
    return took_all


def _keep(session: AsyncSession, draft: Announcement, text: str) -> None:
    """Put the words under the text: what was typed for one fact and says more than it is not lost."""
    write(session, draft, draft.original.title, f"{draft.original.body}\n{text}".strip())


def change(session: AsyncSession, draft: Announcement, text: str, at: Reading) -> bool:
    """Words typed below the preview. True if they were facts and nothing else; False: ask what they are meant for."""
    text = strip_controls(text).strip()
    when = read_when(text, now=at.now, zone=at.zone)
    place, cost = find_place(text, at.places), read_cost(text)
    understood = understand(text, now=at.now, zone=at.zone, places=at.places)
    left = (
        _FILLER.sub("", f"{understood.title} {understood.body}") if when != When() or place or cost else text
    )
    named = _PLACE.match(text)
    if when == When() and place is None and cost is None:
        if named is None or len(text) > MAX_FACT:
            return False
        set_field(session, draft, _place_field(draft), text, at)
        return True
    if len(left) > 30 or len(text) > MAX_FACT:
        return False
    if when != When():
        set_when(draft, _when_field(draft), _completed(draft, when, at), at.zone)
    if place is not None:
        set_field(session, draft, _place_field(draft), place.label, at)
    if cost is not None:
        draft.post.cost = cost_word(cost)
    return True


def settle(draft: Announcement, open_doubt: OpenDoubt, choice: Moment, zone: ZoneInfo) -> None:
    """The person chose one of the moments a doubt offered."""
    doubts = from_json(draft.post.doubts, zone)
    when = reading(choice, doubts, open_doubt.field)
    set_when(draft, open_doubt.field, answered(when, open_doubt.doubt, choice), zone)


def set_when(draft: Announcement, name: FieldName, when: When, zone: ZoneInfo) -> None:
    """Put a reading into the row, with its doubts in place of older ones about the same fact."""
    post = draft.post
    if name is FieldName.NEW_WHEN:
        post.new_starts_at, post.new_ends_at, post.new_all_day = when.starts_at, when.ends_at, when.all_day
    elif name is FieldName.UNTIL:
        post.ends_at = when.ends_at or when.starts_at
    else:
        post.starts_at, post.ends_at, post.all_day = when.starts_at, when.ends_at, when.all_day
    others = [row for row in post.doubts if row["field"] != name.value]
    post.doubts = [*others, *to_json(name, when.doubts)]


def cost_word(cost: Cost | None) -> str:
    """As `Post.cost` keeps it."""
    if cost is None:
        return ""
    if cost.free or cost.cents == 0:
        return "free"
    return f"{cost.cents / 100:.2f}" if cost.cents is not None else cost.text[:MAX_FACT]


def _set_moment(draft: Announcement, name: FieldName, text: str, at: Reading) -> bool:
    when = read_when(text, now=at.now, zone=at.zone)
    if when == When():
        return False
    if name is FieldName.UNTIL:
        end = Moment(None, when.ends_at or when.starts_at, when.all_day)
        when = When(end.starts_at, end.ends_at, end.all_day, when.doubts)
    set_when(draft, name, _completed(draft, when, at, of_end=name is FieldName.UNTIL), at.zone)
    return True


def _completed(draft: Announcement, when: When, at: Reading, *, of_end: bool = False) -> When:
    """ "16 Uhr" keeps the day there was, "Freitag" keeps the time there was."""
    start = draft.post.starts_at
    if start is None:
        return when
    start = start.astimezone(at.zone)
    kinds = {doubt.kind for doubt in when.doubts}
    if DoubtKind.DAY_MISSING in kinds:
        first = when.starts_at or when.ends_at
        if first is None:
            return when
        days = start.date() - first.date()
        moved = [moment + days if moment else None for moment in (when.starts_at, when.ends_at)]
        if of_end and moved[1] is not None and moved[1] <= start:
            moved[1] += timedelta(days=1)
        rest = tuple(
            doubt for doubt in when.doubts if doubt.kind not in (DoubtKind.DAY_MISSING, DoubtKind.PAST)
        )
        return When(moved[0], moved[1], when.all_day, rest)
    if when.all_day and when.starts_at and not when.ends_at and not draft.post.all_day and not of_end:
        days = when.starts_at.date() - start.date()
        end = draft.post.ends_at
        moved_end = end.astimezone(at.zone) + days if end else None
        return When(start + days, moved_end, False, when.doubts)
    return when


def _when_field(draft: Announcement) -> FieldName:
    return FieldName.NEW_WHEN if draft.post.kind == Kind.MOVED else FieldName.WHEN


def _place_field(draft: Announcement) -> FieldName:
    return FieldName.NEW_WHERE if draft.post.kind == Kind.MOVED and draft.post.new_place else FieldName.WHERE


def _bare_place(text: str) -> str:
    """ "Wo: Marktplatz" is "Marktplatz"; "im Gemeindehaus" stays as it is."""
    named = _PLACE.match(text)
    return " ".join((named[1] if named and named[1] else text).split())
