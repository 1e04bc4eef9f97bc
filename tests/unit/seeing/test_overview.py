"""How far each post is, as operators see it: every figure by platform, the rate, the time left, never too wide."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.delivery.model import Delivery, Lane, State
from bot.people.model import Pace
from bot.prepare import NotReadyError
from bot.seeing import overview
from bot.seeing.overview import as_json, gather
from bot.seeing.table import as_table, in_words
from tests.unit.posts.test_publishing import CAKE
from tests.unit.posts.town import PostsTown, at


async def half_way(town: PostsTown) -> int:
    """A post of which 6 copies arrived within the last 3 seconds, 4 are due, one waits, and 4 ended otherwise."""
    author = await town.staff()
    for _ in range(15):
        await town.resident()
    await town.resident(pace=Pace.WEEKLY)
    await town.resident(web=True)
    sent = await town.published(author, CAKE)
    await town.wake()
    now = town.clock.now()
    *copies, last = [copy for copy in await town.copies(sent.id) if copy.lane_id == town.lane]
    ends = [State.GONE, State.REJECTED, State.UNSURE, State.DROPPED]
    async with town.database.write() as session:
        later = update(Delivery).where(Delivery.id == last.id)
        await session.execute(later.values(due_at=at("2026-11-23T18:00")))
        for number, copy in enumerate(copies):
            values: dict[str, object] = {"state": ends[number - 6]} if 6 <= number < 10 else {}
            if number < 6:
                values = {"state": State.HELD, "held_text": copy.wanted_text, "held_at": now}
            if values:
                await session.execute(update(Delivery).where(Delivery.id == copy.id).values(**values))
    town.clock.advance(timedelta(seconds=3))
    return sent.id


async def test_every_copy_is_counted_once_where_it_stands(town: PostsTown) -> None:
    await half_way(town)
    seen = await gather(town.database, town.clock.now())
    [post] = seen.posts
    total = post.by_lane.of([town.lane])
    counts = (total.reached, total.waiting, total.gone, total.rejected, total.unsure, total.dropped)
    assert counts == (6, 5, 1, 1, 1, 1)
    assert (total.due, total.lately, total.rate(seen.at)) == (4, 6, 2.0)
    assert post.by_lane.of([town.web]).waiting == 1
    assert post.ahead == 1
    assert total.left(seen.at) == 2.0


async def test_a_lane_that_stands_still_leaves_no_time_to_tell(town: PostsTown) -> None:
    await half_way(town)
    town.clock.advance(timedelta(minutes=2))
    seen = await gather(town.database, town.clock.now())
    assert seen.left(seen.posts[0].by_lane) is None
    assert "5 on the way: nothing new arrived within the last minute." in "\n".join(as_table(seen))
    async with town.database.write() as session:
        await session.execute(update(Lane).values(learned_rate=0.02))
    seen = await gather(town.database, town.clock.now())
    assert seen.left(seen.posts[0].by_lane) == 200.0


async def test_the_table_is_for_a_terminal_of_80_columns(town: PostsTown) -> None:
    author = await town.staff()
    await town.published(author, "Heute 18 Uhr " + "sehr " * 30 + "langes Treffen im KAISERS")
    await half_way(town)
    lines = list(as_table(await gather(town.database, town.clock.now())))
    assert [line for line in lines if len(line) > 80] == []
    assert lines[:5] == [
        "2 Kaffee und Kuchen",
        "  sent 12:01, for Südstadt",
        "  platform      reached  waiting   gone  rejected  unsure  dropped      rate",
        "  memory              6        5      1         1       1        1     2.0/s",
        "  web                 0        1      0         0       0        0     0.0/s",
    ]
    assert "  5 on the way: nothing new arrived on web within the last minute." in lines
    assert "  1 later, the first 18:00." in lines
    assert "  1 will read it in their digest." in lines
    at_lanes = lines.index("memory: nobody works on it")
    assert lines[at_lanes : at_lanes + 5] == [
        "memory: nobody works on it",
        "  class             waiting        due      oldest due for",
        "  reply                   1          1  less than a minute",
        "  announcement            5          4  less than a minute",
        "web: nobody works on it",
    ]


async def test_json_says_the_same_and_names_nobody(town: PostsTown) -> None:
    await half_way(town)
    said = json.loads(json.dumps(as_json(await gather(town.database, town.clock.now()))))
    [post] = said["posts"]
    assert (post["number"], post["title"], post["state"]) == (1, "Kaffee und Kuchen", "published")
    assert post["platforms"]["memory"] == {
        "reached": 6, "waiting": 5, "gone": 1, "rejected": 1, "unsure": 1, "dropped": 1, "changing": 0,
        "due": 4, "rate": 2.0, "next_due": "2026-11-23T17:00:00+00:00",
    }  # fmt: skip
    assert said["lanes"][0]["waiting"]["announcement"]["due"] == 4
    assert "resident" not in json.dumps(said)


async def test_one_post_by_its_number_or_a_sentence(town: PostsTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "NEWEST", 2)
    author = await town.staff()
    for _ in range(3):
        await town.published(author, CAKE)
    await town.wake()
    assert len((await gather(town.database, town.clock.now())).posts) == 2
    assert len((await gather(town.database, town.clock.now(), everything=True)).posts) == 3
    [post] = (await gather(town.database, town.clock.now(), 1)).posts
    assert post.number == 1
    with pytest.raises(NotReadyError, match="There is no post with the number 99"):
        await gather(town.database, town.clock.now(), 99)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "less than a minute"),
        (60, "about 1 minute"),
        (700, "about 12 minutes"),
        (4000, "about 1 hour"),
        (30000, "about 8 hours"),
    ],
)
def test_time_left_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
