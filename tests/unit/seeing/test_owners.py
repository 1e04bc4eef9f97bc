"""Who works on a lane, as the command, `/healthz` and the figures tell it of a program that really runs."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from bot.app import House
from bot.clock import SystemClock
from bot.delivery.model import Lane
from bot.seeing.metrics import Metrics
from bot.seeing.overview import LaneSeen, as_json, gather
from bot.seeing.table import as_table
from bot.storage.sole import running_program
from tests.fakes.linked import two_messengers
from tests.unit.seeing.test_metrics import read

LONG = timedelta(days=1)


async def lanes(house: House) -> tuple[dict[str, LaneSeen], str]:
    """The lanes by name, and the table that a person reads."""
    seen = await gather(house.database, SystemClock().now())
    return {lane.platform: lane for lane in seen.lanes}, "\n".join(as_table(seen))


async def leases_end(house: House) -> None:
    """Every lease ran out long ago, by whatever clock."""
    async with house.database.write() as session:
        await session.execute(update(Lane).values(lease_until=SystemClock().now() - LONG))


async def test_on_sqlite_the_program_owns_its_lanes_for_as_long_as_it_runs(tmp_path: Path) -> None:
    async with two_messengers(tmp_path) as two:
        house, name = two.house, two.house.engine.owning.name
        async with running_program(house.database.url):
            await leases_end(house)  # which nobody renews there
            found, table = await lanes(house)
            assert {lane.owner for lane in found.values() if lane.is_owned} == {name}
            assert f"alpha: owned by {name}\n" in table
            assert "ran out" not in table
        found, table = await lanes(house)  # as after kill -9
        assert not any(lane.is_owned for lane in found.values())
        assert f"alpha: left by {name}, which runs no more\n" in table
    async with two_messengers(tmp_path) as two:
        said = json.loads(json.dumps(as_json(await gather(two.house.database, two.clock.now()))))
        [lane] = [one for one in said["lanes"] if one["platform"] == "beta"]
        assert (lane["owned"], lane["lease_until"], lane["takeovers"]) == (False, None, 2)


async def test_on_postgresql_the_lease_tells_by_the_databases_clock(
    tmp_path: Path, postgres_url: str
) -> None:
    async with two_messengers(tmp_path, url=postgres_url) as two:
        house, name = two.house, two.house.engine.owning.name
        # Whoever types the command has a clock that is a day ahead.
        seen = await gather(house.database, SystemClock().now() + LONG)
        assert {lane.platform: lane.is_owned for lane in seen.lanes} == {"alpha": True, "beta": True}
        assert f"alpha: owned by {name}, lease until " in "\n".join(as_table(seen))
        async with house.database.write() as session:
            long_ago = SystemClock().now() - LONG
            session.add(Lane(platform="gamma", owner="gone", epoch=1, lease_until=long_ago))
        found, table = await lanes(house)
        assert [lane.is_owned for lane in found.values()] == [True, True, False]
        assert "gamma: left by gone, whose lease ran out\n" in table
        house.platforms[found["gamma"].id] = two.alpha  # as if it were set up here
        async with house.database.read() as session:
            assert house.health.owners is not None
            owners = await house.health.owners(session)
        assert (owners["alpha"], owners["beta"], owners["gamma"]) == (name, name, None)


async def test_the_schedule_is_no_messenger(tmp_path: Path) -> None:
    async with two_messengers(tmp_path) as two:
        house = two.house
        while not house.health.leads:
            await two.settled()
        found, table = await lanes(house)
        assert (set(found), "schedule" in table) == ({"alpha", "beta"}, False)
        samples = await read(Metrics(house.database, house.clock, house.engine.pulse, house.health))
        owned = "quartierbote_lane_owned"
        shown = {label for name, *labels in samples for label in labels if name != owned and "lane=" in label}
        assert shown == {"lane=alpha", "lane=beta"}
        await leases_end(house)
        samples = await read(Metrics(house.database, house.clock, house.engine.pulse, house.health))
        assert {key: value for key, value in samples.items() if key[0] == owned} == {
            (owned, "lane=alpha"): 1, (owned, "lane=beta"): 1, (owned, "lane=schedule"): 1,
        }  # fmt: skip
