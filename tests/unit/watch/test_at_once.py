"""Several processes look after one city on PostgreSQL: what one tells, the next finds told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.people.model import Role
from tests.fakes.linked import two_messengers
from tests.unit.locks.meeting import waits


async def test_of_two_who_look_at_once_one_tells(tmp_path: Path, postgres_url: str) -> None:
    async with two_messengers(tmp_path, url=postgres_url) as two:
        await two.linked("karin", Role.COORDINATOR)
        two.house.health.down("alpha", "it refuses our token", login=True)
        two.clock.advance(timedelta(minutes=1))
        watch, found = two.house.watch, two.house.health.watch
        assert found is not None
        troubles = {trouble.code: trouble for trouble in await found.look()}
        async with two.house.database.write() as session:
            await watch._told(session, troubles)
            other = asyncio.create_task(watch.tell())
            assert await waits(two.house.database, other)
        await other
        await two.settled()
        assert len(two.texts(two.beta, "karin")) == 1
