"""A restored database can't know which digests went out since its backup: they don't come again."""

from __future__ import annotations

from bot.digests.skipping import skip
from bot.people.model import Pace
from tests.unit.posts.test_digests import SHELVES, no_plans, told
from tests.unit.posts.town import BERLIN, MONDAY_NOON, PostsTown, at


async def test_slots_since_the_backup_count_as_told(town: PostsTown) -> None:
    await no_plans(town)
    author = await town.staff()
    await town.resident(pace=Pace.EVENING)
    await town.wake()
    await town.published(author, SHELVES)
    town.clock.set(at("2026-11-25T19:10"))
    async with town.database.write() as session:
        await skip(session, MONDAY_NOON, town.clock.now(), BERLIN)
    await town.wake()
    town.clock.set(at("2026-11-26T18:00"))
    await town.wake()
    assert await told(town) == []
