"""Two that wait for each other: one begins again, and nobody notices."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Chat
from bot.dialogue import Turn
from bot.items.service import hold
from bot.people.model import Person
from bot.schedule import Job, Schedule
from bot.storage import Database
from bot.storage.again import again
from tests.unit.dialogue.desk import Desk, echo, event
from tests.unit.locks.meeting import alone, outcome, waits
from tests.unit.locks.test_erased_meanwhile import scheduled
from tests.unit.moderation.hall import Hall


async def test_a_turn_that_was_ended_by_the_database_is_done_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    desk = await Desk.make(database)
    await desk.inbox.store(desk.lane, [event("1", "mina", "hallo"), event("2", "ali", "guten Tag")], None)
    reached = {"mina": asyncio.Event(), "ali": asyncio.Event()}
    began: list[str] = []

    async def crossing(turn: Turn) -> None:
        """Each locks its own chat first and then the other's: a deadlock, the first time."""
        mine = turn.event.conversation
        other = next(name for name in reached if name != mine)
        began.append(mine)
        for address in (mine, other):
            await turn.session.execute(select(Chat.id).where(Chat.address == address).with_for_update())
            reached[mine].set()
            await reached[other].wait()
        await echo(turn)

    desk.handler = crossing
    with caplog.at_level(logging.WARNING):
        async with desk.running():
            await desk.inbox.settled()
    assert await desk.said() == {"mina": ["hallo"], "ali": ["guten Tag"]}
    assert len(began) == 3
    assert [row.tries for row in await desk.rows()] == [0, 0]
    assert caplog.records == []


class Crossing:
    """Another transaction that holds all people, and wants `items` as soon as somebody waits for it."""

    def __init__(self, database: Database, items: list[int]) -> None:
        self._database = database
        self._items = items
        self._task: asyncio.Task[Any] | None = None
        self._locked = asyncio.Event()

    async def meets(self, session: AsyncSession) -> None:
        """The first time, `session`, which holds the items, collides with it."""
        if self._task is None:
            self._task = asyncio.create_task(outcome(alone(self._database, self._cross)))
            await self._locked.wait()
            await session.execute(select(Person.id).with_for_update())

    async def ended(self) -> Any:
        assert self._task is not None
        return await self._task

    async def _cross(self, session: AsyncSession) -> None:
        await session.execute(select(Person.id).with_for_update())
        self._locked.set()
        somebody = asyncio.create_task(asyncio.Event().wait())
        await waits(self._database, somebody)
        somebody.cancel()
        await hold(session, self._items)


async def test_a_scheduled_post_that_collides_is_published_all_the_same(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    town = hall.town
    item, publish = await scheduled(town, await town.staff())
    crossing, leave = Crossing(town.database, [item]), town.posts.publishing._leave

    async def meanwhile(session: AsyncSession, *about: Any) -> bool:
        await crossing.meets(session)
        return await leave(session, *about)

    monkeypatch.setattr(town.posts.publishing, "_leave", meanwhile)
    with caplog.at_level(logging.WARNING):
        assert await again(lambda: alone(town.database, publish)) == [item]
    assert (await crossing.ended(), caplog.records) == (None, [])


async def test_a_job_of_the_clock_that_collides_is_done_again(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    town = hall.town
    item, _ = await scheduled(town, await town.staff())
    crossing, done = Crossing(town.database, [item]), []

    async def works(session: AsyncSession) -> None:
        await hold(session, [item])
        await crossing.meets(session)
        done.append(item)

    async def run() -> None:
        await alone(town.database, works)

    schedule = Schedule([Job("figures", timedelta(minutes=10), run)])
    with caplog.at_level(logging.WARNING):
        await schedule.run_all()
    assert (await crossing.ended(), done, schedule.failures, caplog.records) == (None, [item], {}, [])
