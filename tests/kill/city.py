"""Hameln with its readers and one member of staff, written by the services before the program starts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.web.accounts import Accounts
from bot.app import House, open_house
from bot.clock import RandomIds, SystemClock
from bot.delivery.chats import chat_for, lane_for
from bot.delivery.model import Chat, Delivery
from bot.delivery.store import LaneStore
from bot.people.model import Pace, Role
from bot.posts.model import Post
from bot.prepare import prepare
from bot.settings import Settings

STAFF = 4001
"""The Telegram id of the one who announces."""
QUARTIER = "suedstadt"
TREFFPUNKT = "kaisers"


async def settle(settings: Settings, platform: str, readers: Sequence[str]) -> None:
    """Readers of one Quartier on one platform, all at once and without quiet hours; and staff on Telegram."""
    await prepare(settings)
    async with open_house(settings, connect=False) as house, house.database.write() as session:
        quartier = await house.place.quartiere.by_slug(session, QUARTIER)
        treffpunkt = await house.place.quartiere.treffpunkt_by_slug(session, TREFFPUNKT)
        assert quartier is not None
        assert treffpunkt is not None
        for reader in readers:
            person = await _agree(house, session, platform, reader)
            await house.features.people.subscribe(session, person, quartier.id)
        staff = await _agree(house, session, "telegram", str(STAFF))
        await house.features.roles.grant(session, staff, Role.STAFF, treffpunkt.id)


async def web_accounts(settings: Settings, count: int) -> list[str]:
    """Accounts as readers of the page's chat get them."""
    await prepare(settings)
    async with open_house(settings, connect=False) as house:
        async with house.database.write() as session:
            lane = await lane_for(session, "web")
        accounts = Accounts(LaneStore(house.database, lane.id), SystemClock(), RandomIds(), demo=False)
        return [await accounts.open() for _ in range(count)]


async def half_a_minute_passes(settings: Settings) -> None:
    """While the program is down: what can be undone for 30 seconds can't any more."""
    now = SystemClock().now()
    async with open_house(settings, connect=False) as house, house.database.write() as session:
        await session.execute(update(Delivery).where(Delivery.item.is_not(None)).values(due_at=now))
        await session.execute(update(Post).values(due_at=now))


async def states(settings: Settings) -> dict[str, str]:
    """How each reader's copy of the announcement ended, by address."""
    async with open_house(settings, connect=False) as house, house.database.read() as session:
        rows = select(Chat.address, Delivery.state).join(Chat, Chat.id == Delivery.chat_id)
        found = (await session.execute(rows.where(Delivery.item.is_not(None)))).all()
    assert len(found) == len({row.address for row in found})
    return {row.address: row.state for row in found}


async def _agree(house: House, session: AsyncSession, platform: str, address: str) -> int:
    lane = await lane_for(session, platform)
    chat = await chat_for(session, lane.id, address)
    people = house.features.people
    speaker = await people.agree(session, chat.id, "de")
    await people.set_pace(session, speaker.person, Pace.NOW)
    await people.set_quiet(session, speaker.person, 0, 0)
    return speaker.person
