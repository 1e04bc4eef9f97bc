"""Two turns that wait for each other: one begins again, and nobody notices."""

from __future__ import annotations

import asyncio
import logging

import pytest
from sqlalchemy import select

from bot.delivery.model import Chat
from bot.dialogue import Turn
from bot.storage import Database
from tests.unit.dialogue.desk import Desk, echo, event


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
