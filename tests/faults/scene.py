"""One copy, one act, one fault: the real engine on a real database, the real adapter over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Protocol, TypeVar, cast

import pytest

from adapters.memory import MemoryPlatform
from bot.contract import Limits, Outgoing, Paragraph, Platform, Text
from bot.delivery.model import Delivery, Priority, State
from bot.posts.leaving.copies import figures
from bot.storage import Database
from tests.faults import ours
from tests.unit.delivery.world import QUICK, World, until

ITEM = 1
OLD, NEW, AGAIN = "am Samstag", "am Sonntag", "noch einmal"
FREE = Limits(per_second=1e6, per_chat_per_second=1e6, per_room_per_minute=1_000_000, in_flight=10)
PATIENCE = {"time-out": 0.3}
BRISK = replace(
    QUICK, patience=60.0, first_pause=0.03, longest_pause=0.06, farewell=2.0, look_again=0.03, poll=0.1
)
LONGER = frozenset({"429 without a time", ours.KILLED})
"""They last until the program has stopped. Whoever starts anew knows nothing of a 429."""
ENDS = frozenset({"403", "400", "slow answer", ours.AHEAD})
"""While they last the copy comes to its end."""
T = TypeVar("T")


@dataclass
class Asked:
    """What the engine asked of an adapter, and how often that failed."""

    begun: int = 0
    failed: int = 0

    async def noted(self, request: Awaitable[T]) -> T:
        self.begun += 1
        try:
            return await request
        except BaseException:
            self.failed += 1
            raise


class Far(Protocol):
    """A messenger with its far end: it can be struck, and shows what the recipient sees."""

    asked: Asked
    ends: frozenset[str]
    """More faults of the kind of `ENDS`."""
    lost: frozenset[str]
    """Faults after which the message that was to be changed can't be found any more."""

    @property
    def platform(self) -> Platform: ...

    async def address(self, fault: str) -> str:
        """A new recipient."""

    def strikes(self, fault: str, act: str, address: str) -> AbstractAsyncContextManager[None]:
        """The fault lasts as long as this."""

    async def sees(self, address: str) -> list[str]: ...

    async def rang(self, address: str) -> int:
        """How many messages arrived there, edits and deletions apart."""


@dataclass
class Scene:
    """The play of one cell."""

    far: Far
    world: World
    fault: str
    act: str
    log: pytest.LogCaptureFixture
    address: str = ""
    said: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @classmethod
    async def make(
        cls, far: Far, database: Database, fault: str, act: str, log: pytest.LogCaptureFixture
    ) -> Scene:
        tempo = replace(BRISK, patience=PATIENCE.get(fault, BRISK.patience))
        world = await World.make(database, cast("MemoryPlatform", far.platform), tempo=tempo)
        return cls(far, world, fault, act, log, await far.address(fault))

    async def play(self) -> None:
        """Strike, look, calm, look again."""
        text = await self.world.publish(ITEM, OLD, [self.address])
        if self.act != "send":
            await self.world.deliver()
            await self.world.correct(ITEM, text, NEW if self.act == "edit" else None)
        self.far.asked.begun = self.far.asked.failed = 0
        self.log.clear()
        self.log.set_level(logging.INFO, logger="bot")
        lasts = AsyncExitStack()
        try:
            await lasts.enter_async_context(self._strikes())
            async with self.world.running():
                while (row := await self._struck()) is None:
                    await asyncio.sleep(0.01)
                await self._look(row)
                if self.fault not in LONGER:
                    await lasts.aclose()
                    await self.world.engine.settled()
        finally:
            await lasts.aclose()
        await self.world.deliver()
        await self._look(await self.row())

    async def lose_one(self, priority: Priority) -> str:
        """One answer gets lost; how often it rings, and what the row says if it is in doubt."""
        self.world.hooks.repeat = _marked
        if priority is Priority.REPLY:
            await self.world.answer(self.address, OLD)
        else:
            await self.world.publish(ITEM, OLD, [self.address], priority=priority)
        self.far.asked.begun = self.far.asked.failed = 0
        async with self.world.running():
            async with self.far.strikes(self.fault, "send", self.address):
                await until(lambda: self.far.asked.failed > 0)
            await self.world.engine.settled()
        rang, sees = await self.far.rang(self.address), await self.far.sees(self.address)
        rows = await self.world.rows()
        doubt = ", unsure" if any(row.state == State.UNSURE for row in rows) else ""
        marks = [text.startswith(AGAIN) for text in sees]
        marked = {(True,): ", marked", (False, True): ", the second marked"}.get(tuple(marks), "")
        return f"{rang}×{marked}{doubt}"

    @asynccontextmanager
    async def _strikes(self) -> AsyncIterator[None]:
        if self.fault in ours.ALL:
            slowly = self.far.strikes("slow answer", self.act, self.address)
            async with slowly, ours.strikes(self.fault, self.world, self.far.asked):
                yield
        else:
            async with self.far.strikes(self.fault, self.act, self.address):
                yield

    async def _struck(self) -> Delivery | None:
        """The row as the fault has left it; None until it has struck."""
        if self.fault == ours.BACK:
            await self.world.engine.settled()
            return await self.row()
        row = await self.row()
        if row.state not in (State.PENDING, State.SENDING):
            return row
        if self.fault in ours.OF_THE_DATABASE:
            return row if "failed (" in self.log.text else None
        waits = self.fault not in ENDS | self.far.ends and row.state == State.PENDING
        return row if waits and self.far.asked.failed else None

    async def row(self) -> Delivery:
        (row,) = await self.world.rows()
        return row

    async def _look(self, row: Delivery) -> None:
        self.said.append(row.state + (", tried" if row.state == State.PENDING and row.attempts else ""))
        async with self.world.database.read() as session:
            count = (await figures(session, [ITEM], ()))[ITEM]
        self.told += [one.name for one in fields(count) if getattr(count, one.name)]

    # --- what it came to -----------------------------------------------------------------------------------------

    async def cell(self) -> str:
        """What the row said, and for a send how often it rang."""
        rang = f", {await self.far.rang(self.address)}×" if self.act == "send" else ""
        return _then(self.said) + rang

    def sender(self) -> str:
        return _then(self.told)

    def operator(self) -> str:
        """What the lane's own lines say, without when they try again."""
        name = self.world.platform.name
        lines = [record.getMessage() for record in self.log.records]
        own = [line.removeprefix(f"{name}: ").partition(";")[0] for line in lines if line.startswith(name)]
        told = [line for line in own if not re.search("go out again|under way", line)]
        return ", ".join(dict.fromkeys(told)) or "–"

    async def is_consistent(self) -> bool:
        """What the row says is what the recipient sees."""
        row = await self.row()
        sees = await self.far.sees(self.address)
        is_lost = self.act != "send" and self.fault in self.far.lost
        match row.state:
            case State.HELD:
                now = NEW if self.act == "edit" else OLD
                return row.held_text == row.wanted_text is not None and (is_lost or sees == [now])
            case State.DROPPED:
                return row.held_text is None is row.wanted_text and (is_lost or sees == [])
            case State.UNSURE:
                return row.held_text is None and row.wanted_text is not None
        if self.act == "send":
            return row.held_text is None and sees == []
        return row.held_text is not None and row.held_text != row.wanted_text and sees == [OLD]


def _marked(message: Outgoing) -> Outgoing:
    return replace(message, body=(Paragraph(((Text(AGAIN),),)), *message.body))


def _then(words: list[str]) -> str:
    return " → ".join(dict.fromkeys(words)) or "–"
