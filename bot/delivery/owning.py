"""What a process does to own a lane: wait until it is free, take it, keep it, and stop when it is another's.

Whatever must not go on in two processes at once hangs on a lane: sending and receiving on a messenger, its inbox, the
schedule. Of any number of processes one owns a lane; the others stand by.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from bot.delivery import lease
from bot.delivery.lease import LaneLostError, Lease
from bot.delivery.pace import Setbacks
from bot.delivery.tempo import Tempo
from bot.ports import Resides
from bot.storage import Database
from bot.storage.notify import LANE, tell
from bot.waiting import wait

log = logging.getLogger(__name__)

Work = Callable[[Lease], Awaitable[None]]
"""What is done with a lane while it is ours. It ends by being cancelled, or with a `LaneLostError`."""
GIVEN_UP = 5
"""So many lives a database may be away before the owner lets go by itself. It sends nothing meanwhile, but it knows how
the last requests ended; if nobody took the lane until the database is back, that is written down."""
LOOK_AFTER = 0.03
"""Seconds after its end that a lease is looked at, at the latest: the owner may have renewed it."""


class Owning:
    """The lanes of one process. `held`: what it owns now, by lane."""

    def __init__(self, database: Database, tempo: Tempo) -> None:
        self.name = secrets.token_hex(4)
        """Of this process, among all that share the database."""
        self.held: dict[int, Lease] = {}
        self._database = database
        self._tempo = tempo
        self._stirred: set[asyncio.Event] = set()
        self._said: set[str] = set()

    def stir(self) -> None:
        """A lane may have become free."""
        for event in self._stirred:
            event.set()

    async def own(self, lane_id: int, name: str, work: Work, home: object = None) -> None:
        """Own the lane whenever nobody else does, and do the work meanwhile. For ever; raises what `work` raises."""
        while True:
            held = await self._take(lane_id, name, home if isinstance(home, Resides) else None)
            self.held[lane_id] = held
            try:
                await self._while_ours(held, work)
            except* LaneLostError:
                log.warning("%s: the lane is not ours any more", name)
            finally:
                del self.held[lane_id]
                await self._give_back(held, name, home if isinstance(home, Resides) else None)

    async def _while_ours(self, held: Lease, work: Work) -> None:
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(self._keep(held))
            await work(held)
            keeping.cancel()

    # --- taking --------------------------------------------------------------------------------------------------

    async def _take(self, lane_id: int, name: str, home: Resides | None) -> Lease:
        """Look again and again. A database that fails is asked ever more slowly."""
        stirred = asyncio.Event()
        self._stirred.add(stirred)
        trouble = Setbacks(self._tempo.first_pause / 4, self._tempo.longest_pause)
        try:
            while True:
                stirred.clear()
                try:
                    found = await self._look(lane_id, name, home)
                except Exception as fault:
                    found = trouble.failed(lease.uptime())
                    said = "%s: taking the lane failed (%s); next try in %.1f s"
                    log.error(said, name, type(fault).__name__, found)  # noqa: TRY400 - see carry.py
                else:
                    trouble.succeeded()
                if isinstance(found, Lease):
                    if not self._database.is_sqlite:
                        log.info("%s: this process (%s) owns the lane now", name, self.name)
                    return found
                await wait(stirred, found)
        finally:
            self._stirred.discard(stirred)

    async def _look(self, lane_id: int, name: str, home: Resides | None) -> Lease | float:
        """The lease, or the seconds until the next look."""
        if not self._database.is_sqlite:
            async with self._database.read() as session:
                left = await lease.seconds_left(session, lane_id)
            if left > 0:
                return min(left, self._tempo.renew) + random.uniform(0, LOOK_AFTER)  # noqa: S311 - no secret
            if home is not None:
                return await self._move_in(lane_id, name, home)
        return await self._taken(lane_id) or LOOK_AFTER

    async def _move_in(self, lane_id: int, name: str, home: Resides) -> Lease | float:
        why = await home.move_in()
        if why:
            if why not in self._said:
                self._said.add(why)
                log.warning("%s: %s", name, why)
            return self._tempo.renew
        taken = None
        try:
            taken = await self._taken(lane_id)
        finally:
            if taken is None:
                await home.move_out()
        return taken or LOOK_AFTER

    async def _taken(self, lane_id: int) -> Lease | None:
        alone, life = self._database.is_sqlite, self._tempo.lease
        asked = lease.uptime()
        async with self._database.write() as session:
            epoch = await lease.take(session, lane_id, self.name, life, alone=alone)
        if epoch is None:
            return None
        return Lease(lane_id, epoch, None if alone else life, asked)

    # --- keeping -------------------------------------------------------------------------------------------------

    async def _keep(self, held: Lease) -> None:
        """Renew the lease again and again. Raises `LaneLostError` when another owns the lane."""
        pause = self._tempo.renew
        while held.life is not None:
            await asyncio.sleep(pause)
            asked = lease.uptime()
            try:
                async with asyncio.timeout(held.life / 3), self._database.urgent() as session:
                    is_ours = await lease.renew(session, held.lane_id, held.epoch, held.life)
            except (SQLAlchemyError, OSError) as fault:  # TimeoutError is an OSError
                if lease.uptime() > held.renewed + held.life * GIVEN_UP:
                    log.error("a lease could not be renewed for long (%s)", type(fault).__name__)  # noqa: TRY400 - see carry.py
                    raise LaneLostError from None
                pause = self._tempo.renew / 4
                continue
            if not is_ours:
                raise LaneLostError
            held.renewed, pause = asked, self._tempo.renew

    async def _give_back(self, held: Lease, name: str, home: Resides | None) -> None:
        try:
            if home is not None and not self._database.is_sqlite:
                await home.move_out()
            async with self._database.write() as session:
                await lease.give_back(session, held.lane_id, held.epoch)
                tell(session, LANE)
        except (SQLAlchemyError, OSError) as fault:
            log.warning("%s: the lane could not be given back (%s)", name, type(fault).__name__)
