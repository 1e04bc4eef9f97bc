"""The inbox's promises: every event counts once, in its chat's order, and one that fails fails alone."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Happened, Inbound
from bot.delivery.chats import lane_for
from bot.delivery.model import Chat, Lane
from bot.dialogue import Turn
from bot.dialogue.inbox import MAX_TRIES, SIDE_BY_SIDE
from bot.dialogue.model import Conversation, StoredInbound
from bot.logs import set_up
from bot.settings import LogSettings
from bot.storage import Database
from tests.unit.dialogue.desk import BROKEN, Desk, echo, event


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.make(database)


@pytest.fixture
async def log() -> AsyncIterator[io.StringIO]:
    """What the program would write on standard error."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    set_up(LogSettings(), stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


async def breaks(turn: Turn) -> None:
    """Takes its effect, and then breaks."""
    await turn.session.execute(update(Chat).values(reachable=False))
    await echo(turn)
    raise ValueError(f"this message must not be quoted: {turn.text}")


# --- once ----------------------------------------------------------------------------------------------------


async def test_the_same_event_counts_once(desk: Desk) -> None:
    await desk.handled(event("1", "mina", "hallo"), event("1", "mina", "hallo"))
    await desk.handled(event("1", "mina", "hallo"))
    assert await desk.said() == {"mina": ["hallo"]}


async def test_a_turn_that_another_process_has_had_is_not_had_again(postgres_url: str) -> None:
    """As after a stall: the lane's next owner handled the event while this process stood still."""
    databases = [Database(postgres_url) for _ in range(2)]
    late, owner = [await Desk.make(database) for database in databases]
    await late.inbox.store(
        late.lane, [event("1", "mina", "Foto", what=Happened.ATTACHMENT, file="slow")], None
    )
    async with late.running():
        while not late.fetched:
            await asyncio.sleep(0.005)
        owner.fetched["slow"].set()
        async with owner.running():
            await owner.inbox.settled()
        late.fetched["slow"].set()
        await late.inbox.settled()
    (row,) = await late.rows()
    assert (len((await late.said())["mina"]), row.tries) == (1, 0)
    for database in databases:
        await database.close()


async def test_two_processes_at_once_have_each_turn_once(postgres_url: str) -> None:
    databases = [Database(postgres_url) for _ in range(2)]
    one, two = [await Desk.make(database) for database in databases]
    events = [event(f"{n}", f"p{n % 5}", f"{n}") for n in range(40)]
    await one.inbox.store(one.lane, events, None)
    async with one.running(), two.running():
        await one.inbox.settled()
        await two.inbox.settled()
    assert await one.said() == {f"p{n}": [f"{m}" for m in range(n, 40, 5)] for n in range(5)}
    for database in databases:
        await database.close()


async def test_events_and_cursor_are_stored_together(desk: Desk) -> None:
    async def cursor() -> str | None:
        async with desk.database.read() as session:
            return (await session.get_one(Lane, desk.lane)).cursor

    await desk.inbox.store(desk.lane, [event("1", "mina", "hallo")], "7001")
    assert await cursor() == "7001"
    await desk.inbox.store(desk.lane, [], None)
    assert await cursor() == "7001"
    with pytest.raises(UnicodeEncodeError):
        await desk.inbox.store(desk.lane, [event("2", "mina"), event("3", "no address \ud800")], "7003")
    assert await cursor() == "7001"
    assert [row.event_id for row in await desk.rows()] == ["1"]


async def test_effects_answer_and_done_are_one_transaction(desk: Desk) -> None:
    desk.handler = breaks
    await desk.handled(event("1", "mina", "hallo"))
    async with desk.database.read() as session:
        assert (await session.scalars(select(Chat.reachable))).all() == [True]
    assert await desk.said() == {"mina": [BROKEN]}


async def test_the_payload_is_erased_when_done(desk: Desk) -> None:
    await desk.handled(event("1", "mina", "ein Geheimnis"))
    assert [(row.event_id, row.payload, row.done_at) for row in await desk.rows()] == [
        ("1", None, desk.clock.now())
    ]


async def test_a_turn_under_way_is_finished_before_the_end(desk: Desk) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(turn: Turn) -> None:
        begun.set()
        await go_on.wait()
        await echo(turn)

    desk.handler = slow
    await desk.inbox.store(desk.lane, [event("1", "mina", "hallo")], None)
    async with desk.running():
        await begun.wait()
        asyncio.get_running_loop().call_later(0.02, go_on.set)
    assert await desk.said() == {"mina": ["hallo"]}


async def test_a_turn_that_outlasts_the_end_is_undone_and_comes_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dialogue.inbox.FAREWELL", 0.01)
    begun = asyncio.Event()

    async def endless(turn: Turn) -> None:
        await turn.session.execute(update(Chat).values(reachable=False))
        begun.set()
        await asyncio.Event().wait()

    desk.handler = endless
    await desk.inbox.store(desk.lane, [event("1", "mina", "hallo")], None)
    async with desk.running():
        await begun.wait()
    async with desk.database.read() as session:
        assert (await session.scalars(select(Chat.reachable))).all() == [True]
    assert [(row.done_at, row.tries) for row in await desk.rows()] == [(None, 0)]
    desk.handler = echo
    async with desk.running():
        await desk.inbox.settled()
    assert await desk.said() == {"mina": ["hallo"]}


# --- order ---------------------------------------------------------------------------------------------------


async def test_each_chat_in_its_order_and_a_slow_one_holds_up_no_other(desk: Desk) -> None:
    first = event("1", "mina", "mit Bild", what=Happened.ATTACHMENT, file="photo")
    await desk.inbox.store(desk.lane, [first, event("2", "mina", "danach")], None)
    await desk.inbox.store(desk.lane, [event("3", "omar", "eins"), event("4", "omar", "zwei")], None)
    async with desk.running():
        await desk.until(lambda said: said == {"omar": ["eins", "zwei"]})
        desk.fetched["photo"].set()
        await desk.inbox.settled()
    assert await desk.said() == {"omar": ["eins", "zwei"], "mina": ["mit Bild", "danach"]}


async def test_more_chats_than_are_handled_side_by_side(desk: Desk) -> None:
    people = [f"p{n}" for n in range(SIDE_BY_SIDE + 5)]
    await desk.handled(*(event(f"{who}.{n}", who, str(n)) for n in range(2) for who in people))
    assert await desk.said() == {who: ["0", "1"] for who in people}


# --- failures ------------------------------------------------------------------------------------------------


async def test_what_fails_is_tried_three_times_and_then_set_aside_with_a_word(desk: Desk) -> None:
    tried: list[str] = []

    async def sometimes(turn: Turn) -> None:
        tried.append(turn.text)
        await (breaks if turn.text == "kaputt" else echo)(turn)

    desk.handler = sometimes
    await desk.handled(event("1", "mina", "kaputt"), event("2", "mina", "heil"), event("3", "omar", "heil"))
    assert [text for text in tried if text == "kaputt"] == ["kaputt"] * MAX_TRIES
    assert await desk.said() == {"mina": [BROKEN, "heil"], "omar": ["heil"]}
    assert [(row.tries, row.payload) for row in await desk.rows()] == [
        (MAX_TRIES, None),
        (0, None),
        (0, None),
    ]


async def test_what_fails_once_is_answered_the_next_time(desk: Desk) -> None:
    failures = iter([ValueError()])

    async def once(turn: Turn) -> None:
        for failure in failures:
            raise failure
        await echo(turn)

    desk.handler = once
    await desk.handled(event("1", "mina", "hallo"))
    assert await desk.said() == {"mina": ["hallo"]}


async def test_the_log_names_no_text_and_nobody(desk: Desk, log: io.StringIO) -> None:
    desk.handler = breaks
    await desk.handled(event("event-77", "chat-4711", "ein Geheimnis"))
    assert "bot.dialogue.inbox: a turn failed: ValueError" in log.getvalue()
    assert "an event was set aside after 3 tries" in log.getvalue()
    for private in ("Geheimnis", "4711", "event-77", "must not be quoted"):
        assert private not in log.getvalue()


@pytest.mark.parametrize(
    "unasked",
    [event("1", "room", "kaputt", is_room=True), event("1", "mina", what=Happened.BLOCKED)],
)
async def test_nobody_is_told_where_nobody_asked(desk: Desk, unasked: Inbound) -> None:
    async def broken(turn: Turn) -> None:
        raise ValueError

    desk.routes.gone.append(broken)
    desk.directory.broken = unasked.is_room
    await desk.handled(unasked)
    assert await desk.said() == {}
    assert [row.done_at is not None for row in await desk.rows()] == [True]


async def test_an_event_that_cannot_be_read_fails_alone(desk: Desk) -> None:
    await desk.inbox.store(desk.lane, [event("1", "mina", "alt"), event("2", "omar", "hallo")], None)
    async with desk.database.write() as session:
        unreadable = update(StoredInbound).where(StoredInbound.event_id == "1").values(payload={"what": "?"})
        await session.execute(unreadable)
    async with desk.running():
        await desk.inbox.settled()
    assert await desk.said() == {"omar": ["hallo"]}
    assert [(row.tries, row.done_at is not None) for row in await desk.rows()] == [
        (MAX_TRIES, True),
        (0, True),
    ]


async def test_a_person_who_cannot_even_be_told_holds_up_nobody(desk: Desk) -> None:
    desk.directory.broken = True
    await desk.handled(event("1", "mina", "hallo"))
    assert await desk.said() == {}
    assert [(row.tries, row.payload) for row in await desk.rows()] == [(MAX_TRIES, None)]


async def test_a_locked_database_costs_no_try(desk: Desk, database: Database, log: io.StringIO) -> None:
    """Another program holds the write lock: nothing is lost, nothing is counted, and then it goes on."""
    await desk.inbox.store(desk.lane, [event("1", "mina", "hallo")], None)
    other = Database(database.url.render_as_string())
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA busy_timeout=1")
    async with other.write():
        async with desk.running():
            while "could not be noted" not in log.getvalue():
                await asyncio.sleep(0.005)
        assert [(row.tries, row.done_at) for row in await desk.rows()] == [(0, None)]
    async with desk.running():
        await desk.inbox.settled()
    await other.close()
    assert await desk.said() == {"mina": ["hallo"]}


async def test_a_database_that_cannot_be_read_does_not_end_the_inbox(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.inbox.store(desk.lane, [event("1", "mina", "hallo")], None)
    real, faults = desk.database.read, iter([OperationalError("SELECT", None, Exception("disk I/O error"))])

    def read() -> AbstractAsyncContextManager[AsyncSession]:
        for fault in faults:
            raise fault
        return real()

    monkeypatch.setattr(desk.database, "read", read)
    async with desk.running():
        await desk.until(lambda said: said == {"mina": ["hallo"]})


# --- what is kept --------------------------------------------------------------------------------------------


async def test_events_of_a_platform_that_is_switched_off_wait_and_take_up_no_room(desk: Desk) -> None:
    async with desk.database.write() as session:
        off = (await lane_for(session, "pigeons")).id
    await desk.inbox.store(off, [event("1", f"p{n}", "hallo") for n in range(1)], None)
    await desk.inbox.store(off, [event(f"{n}", f"p{n}", "gurr") for n in range(2, SIDE_BY_SIDE + 5)], None)
    await desk.handled(event("1", "mina", "hallo"))
    assert await desk.said() == {"mina": ["hallo"]}
    waiting = [row for row in await desk.rows() if row.done_at is None]
    assert len(waiting) == SIDE_BY_SIDE + 4
    assert all(row.payload for row in waiting)


async def test_a_stranger_gets_an_answer_and_keeps_no_conversation(desk: Desk) -> None:
    async def asks(turn: Turn) -> None:
        turn.expect("name")
        await echo(turn)

    desk.handler = asks
    desk.directory.strangers.add("stranger")
    await desk.handled(event("1", "stranger", "hallo"), event("2", "mina", "hallo"))
    assert await desk.said() == {"stranger": ["hallo"], "mina": ["hallo"]}
    async with desk.database.read() as session:
        kept = select(Chat.address).join(Conversation, Conversation.chat_id == Chat.id)
        assert (await session.scalars(kept)).all() == ["mina"]


async def test_who_is_erased_keeps_no_conversation(desk: Desk) -> None:
    await desk.handled(event("1", "mina", "hallo"))

    async def forgets(turn: Turn) -> None:
        turn.forget = True
        await echo(turn)

    desk.handler = forgets
    await desk.handled(event("2", "mina", "lösch mich"))
    assert await desk.said() == {"mina": ["hallo", "lösch mich"]}
    async with desk.database.read() as session:
        assert (await session.scalars(select(Conversation.chat_id))).all() == []


async def test_ids_are_forgotten_after_a_day_and_open_events_are_not(desk: Desk) -> None:
    await desk.handled(event("old", "mina", "hallo"))
    await desk.inbox.store(
        desk.lane, [event("open", "mina", "offen"), event("lost", "omar", "verwaist")], None
    )
    async with desk.database.write() as session:
        await session.execute(delete(Chat).where(Chat.address == "omar"))
    desk.clock.advance(timedelta(hours=24))
    assert await desk.forgets() == 0
    await desk.handled(event("new", "mina", "neu"))
    async with desk.database.write() as session:
        await session.execute(
            update(StoredInbound).where(StoredInbound.event_id == "open").values(done_at=None)
        )
    desk.clock.advance(timedelta(seconds=1))
    assert await desk.forgets() == 2
    assert [row.event_id for row in await desk.rows()] == ["open", "new"]


async def test_settled_says_when_nobody_works(desk: Desk) -> None:
    async with desk.running():
        pass
    await desk.inbox.store(desk.lane, [event("1", "mina")], None)
    with pytest.raises(RuntimeError):
        await desk.inbox.settled()
