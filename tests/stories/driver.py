"""Stories read as chats: who says what, what comes back. One driver serves every platform.

A `Town` is the real house on a real database, with the platform as its only stand-in (or a real one, against a server
in another process). A `Neighbour` types, taps and sees.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.app import House, open_house
from bot.clock import Ids, ManualClock, RandomIds
from bot.contract import Platform
from bot.host import Host
from bot.people.model import Role
from bot.settings import DatabaseSettings, Settings
from tests.stories.overheard import OVERHEARD, conspicuous
from tests.stories.preparing import prepared

ROUNDS = 3
"""How often at most one thing leads to the next: published, delivered, its sender told."""
START = datetime.fromisoformat("2026-11-23T12:00:00+01:00")
"""A Monday noon in Hameln."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a person sees it."""

    text: str
    buttons: tuple[str, ...] = ()
    id: str = ""


class Hand(Protocol):
    """One person's device on one platform."""

    async def types(self, text: str) -> None: ...

    async def taps(self, label: str) -> None:
        """Tap the newest button with this label."""

    async def answers(self, text: str, to: str) -> None:
        """Reply to the message with the id `to`."""

    async def sends_photo(self, content: bytes, caption: str = "") -> None: ...

    async def blocks(self) -> None: ...

    async def unblocks(self) -> None: ...

    async def seen(self) -> list[Seen]:
        """Everything that stands in the chat now, oldest first; edits and deletions applied."""


class Side(Protocol):
    """One platform as the driver needs it."""

    @property
    def name(self) -> str: ...

    def build(self, host: Host) -> Platform: ...

    async def hand(self, name: str, language: str) -> Hand: ...

    async def arrived(self, house: House) -> None:
        """Return when everything that people did has reached the program."""


class Neighbour:
    """Somebody in a story."""

    def __init__(self, town: Town, hand: Hand, name: str) -> None:
        self.town = town
        self.hand = hand
        self.name = name
        OVERHEARD.somebody(name)
        self._before: list[Seen] = []

    async def says(self, text: str) -> None:
        OVERHEARD.typed(text)
        await self._does(self.hand.types(text))

    async def taps(self, label: str) -> None:
        await self._does(self.hand.taps(label))

    async def replies(self, text: str, *, to: str) -> None:
        """Reply to the newest message that contains `to`."""
        OVERHEARD.typed(text)
        found = [one for one in await self.hand.seen() if to in one.text]
        assert found, f"{self.name} sees nothing that contains {to!r}"
        await self._does(self.hand.answers(text, found[-1].id))

    async def sends_photo(self, content: bytes, caption: str = "") -> None:
        OVERHEARD.typed(caption)
        await self._does(self.hand.sends_photo(content, caption))

    async def new(self) -> list[Seen]:
        """What has come, or changed, since this person last did something."""
        return [one for one in await self.hand.seen() if one not in self._before]

    async def sees(self, *parts: str) -> None:
        """Each part stands in what is new."""
        text = "\n".join(one.text for one in await self.new())
        for part in parts:
            assert part in text, f"{self.name} does not see {part!r} but:\n{text}"

    async def does_not_see(self, *parts: str) -> None:
        text = "\n".join(one.text for one in await self.hand.seen())
        for part in parts:
            assert part not in text, f"{self.name} sees {part!r}:\n{text}"

    async def sees_nothing_new(self) -> None:
        assert await self.new() == []

    async def buttons(self) -> list[str]:
        """The buttons of what is new."""
        return [label for one in await self.new() for label in one.buttons]

    async def _does(self, action: Coroutine[None, None, None]) -> None:
        self._before = await self.hand.seen()
        await action
        await self.town.settled()

    async def looks_away(self) -> None:
        """From here on only what comes later is new."""
        self._before = await self.hand.seen()


class Town:
    """The running house, and its people."""

    def __init__(self, house: House, clock: ManualClock, side: Side) -> None:
        self.house = house
        self.clock = clock
        self.side = side
        self._watching: sqlite3.Connection | None = None

    @property
    def has_buttons(self) -> bool:
        return all(platform.capabilities.buttons for platform in self.house.platforms.values())

    async def newcomer(self, name: str, *, language: str = "de") -> Neighbour:
        """Somebody who never wrote."""
        return Neighbour(self, await self.side.hand(name, language), name)

    async def resident(self, name: str, quartier: str = "Südstadt", *, pace: str = "Sofort") -> Neighbour:
        """A German speaking resident who subscribed."""
        somebody = await self.newcomer(name)
        await somebody.says("/start")
        await somebody.taps("Weiter auf Deutsch")
        await somebody.taps(quartier)
        if pace:
            await somebody.says("/tempo")
            await somebody.taps(pace)
        return somebody

    async def staff(self, name: str, treffpunkt: str = "kaisers", role: Role = Role.STAFF) -> Neighbour:
        """Somebody with a role, taken up by a code; reads the Südstadt at once."""
        somebody = await self.resident(name)
        async with self.house.database.write() as session:
            scope = 0
            if role is Role.STAFF:
                place = await self.house.place.quartiere.treffpunkt_by_slug(session, treffpunkt)
                assert place is not None
                scope = place.id
            code = await self.house.features.roles.invite(session, role, scope)
        await somebody.says(f"/rolle {code}")
        return somebody

    async def later(self, by: timedelta) -> None:
        """Time passes, and what has become due happens."""
        self.clock.advance(by)
        await self.settled()

    async def at(self, local: str) -> None:
        """It is now this local time ("2026-11-25T18:00")."""
        self.clock.set(datetime.fromisoformat(local).replace(tzinfo=self.house.place.zone()))
        await self.settled()

    async def settled(self) -> None:
        """Everything that is due has happened."""
        for _ in range(ROUNDS):
            before = self._written()
            await self.side.arrived(self.house)
            await self.house.features.inbox.settled()
            await self.house.wake()
            self.house.engine.wake()
            await self.house.engine.settled()
            if before is not None and before == self._written():
                return  # a round that wrote nothing: the next would find the same rows at the same time

    def close(self) -> None:
        if self._watching is not None:
            self._watching.close()

    def _written(self) -> int | None:
        """Another number whenever something was written; None where the database doesn't say (PostgreSQL)."""
        if not self.house.database.is_sqlite:
            return None
        if self._watching is None:
            self._watching = sqlite3.connect(self.house.database.url.database or "")
        version: int = self._watching.execute("PRAGMA data_version").fetchone()[0]
        return version


@asynccontextmanager
async def open_town(
    side: Side, folder: Path, *, clock: ManualClock | None = None, ids: Ids | None = None, url: str = ""
) -> AsyncIterator[Town]:
    """A town on `side`, on a database in `folder` (or at `url`); opened again it remembers everything."""
    clock = clock or ManualClock(START)
    settings = Settings(database=DatabaseSettings(url=url or f"sqlite:///{folder / 'town.sqlite3'}"))
    await prepared(settings, clock)
    async with open_house(
        settings, clock=clock, ids=ids or RandomIds(), adapters={side.name: side.build}
    ) as house:
        async with house.database.write() as session:
            await conspicuous(session)
        running = asyncio.create_task(house.run())
        town = Town(house, clock, side)
        try:
            yield town
        finally:
            town.close()
            running.cancel()
            await asyncio.wait([running])
            raise_fault(running)


def raise_fault(running: asyncio.Task[None]) -> None:
    """A house that broke is no quiet end of a story."""
    if not running.cancelled() and (fault := running.exception()) is not None:
        raise fault
