"""Each trouble is told once when it begins and once when it is over, where and when it can be read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from adapters.memory.faults import Fault
from bot.clock import ManualClock
from bot.contract import RateLimited
from bot.delivery.chats import chat_for, lane_for
from bot.delivery.model import AdapterValue
from bot.delivery.outbox import Outbox
from bot.dialogue.model import StoredInbound
from bot.people.model import Role
from bot.watch.look import ENOUGH, LOW, Look
from bot.watch.tell import RESTORED, Tell
from tests.fakes.linked import TwoMessengers, two_messengers
from tests.stories.driver import START
from tests.unit.delivery.world import message

MINUTE = timedelta(minutes=1)
GB = 1_000_000_000


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[TwoMessengers]:
    async with two_messengers(tmp_path) as opened:
        measure(opened, free=5 * GB)
        yield opened


def measure(two: TwoMessengers, **probes: int) -> None:
    """From now on the disk has so many bytes free."""
    look = two.house.health.watch
    assert look is not None
    look.probes = replace(look.probes, free=lambda: probes["free"])


async def look(two: TwoMessengers, *, after: timedelta = MINUTE) -> None:
    two.clock.advance(after)
    await two.house.watch.tell()
    await two.settled()


async def test_a_messenger_that_is_down_is_told_on_the_other_account(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    two.house.health.went("alpha", "No answer from alpha")
    await look(two, after=9 * MINUTE)
    assert two.texts(two.alpha, "karin") + two.texts(two.beta, "karin") == []
    await look(two)
    await look(two)
    (told,) = two.texts(two.beta, "karin")
    assert told.startswith("Alpha ist seit Montag, 23. November, 12 Uhr nicht erreichbar.")
    assert "Für eure Technik: platform:alpha, No answer from alpha" in told
    report = await two.house.health.report()
    assert (report["ok"], report["troubles"]) == (False, ["platform:alpha"])
    two.house.health.went("alpha", "")
    await look(two)
    await look(two)
    assert two.texts(two.beta, "karin") == [told]
    assert two.texts(two.alpha, "karin") == [
        "Entwarnung: Alpha ist wieder da. Was gewartet hat, geht jetzt hinaus."
    ]
    assert (await two.house.health.report())["ok"] is True


async def test_a_hiccup_is_nobodys_trouble(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    for _ in range(4):
        two.house.health.went("alpha", "No answer")
        await look(two, after=5 * MINUTE)
        two.house.health.went("alpha", "")
        await look(two)
    assert two.texts(two.alpha, "karin") + two.texts(two.beta, "karin") == []


async def test_a_process_that_does_not_lead_leaves_disk_and_jobs_to_the_one_that_does(
    two: TwoMessengers,
) -> None:
    await two.linked("karin", Role.COORDINATOR)
    found = two.house.health.watch
    assert found is not None
    for leads, free in ((False, LOW - 1), (True, LOW - 1), (False, 5 * GB)):
        measure(two, free=free)
        found.probes = replace(found.probes, leads=(lambda: True) if leads else (lambda: False))
        await look(two)
        assert len(two.texts(two.alpha, "karin")) == (0 if free == LOW - 1 and not leads else 1)


async def test_a_login_that_is_refused_is_told_at_once(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    two.house.health.down("alpha", "it refuses our token", login=True)
    await look(two)
    (told,) = two.texts(two.beta, "karin")
    assert "Alpha lässt mich nicht mehr hinein" in told


async def test_only_coordinators_are_told(two: TwoMessengers) -> None:
    await two.linked("mina")
    await two.linked("petra", Role.STAFF)
    two.house.health.down("alpha", "it refuses our token", login=True)
    await look(two)
    for somebody in ("mina", "petra"):
        assert two.texts(two.alpha, somebody) + two.texts(two.beta, somebody) == []


async def test_who_sleeps_hears_in_the_morning_or_not_at_all(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    await two.later(timedelta(hours=10))  # 22 o'clock
    two.house.health.down("alpha", "it refuses our token", login=True)
    await look(two)
    assert two.texts(two.beta, "karin") == []
    two.house.health.up("alpha")
    await look(two, after=timedelta(hours=1))
    two.house.health.down("beta", "it refuses our token", login=True)
    await look(two)
    await look(two, after=timedelta(hours=9))
    (told,) = two.texts(two.alpha, "karin")
    assert "Beta lässt mich nicht mehr hinein" in told
    assert two.texts(two.beta, "karin") == []


async def test_little_room_wakes_and_comes_back_only_with_enough(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    await two.later(timedelta(hours=12))
    measure(two, free=LOW - 1)
    await look(two)
    (told,) = two.texts(two.alpha, "karin")
    assert "kaum noch Speicherplatz frei" in told
    assert "disk-low, 499 MB free" in told
    report = await two.house.health.report()
    assert (report["troubles"], report["disk"]) == (["disk-low"], {"free_bytes": LOW - 1})
    measure(two, free=ENOUGH - 1)
    await look(two)
    assert two.texts(two.alpha, "karin") == [told]
    await two.later(timedelta(hours=12))
    measure(two, free=ENOUGH)
    await look(two)
    assert two.texts(two.alpha, "karin")[1].startswith("Entwarnung: Es ist wieder genug Speicherplatz frei.")


@asynccontextmanager
async def no_room(two: TwoMessengers) -> AsyncIterator[None]:
    """The file may not grow, as SQLite itself says, and somebody has found it out."""
    is_full = True

    @event.listens_for(two.house.database.engine.sync_engine, "before_cursor_execute")
    def refuse(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if is_full and statement.startswith(("INSERT", "UPDATE")):
            raise OperationalError(statement, None, Exception("database or disk is full"))

    with pytest.raises(OperationalError):
        async with two.house.database.write() as session:
            await session.execute(text("INSERT INTO counter (name, value) VALUES ('x', 1)"))
    two.clock.advance(MINUTE)
    yield
    is_full = False


def another_process(two: TwoMessengers) -> Tell:
    """What looks after the city in a process that leads the schedule and owns no lane; the house leads no more."""
    look = two.house.health.watch
    assert look is not None
    other = copy(two.house.watch)
    other._owns = lambda _: False
    other._told_directly = set()
    other._look = Look(two.house.database, two.clock, look.probes)
    look.probes = replace(look.probes, leads=lambda: False)
    return other


async def test_a_full_disk_is_told_though_nothing_can_be_written(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    async with no_room(two):
        await two.house.watch.tell()
        await two.house.watch.tell()
        (told,) = two.texts(two.alpha, "karin")
        assert "voll" in told
        assert "disk-full" in (await two.house.health.report())["troubles"]  # type: ignore[operator]
    await look(two)
    await look(two)
    assert two.texts(two.alpha, "karin")[1:] == [
        "Entwarnung: Es ist wieder genug Speicherplatz frei. Alles läuft weiter."
    ]


async def test_of_several_processes_the_owner_of_the_lane_tells_that_the_disk_is_full(
    two: TwoMessengers,
) -> None:
    await two.linked("karin", Role.COORDINATOR)
    other = another_process(two)
    async with no_room(two):
        await other.tell()
        assert two.texts(two.alpha, "karin") + two.texts(two.beta, "karin") == []
        await two.house.watch.tell()
        await other.tell()
        (told,) = two.texts(two.alpha, "karin")
        assert "voll" in told
    await look(two)
    for _ in range(2):
        await other.tell()  # that it is over says whoever leads
        await two.settled()
    assert len(two.texts(two.alpha, "karin")) == 2
    assert two.texts(two.beta, "karin") == []


async def test_what_waits_to_be_sent_though_its_messenger_is_there(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    two.house.health.up("beta")
    two.beta.fails(Fault(RateLimited(3600), times=1_000_000))
    async with two.house.database.write() as session:
        chat = await chat_for(session, two.house.lanes["beta"], "somebody")
        await Outbox(two.clock, two.house.engine.wake).send(session, chat.id, message("Hallo"))
    two.clock.advance(timedelta(minutes=14))
    await two.house.watch.tell()
    assert two.texts(two.alpha, "karin") == []
    two.clock.advance(2 * MINUTE)
    while not two.texts(two.alpha, "karin"):  # while a try is under way, it isn't waiting
        await two.house.watch.tell()
        await asyncio.sleep(0.01)
    (told,) = two.texts(two.alpha, "karin")
    assert told.startswith("Auf Beta warten Nachrichten seit Montag, 23. November, 12 Uhr darauf")
    assert (await two.house.health.report())["troubles"] == ["queue:beta"]


async def test_what_people_wrote_waits(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    two.house.health.up("beta")
    async with two.house.database.write() as session:
        chat = await chat_for(session, two.house.lanes["beta"], "somebody")
        lane = two.house.lanes["beta"]
        session.add(
            StoredInbound(
                lane_id=lane, event_id="e", chat_id=chat.id, payload={}, received_at=two.clock.now()
            )
        )
    await look_only(two, 16 * MINUTE)
    report = await two.house.health.report()
    assert report["troubles"] == ["inbox:beta"]


async def look_only(two: TwoMessengers, after: timedelta) -> None:
    two.clock.advance(after)
    await two.house.watch.tell()


async def test_a_job_that_fails_again_and_again(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    two.house.health.failing = {"due": "OperationalError"}
    await look(two)
    assert two.texts(two.alpha, "karin") == []
    await look(two, after=10 * MINUTE)
    (told,) = two.texts(two.alpha, "karin")
    assert "klappt seit Montag, 23. November, 12:01 Uhr nicht" in told
    assert "job:due, OperationalError" in told
    two.house.health.failing = {}
    await look(two)
    assert two.texts(two.alpha, "karin")[1] == "Entwarnung: Was nicht klappte, läuft wieder."


async def test_a_restart_tells_nothing_twice_and_knows_what_is_over(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with two_messengers(tmp_path, clock=clock) as two:
        measure(two, free=5 * GB)
        await two.linked("karin", Role.COORDINATOR)
        two.house.health.down("alpha", "token", login=True)
        await look(two)
        assert len(two.texts(two.beta, "karin")) == 1
    async with two_messengers(tmp_path, clock=clock) as two:
        measure(two, free=5 * GB)
        two.house.health.down("alpha", "token", login=True)
        await look(two)
        assert two.texts(two.beta, "karin") == []
        two.house.health.up("alpha")
        await look(two)
        assert [told.startswith("Entwarnung") for told in two.texts(two.alpha, "karin")] == [True]


async def test_who_is_erased_is_in_no_note(two: TwoMessengers) -> None:
    karin = await two.linked("karin", Role.COORDINATOR)
    two.house.health.down("alpha", "token", login=True)
    await look(two)
    async with two.house.database.write() as session:
        notes = select(AdapterValue.value).where(AdapterValue.key.startswith("watch "))
        assert f'"told": [{karin}]' in (await session.scalars(notes)).one()
        await two.house.features.register.erase(session, karin)
        assert (await session.scalars(notes)).all() == []


async def test_a_restored_backup_is_told_once(two: TwoMessengers) -> None:
    await two.linked("karin", Role.COORDINATOR)
    async with two.house.database.write() as session:
        lane = (await lane_for(session, "house")).id
        value = '{"taken_at": "2026-11-23T02:30:00+00:00", "drafts": 2}'
        session.add(AdapterValue(lane_id=lane, key=RESTORED, value=value))
    await look(two)
    await look(two)
    (told,) = two.texts(two.alpha, "karin")
    assert "Ich kenne alles bis Montag, 23. November, 3:30 Uhr" in told
    assert "2 Ansagen waren seitdem fällig" in told
