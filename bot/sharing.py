"""This process among those that share a city's database: what it hears from the others, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Platform
from bot.delivery.engine import Engine
from bot.delivery.lease import is_running
from bot.delivery.model import Lane
from bot.dialogue.inbox import Inbox
from bot.ports import Shares
from bot.process import ProcessRole
from bot.storage import Database
from bot.storage.notify import DELIVER, INBOUND, LANE, PLACE, STORED, Listener

SCHEDULE = "schedule"
"""The lane of whoever leads the schedule."""


class Sharing:
    """Hears what other processes tell, and wakes whom it concerns."""

    def __init__(
        self,
        database: Database,
        role: ProcessRole,
        engine: Engine,
        inbox: Inbox,
        platforms: Mapping[int, Platform],
        city_changed: Callable[[], None],
    ) -> None:
        self.role = role
        self.listener = Listener(database, self._heard)
        self._engine = engine
        self._inbox = inbox
        self._platforms = platforms
        self._city_changed = city_changed

    async def owners(self, session: AsyncSession) -> dict[str, str | None]:
        """Which process owns each lane that is set up here, and the schedule's; None: nobody does."""
        held = self._engine.owning.held
        rows = (await session.execute(select(Lane.id, Lane.platform, Lane.owner, is_running()))).all()
        return {
            platform: owner if runs or lane in held else None
            for lane, platform, owner, runs in sorted(rows, key=lambda row: row.platform)
            if lane in self._platforms or platform == SCHEDULE
        }

    async def report(self, session: AsyncSession) -> dict[str, Any]:
        """Which process this is, what it owns, and who owns the rest; for `/healthz`."""
        mine = self._engine.owning
        owners = await self.owners(session)
        lanes = [platform.name for lane, platform in self._platforms.items() if lane in mine.held]
        return {
            "id": mine.name,
            "role": self.role.value,
            "lanes": sorted(lanes),
            "leads": len(mine.held) > len(lanes),
            "owners": owners,
            "unowned": sorted(name for name, owner in owners.items() if owner is None),
        }

    def _heard(self, said: str) -> None:
        word, _, rest = said.partition(" ")
        if word in (DELIVER, ""):
            self._engine.wake()
        if word in (INBOUND, ""):
            self._inbox.wake()
        if word in (LANE, ""):
            self._engine.owning.stir()
        if word in (STORED, ""):
            self._stored(rest)
        if word in (PLACE, ""):
            self._city_changed()

    def _stored(self, rest: str) -> None:
        lane, _, key = rest.partition(" ")
        for each, platform in self._platforms.items():
            if isinstance(platform, Shares) and lane in ("", str(each)):
                platform.stored(key)
