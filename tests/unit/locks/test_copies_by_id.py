"""Whoever changes several copies locks them by their ids first, so two of them never meet in the middle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import ManualClock
from bot.delivery.outbox import Outbox
from bot.people.service import People
from bot.posts.leaving import copies
from bot.storage import Database
from tests.unit.delivery.world import NOON

ITEM = 1


async def erased(session: AsyncSession) -> None:
    clock = ManualClock(NOON)
    await People(clock, Outbox(clock, lambda: None)).erase(session, 1)


async def unsent(session: AsyncSession) -> None:
    await copies.remove_unsent(session, ITEM)


async def overwritten(session: AsyncSession) -> None:
    await copies.overwrite(session, ITEM, true(), {1: 2}, NOON)


@pytest.mark.parametrize("act", [erased, unsent, overwritten])
async def test_they_are_locked_before_they_are_changed(
    database: Database, act: Callable[[AsyncSession], Awaitable[None]]
) -> None:
    said: list[str] = []

    def listen(*happened: Any) -> None:
        said.append(" ".join(happened[2].split()))

    event.listen(database.engine.sync_engine, "before_cursor_execute", listen)
    async with database.write() as session:
        await act(session)
    changes = ("UPDATE delivery ", "DELETE FROM delivery ")
    changed = next(at for at, words in enumerate(said) if words.startswith(changes))
    assert any("ORDER BY delivery.id FOR UPDATE" in words for words in said[:changed])
