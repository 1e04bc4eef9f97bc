"""Digests, each once and none missing: clock changes, outages, two leaders, crashes, quiet hours, months of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.delivery.model import Chat, Delivery, Priority, State, StoredText, TextItem
from bot.delivery.outbox import Outbox
from bot.delivery.wire import from_wire
from bot.digests.model import DigestRun
from bot.digests.service import Digests
from bot.digests.writing import Writer
from bot.language import plain
from bot.people import readers as people_readers
from bot.people.model import Account, Pace, Person
from bot.people.pace import Habit, next_digest
from bot.quartiere.model import Offer
from bot.storage import Database
from tests.unit.posts.test_publishing import CAKE
from tests.unit.posts.town import BERLIN, PostsTown, at

SHELVES = "Die Leihregale sind wieder voll"


async def told(town: PostsTown) -> list[tuple[str, datetime, tuple[int, ...]]]:
    """Every digest: to whom, due when, of which items."""
    rows = select(Chat.address, Delivery.due_at, Delivery.wanted_text).join(Chat, Chat.id == Delivery.chat_id)
    async with town.database.read() as session:
        found = (
            await session.execute(rows.where(Delivery.priority == Priority.DIGEST).order_by(Delivery.id))
        ).all()
        items: dict[int, list[int]] = {}
        for text, item in (
            await session.execute(select(TextItem.text, TextItem.item).order_by(TextItem.position))
        ).all():
            items.setdefault(text, []).append(item)
    return [(address, due, tuple(items.get(text or 0, ()))) for address, due, text in found]


async def no_plans(town: PostsTown) -> None:
    """The city has no offers, so that every digest is of announcements."""
    async with town.database.write() as session:
        await session.execute(update(Offer).values(retired=True))


def another(town: PostsTown, database: Database) -> Digests:
    """A second program on the same database."""
    writer: Writer = town.digests._writer
    return Digests(
        town.clock, Outbox(town.clock, lambda: None), writer, town.posts.spread.waits, lambda: BERLIN
    )


async def test_late_after_an_outage_and_not_twice(town: PostsTown) -> None:
    author, reader = await town.staff(), await town.resident(pace=Pace.EVENING)
    await town.wake()
    first = await town.published(author, SHELVES)
    town.clock.set(at("2026-11-25T19:10"))  # down over two slots
    await town.wake()
    await town.wake()
    assert await told(town) == [(reader, at("2026-11-25T19:10").astimezone(UTC), (first.id,))]
    town.clock.set(at("2026-11-26T18:00"))
    await town.wake()
    assert len(await told(town)) == 1


async def test_down_until_the_night_it_waits_for_the_morning(town: PostsTown) -> None:
    author, reader = await town.staff(), await town.resident(pace=Pace.EVENING)
    await town.wake()
    first = await town.published(author, SHELVES)
    town.clock.set(at("2026-11-23T22:00"))
    await town.wake()
    assert await told(town) == [(reader, at("2026-11-24T08:00").astimezone(UTC), (first.id,))]


async def test_a_slot_in_the_quiet_hours_comes_after_them(town: PostsTown) -> None:
    author, reader = await town.staff(), await town.resident(pace=Pace.EVENING)
    await town.change_habit(quiet_from=17, quiet_to=9)
    first = await town.published(author, SHELVES)
    await town.wake()
    for moment in ("2026-11-23T18:00", "2026-11-24T08:00"):
        town.clock.set(at(moment))
        await town.wake()
        assert await told(town) == []
    town.clock.set(at("2026-11-24T09:00"))
    await town.wake()
    assert await told(town) == [(reader, at("2026-11-24T09:00").astimezone(UTC), (first.id,))]


@pytest.mark.parametrize(
    ("hour", "slots"),
    [
        # Set back on 25 October: two o'clock comes twice, the first counts. Put forward on 28 March: it never comes.
        pytest.param(2, ["2026-10-24T00:00Z", "2026-10-25T00:00Z", "2026-10-26T01:00Z"], id="autumn"),
        pytest.param(
            18, ["2026-10-24T16:00Z", "2026-10-25T17:00Z", "2026-10-26T17:00Z"], id="autumn evening"
        ),
        pytest.param(2, ["2027-03-27T01:00Z", "2027-03-28T01:00Z", "2027-03-29T00:00Z"], id="spring"),
        pytest.param(
            18, ["2027-03-27T17:00Z", "2027-03-28T16:00Z", "2027-03-29T16:00Z"], id="spring evening"
        ),
    ],
)
async def test_both_clock_changes(town: PostsTown, hour: int, slots: list[str]) -> None:
    author, reader = await town.staff(), await town.resident(pace=Pace.EVENING)
    await town.change_habit(evening_hour=hour, quiet_from=0, quiet_to=0)
    await no_plans(town)
    moments = [datetime.fromisoformat(slot) for slot in slots]
    town.clock.set(moments[0] - timedelta(hours=3, minutes=30))
    await town.wake()
    await town.published(author, SHELVES)
    while town.clock.now() < moments[-1] + timedelta(hours=4):
        if town.clock.now().hour % 6 == 0 and town.clock.now().minute == 30:
            await town.published(author, SHELVES)
        half = town.clock.now().minute // 30 * 30
        town.clock.set(town.clock.now().replace(minute=half, second=0) + timedelta(minutes=30))
        await town.wake()
    assert [due for _, due, _ in await told(town)] == moments
    assert Counter(item for *_, items in await told(town) for item in items).most_common(1)[0][1] == 1
    assert {address for address, *_ in await told(town)} == {reader}


async def test_a_crash_between_assembly_and_commit_leaves_nothing(
    town: PostsTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, reader = await town.staff(), await town.resident(pace=Pace.EVENING)
    await town.wake()
    first = await town.published(author, SHELVES)
    town.clock.set(at("2026-11-23T18:00"))

    async def breaks(*args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("bot.people.readers.move_marks", breaks)  # the last thing that happens
        with pytest.raises(RuntimeError):
            await town.digests.due(town.database)
    assert await told(town) == []
    async with town.database.read() as session:
        assert (await session.scalars(select(DigestRun))).all() == []
        assert set((await session.scalars(select(Person.digest_mark))).all()) == {0}
    await town.wake()
    assert [(to, items) for to, _, items in await told(town)] == [(reader, (first.id,))]


async def test_of_two_leaders_one_sends(town: PostsTown, database_url: str) -> None:
    author = await town.staff()
    readers = {await town.resident(pace=Pace.EVENING) for _ in range(5)}
    await town.wake()
    await town.published(author, SHELVES)
    other = Database(database_url)
    try:
        for evening in range(4):
            town.clock.set(at("2026-11-23T18:00") + timedelta(days=evening))
            leaders = [another(town, town.database), another(town, other), another(town, other)]
            sent = await asyncio.gather(
                *(
                    leader.due(database)
                    for leader, database in zip(leaders, (town.database, other, other), strict=True)
                )
            )
            assert sorted(sent) == [0, 0, 5]
            await town.published(author, SHELVES)
    finally:
        await other.close()
    assert Counter(to for to, *_ in await told(town)) == dict.fromkeys(readers, 4)


async def test_a_new_reader_is_told_nothing_old(town: PostsTown) -> None:
    author = await town.staff()
    await town.published(author, SHELVES)
    await town.resident(pace=Pace.EVENING)
    town.clock.set(at("2026-11-23T18:00"))
    await town.wake()
    assert await told(town) == []


async def test_after_stop_what_is_still_of_use_comes_once(town: PostsTown) -> None:
    author, reader = await town.staff(), await town.resident(pace=Pace.EVENING)
    await town.wake()
    async with town.database.write() as session:
        person = (await session.scalars(select(Account.person_id).order_by(Account.person_id.desc()))).first()
        assert person is not None
        await town.people.stop(session, person)
    first = await town.published(author, SHELVES)
    town.clock.set(at("2026-11-23T18:00"))
    await town.wake()
    assert await told(town) == []
    async with town.database.write() as session:
        await town.people.resume(session, person)
    for evening in ("2026-11-24T18:00", "2026-11-25T18:00"):
        town.clock.set(at(evening))
        await town.wake()
    assert [(to, items) for to, _, items in await told(town)] == [(reader, (first.id,))]


async def test_an_unsure_announcement_is_carried_once(town: PostsTown) -> None:
    author, reader = await town.staff(), await town.resident()
    other = await town.resident()
    sent = await town.published(author, SHELVES)
    await town.wake()
    async with town.database.write() as session:
        first = (await session.scalars(select(Delivery.id).where(Delivery.item == sent.id))).first()
        lost = update(Delivery).where(Delivery.item == sent.id)
        await session.execute(lost.values(state=State.HELD, held_text=Delivery.wanted_text))
        await session.execute(
            update(Delivery).where(Delivery.id == first).values(state=State.UNSURE, held_text=None)
        )
    for evening in ("2026-11-23T18:00", "2026-11-24T18:00", "2026-11-25T18:00"):
        town.clock.set(at(evening))
        await town.wake()
    assert [(to, items) for to, _, items in await told(town)] == [(reader, (sent.id,))]
    assert other != reader


async def test_texts_are_written_once_per_language_and_item_set(town: PostsTown) -> None:
    author = await town.staff()
    for language in ("de", "de", "ar", "ar", "en"):
        await town.resident(language, pace=Pace.EVENING)
    await town.resident("ar", second="de", pace=Pace.EVENING)
    await town.published(author, CAKE)
    town.clock.set(at("2026-11-23T18:00"))
    await town.wake()
    async with town.database.read() as session:
        texts = (
            await session.scalars(select(StoredText).join(TextItem, TextItem.text == StoredText.id))
        ).all()
    assert sorted(text.language for text in texts) == ["ar", "ar", "de", "en"]
    both = max((plain(from_wire(text.body).body) for text in texts if text.language == "ar"), key=len)
    assert both.index("الجديد في حيّك") < both.index("Neu in deinem Quartier")


async def test_a_long_digest_is_cut_and_says_how_many_more(town: PostsTown) -> None:
    author = await town.staff()
    reader = await town.resident(pace=Pace.EVENING)
    for _ in range(20):
        await town.published(
            author, "Das Nachbarschaftsfrühstück war wunderbar, danke an alle " + "sehr " * 60
        )
    town.clock.set(at("2026-11-23T18:00"))
    await town.wake()
    await town.deliver()
    [text] = town.sees(reader)
    assert len(text) < 3800
    assert "Und noch 8 Sachen." in text
    assert len((await told(town))[0][2]) == 20


# --- seven months --------------------------------------------------------------------------------------------


class Life:
    """What each person must be told, kept in the simplest way: a set of what waits, nothing of marks or runs."""

    def __init__(self) -> None:
        self.waits: dict[str, set[int]] = {}
        self.had: Counter[tuple[str, int]] = Counter()


async def test_seven_months_each_once_and_none_missing(
    town: PostsTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    author = await town.staff()
    await no_plans(town)
    town.clock.set(at("2026-09-01T07:30"))
    await town.wake()
    people = {await town.resident(pace=pace): pace for pace in (*Pace, *Pace)}
    ids = await _ids(town)
    withdrawn: set[int] = set()
    published: dict[int, datetime] = {}
    model = Life()
    end = at("2027-04-03T20:00")
    down_until = town.clock.now()
    real = people_readers.move_marks
    while town.clock.now() < end:
        town.clock.advance(timedelta(minutes=chance.choice((35, 60, 60, 95))))
        if town.clock.now() < down_until:
            continue
        if chance.random() < 0.01:
            down_until = town.clock.now() + timedelta(hours=chance.randint(2, 60))
            continue
        if chance.random() < 0.05:
            who = chance.choice(list(people))
            people[who] = chance.choice(list(Pace))
            async with town.database.write() as session:
                await town.people.set_pace(session, ids[who], people[who])
        if chance.random() < 0.06:
            sent = await town.published(author, SHELVES)
            published[sent.id] = town.clock.now()
            for who, pace in people.items():
                if pace is not Pace.NOW:
                    model.waits.setdefault(who, set()).add(sent.id)
        if published and chance.random() < 0.005:
            gone = chance.choice(list(published))
            if gone not in withdrawn:
                async with town.database.write() as session:
                    await town.posts.corrections.withdraw(session, author, gone)
                withdrawn.add(gone)
        if chance.random() < 0.05:
            monkeypatch.setattr("bot.people.readers.move_marks", _breaks)
            with contextlib.suppress(RuntimeError):
                await town.digests.due(town.database)
            monkeypatch.setattr("bot.people.readers.move_marks", real)
        await town.digests.due(town.database)
    for day in range(1, 9):
        town.clock.set(at("2027-04-03T18:00") + timedelta(days=day))
        await town.digests.due(town.database)
    for to, _, items in await told(town):
        model.had.update((to, item) for item in items)
    expected = {(who, item) for who, items in model.waits.items() for item in items}
    assert [pair for pair, times in model.had.items() if times > 1] == []
    assert set(model.had) - expected == set()
    assert {pair for pair in expected - set(model.had) if pair[1] not in withdrawn} == set()
    assert len(model.had) > 300


async def _breaks(*args: object) -> None:
    raise RuntimeError


async def _ids(town: PostsTown) -> dict[str, int]:
    async with town.database.read() as session:
        rows = select(Chat.address, Account.person_id).join(Account, Account.chat_id == Chat.id)
        return {row.address: row.person_id for row in (await session.execute(rows)).all()}


def test_a_second_two_oclock_is_no_second_slot() -> None:
    habit = Habit(pace=Pace.EVENING, evening_hour=2, quiet_from=0, quiet_to=0)
    first = next_digest(habit, datetime(2026, 10, 24, 12, tzinfo=UTC), BERLIN)
    assert first.astimezone(UTC) == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert next_digest(habit, first.astimezone(UTC), BERLIN).astimezone(UTC) == datetime(
        2026, 10, 26, 1, tzinfo=UTC
    )
