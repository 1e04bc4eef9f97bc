"""One city in several processes on PostgreSQL: each does its part, and another follows one that dies or stalls."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.files import shipped
from bot.operate import load_city
from tests.fakes.botapi.client import BotApi
from tests.fakes.live_page import LivePage, live
from tests.fakes.web_reader import WebReader
from tests.kill import city
from tests.kill.members import City, Member, shared_city
from tests.kill.program import PATIENCE
from tests.kill.test_broadcast import IN_FLIGHT, TITLE, announce, told

pytestmark = [pytest.mark.kill, pytest.mark.timeout(240)]

READERS = range(10_001, 10_151)
ENDED = "SELECT count(*) FROM delivery WHERE item IS NOT NULL AND state NOT IN ('pending', 'sending')"


@pytest.fixture
async def shared(tmp_path: Path, empty_postgres_url: str, api: BotApi) -> AsyncIterator[City]:
    async with shared_city(tmp_path, empty_postgres_url, api) as made:
        yield made


async def test_each_does_its_part_and_a_worker_follows_a_killed_one(shared: City, api: BotApi) -> None:
    # All at once on an empty database: one makes the tables, the others wait for it.
    web, worker, _ = [await shared.start(role, role) for role in ("web", "worker", "scheduler")]
    await asyncio.gather(*(member.is_up() for member in shared.members))
    staff = await api.user(city.STAFF)
    await city.settle(shared.settings, "telegram", [])

    async with WebReader(None, base=web.url) as reader:
        await reader.starts()
        async with live(reader) as page:
            await becomes_a_resident(reader, page)
            await announce(staff)
            await staff.waits_for("Geht in 30 Sekunden raus.", seconds=PATIENCE)
            await city.half_a_minute_passes(shared.settings)
            await page.hears(TITLE)

            second = await shared.start("second worker", "worker")
            await second.is_up()
            await worker.kill()
            await reader.says("/hilfe")
            await page.hears("Rettung 112")

    report = await web.health()
    process = report["process"]
    assert (report["ok"], process["role"], process["lanes"], process["leads"]) == (True, "web", [], False)
    assert set(process["owners"]) == {"schedule", "telegram", "web"}
    assert None not in process["owners"].values()
    assert await shared.owned_by(second) is second

    await a_city_loaded_beside_them_is_known(shared, web)
    for member in (second, web):
        await member.stop()


async def becomes_a_resident(reader: WebReader, page: LivePage) -> None:
    for before, label in (("Weiter", "Weiter auf Deutsch"), ("Südstadt", "Südstadt")):
        await page.hears(before)
        await reader.opens("/chat")
        await reader.taps(label)
    await reader.says("/tempo")
    await page.hears("Sofort")
    await reader.opens("/chat")
    await reader.taps("Sofort")
    await page.hears("Sofort")


async def a_city_loaded_beside_them_is_known(shared: City, web: Member) -> None:
    changed = (shipped("cities") / "hameln.toml").read_text(encoding="utf-8")
    file = Path(shared.settings.data.folder) / "city.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(changed.replace('name = "Hameln"', 'name = "Neu-Hameln"', 1), encoding="utf-8")
    await load_city(shared.settings, file)
    async with httpx.AsyncClient() as browser, asyncio.timeout(10):
        while "Neu-Hameln" not in (await browser.get(f"{web.url}/")).text:
            await asyncio.sleep(0.1)


async def test_a_stalled_owner_is_shut_out_and_a_killed_one_followed(shared: City, api: BotApi) -> None:
    await api.users(READERS)
    staff = await api.user(city.STAFF)
    await city.settle(shared.settings, "telegram", [str(reader) for reader in READERS])
    both = [await shared.start(name, "all") for name in ("one", "two")]
    await asyncio.gather(*(member.is_up() for member in both))
    await announce(staff)
    await staff.waits_for("Geht in 30 Sekunden raus.", seconds=PATIENCE)
    await city.half_a_minute_passes(shared.settings)

    stalled = await shared.owned_by(*both)
    await so_many(shared, 30)
    stalled.stall()
    (other,) = [member for member in both if member is not stalled]
    assert await shared.owned_by(other) is other
    await so_many(shared, 60)
    stalled.wake()
    async with asyncio.timeout(PATIENCE):
        while "the lane is not ours any more" not in stalled.log():
            await asyncio.sleep(0.05)
    await so_many(shared, 90)
    await other.kill()
    await so_many(shared, len(READERS))

    states = Counter((await city.states(shared.settings)).values())
    arrived = [told(texts) for chat, texts in (await api.sends()).items() if chat in READERS]
    assert set(states) <= {"held", "unsure"}
    assert states["unsure"] <= 2 * (IN_FLIGHT + 10)
    assert max(arrived) == 1
    assert sum(arrived) >= states["held"]
    assert (await stalled.health())["process"]["leads"] is True


async def so_many(shared: City, copies: int) -> None:
    """Until so many copies have come to their end."""
    async with asyncio.timeout(PATIENCE):
        while (await shared.ask(ENDED))[0] < copies:
            await asyncio.sleep(0.02)
