"""What may happen to the engine, in any order; and how a run of it begins and ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from bot.delivery.ledger import Ledger
from bot.delivery.model import Delivery, Priority
from bot.storage import Database
from tests.unit.delivery.machine.database import answer_at_once, keep_leases_by
from tests.unit.delivery.machine.server import Trouble
from tests.unit.delivery.machine.skipping import SkippingLoop
from tests.unit.delivery.machine.town import CHATS, NOON, PEOPLE, Item, Town
from tests.unit.delivery.machine.verdict import judge

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "0"))
STEPS = int(os.environ.get("MACHINE_STEPS", "30"))
LONG = 3 * 3600.0
"""Seconds within which everything must have settled once nothing goes wrong any more."""

chats = st.sampled_from(CHATS)
some_chats = st.sets(chats, min_size=1)
bulk = st.sampled_from([Priority.ANNOUNCEMENT, Priority.ANNOUNCEMENT, Priority.DIGEST])
any_class = st.sampled_from([Priority.ALERT, Priority.RELAY, Priority.ANNOUNCEMENT, Priority.DIGEST])


class Machine(RuleBasedStateMachine):
    """What may happen. `url` makes an empty database; `several`: more than one program may be up."""

    url: Callable[[], str]
    several = False

    def __init__(self) -> None:
        super().__init__()
        self.loop = SkippingLoop()
        self.town: Town | None = None

    @initialize(keys=st.booleans())
    def begins(self, keys: bool) -> None:
        town = Town.make(type(self).url(), self.loop, keys=keys, several=self.several)
        self.town = self.do(town)
        _towns[:] = [self.town]
        self.do(self._start())

    # --- what people do --------------------------------------------------------------------------------------------

    @rule(priority=any_class, to=some_chats, quartier=st.integers(0, 3), after=st.sampled_from([0, 0, 30]),
          life=st.sampled_from([None, None, 600]))  # fmt: skip
    def publishes(
        self, priority: Priority, to: set[str], quartier: int, after: int, life: int | None
    ) -> None:
        self.do(self.there.publish(priority, to, quartier=quartier, after=after, life=life))

    @rule(quartier=st.integers(0, 3), priority=bulk)
    def publishes_to_all(self, quartier: int, priority: Priority) -> None:
        self.do(self.there.publish(priority, set(CHATS), quartier=quartier, after=0, life=None))

    @rule(to=st.sampled_from(PEOPLE))
    def is_answered(self, to: str) -> None:
        if to not in self.there.erased:
            self.do(self.there.answer(to))

    @precondition(lambda self: self.has_items)
    @rule(data=st.data(), better=st.booleans())
    def is_corrected(self, data: st.DataObject, better: bool) -> None:
        item = self.one_of_the_items(data)
        priority = Priority.DIGEST if better else None
        self.do(self.there.change(item, self.there.words(), priority))

    @precondition(lambda self: self.has_items)
    @rule(data=st.data())
    def is_hidden(self, data: st.DataObject) -> None:
        self.do(self.there.change(self.one_of_the_items(data), self.there.words(), Priority.ALERT))

    @precondition(lambda self: self.has_items)
    @rule(data=st.data())
    def is_restored(self, data: st.DataObject) -> None:
        self.do(self.there.change_back(self.one_of_the_items(data)))

    @precondition(lambda self: self.has_items)
    @rule(data=st.data())
    def is_withdrawn(self, data: st.DataObject) -> None:
        self.do(self.there.change(self.one_of_the_items(data), None))

    @rule(chat=chats)
    def blocks(self, chat: str) -> None:
        self.there.block(chat)

    @rule(chat=chats)
    def unblocks(self, chat: str) -> None:
        if chat in self.there.server.blocked:
            self.do(self.there.unblock(chat))

    @rule(chat=chats)
    def moves(self, chat: str) -> None:
        self.there.server.moves(chat)

    @rule(chat=st.sampled_from(PEOPLE[-2:]))
    def is_erased(self, chat: str) -> None:
        if chat not in self.there.erased:
            self.do(self.there.erase(chat))

    # --- what goes wrong -------------------------------------------------------------------------------------------

    @rule(trouble=st.sampled_from(Trouble), times=st.integers(1, 4))
    def platform_fails(self, trouble: Trouble, times: int) -> None:
        self.there.server.troubles.extend([trouble] * times)

    @rule(allows=st.sampled_from([3, 8, float("inf")]))
    def platform_allows(self, allows: float) -> None:
        self.there.server.allows = allows

    @rule(after=st.booleans(), times=st.integers(1, 2))
    def database_fails(self, after: bool, times: int) -> None:
        if self.there.process is not None:
            self.there.process.database_faults.extend([after] * times)

    @rule(by=st.sampled_from([-3600, -5, 5, 60, 3600]))
    def clock_jumps(self, by: int) -> None:
        self.there.clock.jump(timedelta(seconds=by))

    @rule()
    def is_killed(self) -> None:
        self.do(self._restart(kill=True))

    @rule(steps=st.integers(0, 12))
    def dies_soon(self, steps: int) -> None:
        if self.there.process is not None:
            self.there.process.dies_after = steps

    @rule()
    def is_restarted(self) -> None:
        self.do(self._restart(kill=False))

    @precondition(lambda self: self.several)
    @rule()
    def loses_its_database(self) -> None:
        """The program goes on without; another one takes over, and then the first can reach the database again."""
        if self.there.process is not None:
            self.there.process.connected.clear()
            self.do(self._start())

    @precondition(lambda self: self.several)
    @rule()
    def reaches_its_database_again(self) -> None:
        for process in self.there.processes:
            process.connected.set()

    @rule(seconds=st.sampled_from([0.01, 0.05, 0.12, 0.4, 1, 3, 20]))
    def time_passes(self, seconds: float) -> None:
        self.do(self._pass(seconds))

    # --- the end ---------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if self.town is not None:
                self.do(self._settle(self.town))
                self.do(judge(self.town))
        except AssertionError as wrong:
            wrong.add_note("\n".join(map(str, self.there.server.requests)))
            raise
        finally:
            if self.town is not None:
                self.do(self._close(self.town))
            self.do(self.loop.shutdown_asyncgens())
            self.loop.close()

    async def _settle(self, town: Town) -> None:
        """Nothing goes wrong any more."""
        town.server.troubles.clear()
        town.server.allows = float("inf")
        for process in town.processes:
            process.connected.set()
            process.database_faults.clear()
            process.dies_after = None
        if not any(process.is_up for process in town.processes):
            await self._start()
        latest = await town.due_at_the_latest()
        if latest is not None and latest > town.clock.now():
            town.clock.jump(latest - town.clock.now() + timedelta(seconds=1))
        town.wake()
        until = self.loop.time() + LONG
        while await _on_the_way(town.database):
            assert self.loop.time() < until, f"still on the way: {await _on_the_way(town.database)}"
            await asyncio.sleep(5)

    async def _close(self, town: Town) -> None:
        for process in town.processes:
            await process.kill()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        await town.database.close()

    async def _start(self) -> None:
        self.there.start()
        await asyncio.sleep(0.01)

    async def _restart(self, *, kill: bool) -> None:
        process = self.there.process
        if process is not None:
            await (process.kill() if kill else process.stop())
        for dead in self.there.processes:
            if dead.is_dead:
                await dead.kill()
        if self.there.process is None:
            await self._start()

    async def _pass(self, seconds: float) -> None:
        """A dead program is started again by its supervisor."""
        await asyncio.sleep(seconds)
        if not any(process.is_up for process in self.there.processes):
            await self._restart(kill=True)

    @property
    def there(self) -> Town:
        assert self.town is not None
        return self.town

    @property
    def has_items(self) -> bool:
        return self.town is not None and any(item.says is not None for item in self.town.items)

    def one_of_the_items(self, data: st.DataObject) -> Item:
        return data.draw(st.sampled_from([item for item in self.there.items if item.says is not None]))

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)


async def _on_the_way(database: Database) -> list[int]:
    async with database.read() as session:
        waiting = select(Delivery.id).where(Delivery.state.in_(("pending", "sending")))
        return list((await session.scalars(waiting)).all())


_towns: list[Town] = []
"""That of this example."""


def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine needs to see, and to decide, in the engine."""
    take_over: Callable[[Ledger], Awaitable[int]] = Ledger.take_over

    async def noted(self: Ledger) -> int:
        async with self._database.read() as session:
            rows = await session.scalars(select(Delivery.id).where(Delivery.state == "sending"))
            _towns[0].left_behind.update(rows.all())
        return await take_over(self)

    monkeypatch.setattr(Ledger, "take_over", noted)
    answer_at_once(monkeypatch)
    keep_leases_by(monkeypatch, NOON, lambda: _towns[0].loop.time())


def drive(url: Callable[[], str], *, examples: int, several: bool) -> None:
    """Run the machine. A failure prints the steps that lead to it."""
    machine = type("TheMachine", (Machine,), {"url": staticmethod(url), "several": several})
    long = bool(EXAMPLES)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES or examples,
            stateful_step_count=STEPS,
            derandomize=not long,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink] if os.environ.get("MACHINE_SHRINK") else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
