"""Slots that count as done though no run is noted: a restored database can't know what was sent since its backup."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.digests.model import DigestRun
from bot.people import readers as people
from bot.people.pace import next_digest, next_evening
from bot.storage.counter_model import PUBLICATION, reached
from bot.storage.portable import insert_new


async def skip(session: AsyncSession, since: datetime, now: datetime, zone: ZoneInfo) -> None:
    """No digest goes out for the slots from `since` to `now`: it may have arrived, and bulk is never sent twice.

    Whose own slot lies between is taken to have been told everything that was there.
    """
    local = now.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    hour = local.astimezone(UTC)
    habits = await people.habits(session)
    passed = [habit for habit in habits if next_digest(habit, since, zone) <= hour]
    if not passed and all(next_evening(habit, since, zone) > hour for habit in habits):
        return
    told = [person for crowd in await people.crowds(session, passed) for person, _ in crowd.members]
    await people.move_marks(session, told, await reached(session, PUBLICATION))
    await insert_new(
        session, DigestRun, slot=f"{local.hour:02d}", local_date=local.date(), at=hour, item=None
    )
