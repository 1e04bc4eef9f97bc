"""When it may ring again: for each quiet hours that somebody has, the chats and the moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Chat
from bot.people.model import Account, Pace, Person
from bot.people.pace import Habit, after_quiet


async def mornings(session: AsyncSession, now: datetime, zone: ZoneInfo) -> list[tuple[Any, datetime]]:
    """Selects of chats, each with its moment: now, or in the morning. A room has no quiet hours."""
    hours = (await session.execute(select(Person.quiet_from, Person.quiet_to).distinct())).all()
    found: list[tuple[Any, datetime]] = []
    for start, end in hours:
        theirs = select(Account.chat_id).join(Person, Person.id == Account.person_id)
        theirs = theirs.where(Person.quiet_from == start, Person.quiet_to == end)
        habit = Habit(Pace.NOW, quiet_from=start, quiet_to=end)
        found.append((theirs, after_quiet(habit, now, zone)))
    return [*found, (select(Chat.id).where(Chat.is_room), now)]
