"""What every turn needs of the city without asking the database: its time zone and its first language."""

from __future__ import annotations

import asyncio
import logging
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.quartiere.service import CityInfo, Quartiere
from bot.storage import Database

log = logging.getLogger(__name__)


class Place:
    """A short memory of the city's row: `city load` may run beside the program, so it is told and refreshed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.quartiere = Quartiere(clock)
        self._city: CityInfo | None = None
        self._has_changed = asyncio.Event()

    def changed(self) -> None:
        """Another process loaded the city anew."""
        self._has_changed.set()

    async def follow(self) -> None:
        """Refresh whenever the city changed, until cancelled."""
        while True:
            await self._has_changed.wait()
            self._has_changed.clear()
            try:
                await self.refresh()
            except (SQLAlchemyError, OSError) as fault:
                log.warning("the city could not be read again (%s)", type(fault).__name__)

    async def refresh(self) -> None:
        async with self._database.read() as session:
            self._city = await self.quartiere.city(session)

    @property
    def city(self) -> CityInfo:
        """Raises `LookupError` while no city is loaded."""
        if self._city is None:
            raise LookupError("no city is loaded")
        return self._city

    @property
    def is_loaded(self) -> bool:
        return self._city is not None

    def zone(self) -> ZoneInfo:
        """The city's; UTC while there is none."""
        return self._city.zone if self._city else ZoneInfo("UTC")

    def language(self) -> str:
        """The one everybody falls back to."""
        return self._city.languages[0] if self._city else "de"

    async def missing_duties(self) -> list[str]:
        """Which of imprint, privacy contact and rules the city lacks."""
        async with self._database.read() as session:
            return await self.quartiere.missing_duties(session)
