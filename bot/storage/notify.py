"""What the processes of one city tell each other: that there is something new to look at, never what.

A word travels by PostgreSQL's NOTIFY with the transaction it belongs to (`Database.write`, `tell`), so nobody looks too
early. It is a wake-up only: a word that gets lost costs the time until the next look. With SQLite there is one process,
and nobody to tell.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bot.storage.database import CHANNEL, Database, tell
from bot.storage.line import line, lost

__all__ = ["DELIVER", "INBOUND", "LANE", "PLACE", "STORED", "Listener", "tell"]

log = logging.getLogger(__name__)

DELIVER, INBOUND, PLACE, LANE = "deliver", "inbound", "place", "lane"
STORED = "stored"
"""With the lane and the key: an adapter's value was written or deleted."""
ANYTHING = ""
"""What a listener hears after it was deaf: anything may have been said meanwhile."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0


class Listener:
    """Hears what other processes tell, on a connection of its own; after a gap `heard` gets `ANYTHING`."""

    def __init__(self, database: Database, heard: Callable[[str], None]) -> None:
        self._database = database
        self._heard = heard
        self._pause = FIRST_PAUSE
        self.is_listening = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled, over lost connections. Returns at once where there is nobody to listen to."""
        if self._database.is_sqlite:
            return
        while True:
            try:
                await self._listen()
            except Exception as fault:
                # Whatever it is: without wake-ups everything goes on, by looking again and again.
                log.warning("no wake-ups from other processes (%s); trying again", type(fault).__name__)
            self.is_listening.clear()
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    async def _listen(self) -> None:
        async with line(self._database.url) as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            if driver is None:
                return
            await driver.add_listener(CHANNEL, lambda _connection, _pid, _channel, said: self._hear(said))
            self._pause = FIRST_PAUSE
            self.is_listening.set()
            self._heard(ANYTHING)
            await lost(connection)

    def _hear(self, said: str) -> None:
        whose, _, word = said.partition(" ")
        if whose != self._database.name:
            self._heard(word)
