"""What a stranger wrote to a platform that is switched off is kept for a day; a neighbour's words are kept longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.clock import ManualClock
from bot.delivery.chats import chat_for, lane_for
from bot.delivery.outbox import Outbox
from bot.dialogue.model import StoredInbound
from bot.people.service import People
from bot.storage import Database


async def test_unread_words_of_strangers_are_forgotten_after_a_day(database: Database) -> None:
    clock = ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
    people = People(clock, Outbox(clock, lambda: None))
    async with database.write() as session:
        lane = await lane_for(session, "off")
        for name in ("stranger", "neighbour"):
            chat = await chat_for(session, lane.id, name)
            if name == "neighbour":
                await people.agree(session, chat.id, "de")
            session.add(
                StoredInbound(
                    lane_id=lane.id,
                    event_id=name,
                    chat_id=chat.id,
                    payload={},
                    received_at=clock.now(),
                    tries=0,
                )
            )
    clock.advance(timedelta(hours=23))
    async with database.write() as session:
        await people.erase_unread(session)
        assert len((await session.scalars(select(StoredInbound.event_id))).all()) == 2
    clock.advance(timedelta(hours=2))
    async with database.write() as session:
        await people.erase_unread(session)
        assert (await session.scalars(select(StoredInbound.event_id))).all() == ["neighbour"]
