"""A house on two messengers in memory, and people who have an account on both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.memory import MemoryPlatform
from bot.app import House, open_house
from bot.clock import ManualClock
from bot.contract import Platform
from bot.delivery.chats import chat_for
from bot.delivery.model import Lane
from bot.host import Host
from bot.people.model import Account, Role
from bot.settings import DatabaseSettings, Settings
from tests.stories.driver import START
from tests.stories.preparing import prepared


@dataclass
class TwoMessengers:
    """The running house. An address is a person's on both."""

    house: House
    clock: ManualClock
    alpha: MemoryPlatform
    beta: MemoryPlatform

    async def linked(self, address: str, *roles: Role) -> int:
        """Somebody who agreed on alpha, prefers that, and has an account on beta, too. Returns the person's id."""
        features = self.house.features
        async with self.house.database.write() as session:
            first = await chat_for(session, self.house.lanes["alpha"], address)
            second = await chat_for(session, self.house.lanes["beta"], address)
            speaker = await features.people.agree(session, first.id, "de")
            session.add(Account(chat_id=second.id, person_id=speaker.person))
            for role in roles:
                await features.roles.grant(session, speaker.person, role, 0)
            await features.people.set_quiet(session, speaker.person, 20, 8)
        return speaker.person

    async def later(self, by: timedelta) -> None:
        self.clock.advance(by)
        await self.settled()

    async def settled(self) -> None:
        """What people did is answered, what is due is sent."""
        for _ in range(3):
            for platform in (self.alpha, self.beta):
                await self._arrived(platform)
            await self.house.features.inbox.settled()
            await self.house.wake()
            self.house.engine.wake()
            await self.house.engine.settled()

    async def _arrived(self, platform: MemoryPlatform) -> None:
        while True:
            async with self.house.database.read() as session:
                row = await session.get_one(Lane, self.house.lanes[platform.name])
                if int(row.cursor or 0) >= platform.happened:
                    return
            await asyncio.sleep(0.002)

    @staticmethod
    def texts(platform: MemoryPlatform, address: str) -> list[str]:
        """What stands in the chat there."""
        return [shown.text for shown in platform.phone(address).screen]


@asynccontextmanager
async def two_messengers(
    folder: Path, *, clock: ManualClock | None = None, url: str = ""
) -> AsyncIterator[TwoMessengers]:
    """Opened again on the same folder, it remembers everything but what the messengers show."""
    clock = clock or ManualClock(START)
    alpha, beta = MemoryPlatform(name="alpha", clock=clock), MemoryPlatform(name="beta", clock=clock)

    def of(platform: Platform, host: Host) -> Platform:
        return platform

    settings = Settings(database=DatabaseSettings(url=url or f"sqlite:///{folder / 'two.sqlite3'}"))
    await prepared(settings, clock)
    adapters = {"alpha": lambda host: of(alpha, host), "beta": lambda host: of(beta, host)}
    async with open_house(settings, clock=clock, adapters=adapters) as house:
        running = asyncio.create_task(house.run())
        try:
            while not all(house.health.was_up(name) for name in adapters):
                await asyncio.sleep(0.002)
            yield TwoMessengers(house, clock, alpha, beta)
        finally:
            running.cancel()
            await asyncio.wait([running])
            if not running.cancelled() and (fault := running.exception()) is not None:
                raise fault
