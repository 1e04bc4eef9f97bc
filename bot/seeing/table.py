"""What `quartierbote deliveries` prints for a person: never wider than 80 columns, times in the city's zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from textwrap import shorten

from bot.posts.leaving.tally import Tally
from bot.seeing.overview import LaneSeen, PostSeen, Seen

WIDTH = 80
_STATES = {"awaiting": "waits for a second person", "scheduled": "goes out", "published": "sent"}
_POST_COLUMNS = ("platform", "reached", "waiting", "gone", "rejected", "unsure", "dropped", "rate")
_POST_WIDTHS = (12, 9, 9, 7, 10, 8, 9, 10)
_LANE_COLUMNS = ("class", "waiting", "due", "oldest due for")
_LANE_WIDTHS = (14, 11, 11, 20)


def as_table(seen: Seen) -> Iterator[str]:
    """One line each."""
    if not seen.posts:
        yield "Nothing was announced yet."
    for post in seen.posts:
        yield from _post(seen, post)
        yield ""
    for lane in seen.lanes:
        yield from _lane(seen, lane)


def in_words(seconds: float) -> str:
    """A span of time, roughly."""
    if seconds < 60:
        return "less than a minute"
    if seconds < 3600:
        return f"about {_counted(round(seconds / 60), 'minute')}"
    return f"about {_counted(round(seconds / 3600), 'hour')}"


def _post(seen: Seen, post: PostSeen) -> Iterator[str]:
    number = str(post.number) if post.number is not None else "–"
    yield shorten(f"{number} {post.title}", WIDTH, placeholder=" …")
    state = _STATES.get(post.state, post.state)
    moment = f" {_moment(seen, post.at)}" if post.at and post.state != "awaiting" else ""
    whom = f"{state}{moment}, for {', '.join(post.quartiere)}"
    yield f"  {shorten(whom, WIDTH - 2, placeholder=' …')}"
    lanes = sorted(post.by_lane.lanes.items())
    if lanes:
        yield _row(_POST_COLUMNS, _POST_WIDTHS)
        for lane, tally in lanes:
            yield _row(_figures(seen, seen.platforms.get(lane, "?"), tally), _POST_WIDTHS)
        if len(lanes) > 1:
            yield _row(_figures(seen, "all", post.by_lane.total), _POST_WIDTHS)
    for sentence in _sentences(seen, post):
        yield f"  {sentence}"


def _figures(seen: Seen, name: str, tally: Tally) -> Sequence[str]:
    counts = (tally.reached, tally.waiting, tally.gone, tally.rejected, tally.unsure, tally.dropped)
    return (name[:11], *(f"{count:,}" for count in counts), f"{tally.rate(seen.at):.1f}/s")


def _sentences(seen: Seen, post: PostSeen) -> Iterator[str]:
    total = post.by_lane.total
    if total.due:
        left = seen.left(post.by_lane)
        takes = _stands_still(seen, post) if left is None else f"{in_words(left)} left"
        yield f"{total.due:,} on the way: {takes}."
    later = total.waiting + total.changing - total.due
    if later > 0 and total.later:
        yield f"{later:,} later, the first {_moment(seen, total.later)}."
    if total.changing:
        yield f"{total.changing:,} of those reached are being corrected or taken back."
    if post.ahead:
        yield f"{post.ahead:,} will read it in their digest."


def _stands_still(seen: Seen, post: PostSeen) -> str:
    """Why nobody can tell how long it takes: which messenger brings nothing, or all of them."""
    still = [
        seen.platforms.get(lane, "?")
        for lane, tally in sorted(post.by_lane.lanes.items())
        if tally.due and not tally.lately
    ]
    which = f" on {', '.join(still)}" if post.by_lane.total.lately else ""
    return f"nothing new arrived{which} within the last minute"


def _lane(seen: Seen, lane: LaneSeen) -> Iterator[str]:
    learned = f", learned rate {lane.learned_rate:.1f}/s" if lane.learned_rate is not None else ""
    yield f"{lane.platform}: {_owner(seen, lane)}{learned}"
    if not lane.waiting:
        yield "  nothing waits"
        return
    yield _row(_LANE_COLUMNS, _LANE_WIDTHS)
    for one in lane.waiting:
        age = in_words(one.age(seen.at)) if one.due else "–"
        row = (one.priority.name.lower(), f"{one.pending:,}", f"{one.due:,}", age)
        yield _row(row, _LANE_WIDTHS)


def _owner(seen: Seen, lane: LaneSeen) -> str:
    if lane.owner is None:
        return "nobody works on it"
    name, until = lane.owner[:16], lane.lease_until
    if not lane.is_owned:
        return f"left by {name}, {'whose lease ran out' if until else 'which runs no more'}"
    return f"owned by {name}" + (f", lease until {until.astimezone(seen.zone):%H:%M:%S}" if until else "")


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = cells
    line = f"  {first:<{widths[0]}}" + "".join(
        f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)
    )
    return line.rstrip()


def _moment(seen: Seen, at: datetime) -> str:
    local, today = at.astimezone(seen.zone), seen.at.astimezone(seen.zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
