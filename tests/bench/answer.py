"""Answers: from a message to its answer on the platform in memory, stored, handled and delivered on a real database."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from adapters.memory import MemoryPlatform
from bot.app import House, open_house
from bot.contract import Platform
from bot.delivery.chats import chat_for
from bot.host import Host
from bot.prepare import prepare
from bot.settings import DataSettings, Settings
from tests.bench.report import Figure

PEOPLE = 100
AT_ONCE = 50
ROUNDS = 6
QUESTIONS = ("hilfe", "heute", "/quartier", "menü", "woche", "wie bitte?")


async def measure() -> list[Figure]:
    platform = MemoryPlatform()

    def build(_host: Host) -> Platform:
        return platform

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=DataSettings(folder=Path(folder)))
        await prepare(settings)
        async with open_house(settings, adapters={"memory": build}) as house:
            await _residents(house)
            running = asyncio.create_task(house.run())
            await _ask(platform, "p0", "hilfe")
            alone = [await _ask(platform, f"p{n}", QUESTIONS[n % len(QUESTIONS)]) for n in range(PEOPLE)]
            started = time.perf_counter()
            crowd = await asyncio.gather(*(_chat(platform, f"p{n}") for n in range(AT_ONCE)))
            took = time.perf_counter() - started
            running.cancel()
            await asyncio.wait([running])
    together = [answer for answers in crowd for answer in answers]
    return [
        Figure("answer to one person at a time, p50", _percentile(alone, 50), "s"),
        Figure("answer to one person at a time, p95", _percentile(alone, 95), "s", goal=0.1),
        Figure(f"answer while {AT_ONCE} ask without a pause, p50", _percentile(together, 50), "s"),
        Figure(f"answer while {AT_ONCE} ask without a pause, p95", _percentile(together, 95), "s", goal=2.0),
        Figure("answers a second", len(together) / took, "answers/s"),
    ]


async def _residents(house: House) -> None:
    people = house.features.people
    lane = house.lanes["memory"]
    async with house.database.write() as session:
        for n in range(PEOPLE):
            chat = await chat_for(session, lane, f"p{n}")
            speaker = await people.agree(session, chat.id, "de")
            await people.subscribe(session, speaker.person, 1 + n % 4)


async def _chat(platform: MemoryPlatform, who: str) -> list[float]:
    """Ask, read the answer, ask again."""
    return [await _ask(platform, who, QUESTIONS[n % len(QUESTIONS)]) for n in range(ROUNDS)]


async def _ask(platform: MemoryPlatform, who: str, what: str) -> float:
    """Seconds until the answer is on the phone."""
    phone = platform.phone(who)
    before = len(phone.screen)
    asked = time.perf_counter()
    platform.says(who, what)
    while len(phone.screen) == before:
        await asyncio.sleep(0.001)
    return time.perf_counter() - asked


def _percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100)[percent - 1]
