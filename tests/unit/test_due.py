"""What the clock asks for: one part that fails is recorded, and keeps no other back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import open_house
from bot.clock import ManualClock
from bot.contract import Outgoing
from bot.delivery.chats import chat_for, lane_for
from bot.delivery.model import Delivery, Priority, State
from bot.settings import DatabaseSettings, Settings
from tests.stories.driver import START
from tests.stories.preparing import prepared


async def test_one_that_fails_keeps_no_other_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock(START)
    settings = Settings(database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'town.sqlite3'}"))
    await prepared(settings, clock)
    done: list[str] = []
    async with open_house(settings, clock=clock, adapters={}) as house:

        async def breaks(session: AsyncSession, *_: object) -> None:
            raise ValueError("a row that can't be read")

        async def works(session: AsyncSession) -> None:
            done.append("moderation")

        monkeypatch.setattr(house.features.posts, "publish_due", breaks)
        monkeypatch.setattr(house.features.moderation, "due", works)
        with pytest.raises(ExceptionGroup) as failed:
            await house.wake()
    assert [type(fault) for fault in failed.value.exceptions] == [ValueError]
    assert done == ["moderation"]


async def test_what_is_overdue_ends_also_where_nobody_sends(tmp_path: Path) -> None:
    clock = ManualClock(START)
    settings = Settings(database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'town.sqlite3'}"))
    await prepared(settings, clock)
    async with open_house(settings, clock=clock, adapters={}) as house:
        soon, send = clock.now() + timedelta(hours=1), house.features.outbox.send
        async with house.database.write() as session:
            lane = await lane_for(session, "switched off")
            chat = await chat_for(session, lane.id, "anna")
            await house.features.people.agree(session, chat.id, "de")
            await send(session, chat.id, Outgoing(()), expires_at=soon)
            await send(session, chat.id, Outgoing(()), item=1, priority=Priority.ALERT, expires_at=soon)
        await house.tidy()
        clock.set(soon)
        await house.tidy()
        async with house.database.read() as session:
            left = (await session.execute(select(Delivery.item, Delivery.state))).all()
    assert left == [(1, State.DROPPED)]
