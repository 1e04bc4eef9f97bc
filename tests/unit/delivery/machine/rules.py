"""What may happen to the engine, in any order; and how one example begins and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.delivery.model import Priority
from tests.unit.delivery.machine.process import Process
from tests.unit.delivery.machine.server import STALL, Trouble
from tests.unit.delivery.machine.skipping import SkippingLoop
from tests.unit.delivery.machine.town import CHATS, PEOPLE, TOWNS, Item, Town
from tests.unit.delivery.machine.verdict import judge

LONG = 3 * 3600.0
"""Seconds within which everything must have settled once nothing goes wrong any more."""

Happens = TypeVar("Happens", bound=Callable[..., None])

chats = st.sampled_from(CHATS)
quartiere = st.integers(0, 3)
latest = st.sampled_from([0, 0, 1, 1, 2, 4])
some_chats = st.sets(chats, min_size=1)
bulk = st.sampled_from([Priority.ANNOUNCEMENT, Priority.ANNOUNCEMENT, Priority.DIGEST])
any_class = st.sampled_from([Priority.ALERT, Priority.RELAY, Priority.ANNOUNCEMENT, Priority.DIGEST])


_STEPS: list[st.SearchStrategy[Step]] = []


@dataclass(frozen=True, repr=False)
class Step:
    """Something that happens. Hypothesis would leave out half of its rules in each example; of these it has all."""

    happens: Callable[..., None]
    how: dict[str, Any]

    def __repr__(self) -> str:
        how = ", ".join(f"{name}={value!r}" for name, value in self.how.items())
        return f"{self.happens.__name__}({how})"


def step(often: int = 1, **choices: st.SearchStrategy[Any]) -> Callable[[Happens], Happens]:
    """What the machine may do, so many times as often as other things."""

    def known(happens: Happens) -> Happens:
        chosen = st.fixed_dictionaries(choices).map(partial(Step, happens))
        _STEPS.extend([chosen] * often)
        return happens

    return known


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
        TOWNS[:] = [self.town]
        self.publishes_to_all(1, Priority.ANNOUNCEMENT)
        self.do(self._start())

    @rule(step=st.deferred(lambda: st.one_of(_STEPS)), then=st.sampled_from([0, 0, 0, 0.02, 0.06, 0.3, 1.1]))
    def happens(self, step: Step, then: float) -> None:
        step.happens(self, **step.how)
        if then:
            self.do(self._pass(then))

    @step(5, seconds=st.sampled_from([0.1, 0.2, 0.4, 1, 3, 20]))
    def time_passes(self, seconds: float) -> None:
        self.do(self._pass(seconds))

    # --- what people do --------------------------------------------------------------------------------------------

    @step(2, priority=any_class, to=some_chats, quartier=quartiere, after=st.sampled_from([0, 0, 30]),
          life=st.sampled_from([None, None, 60]))  # fmt: skip
    def publishes(
        self, priority: Priority, to: set[str], quartier: int, after: int, life: int | None
    ) -> None:
        self.do(self.there.publish(priority, to, quartier=quartier, after=after, life=life))

    @step(3, quartier=quartiere, priority=bulk)
    def publishes_to_all(self, quartier: int, priority: Priority) -> None:
        self.do(self.there.publish(priority, set(CHATS), quartier=quartier, after=0, life=None))

    @step(3, to=st.sampled_from(PEOPLE))
    def is_answered(self, to: str) -> None:
        if to not in self.there.erased:
            self.do(self.there.answer(to))

    @step(3, item=latest, better=st.booleans())
    def is_corrected(self, item: int, better: bool) -> None:
        priority = Priority.DIGEST if better else None
        for found in self._published(item):
            self.do(self.there.change(found, self.there.words(), priority))

    @step(item=latest)
    def is_hidden(self, item: int) -> None:
        for found in self._published(item):
            self.do(self.there.change(found, self.there.words(), Priority.ALERT))

    @step(item=latest)
    def is_restored(self, item: int) -> None:
        for found in self._published(item):
            self.do(self.there.change_back(found))

    @step(2, item=latest)
    def is_taken_back(self, item: int) -> None:
        for found in self._published(item):
            self.do(self.there.take_back(found))

    @step(2)
    def is_given_back(self) -> None:
        for found in self.there.items:
            if found.taken_back is not None:
                self.do(self.there.give_back(found))

    @step(chat=chats)
    def blocks(self, chat: str) -> None:
        self.there.block(chat)

    @step()
    def unblock(self) -> None:
        for chat in sorted(self.there.server.blocked):
            self.do(self.there.unblock(chat))

    @step(chat=chats)
    def moves(self, chat: str) -> None:
        self.there.server.moves(chat)

    @step(chat=st.sampled_from(PEOPLE[-2:]))
    def is_erased(self, chat: str) -> None:
        if chat not in self.there.erased:
            self.do(self.there.erase(chat))

    # --- what goes wrong -------------------------------------------------------------------------------------------

    @step(5, trouble=st.sampled_from(Trouble), times=st.integers(1, 4))
    def platform_fails(self, trouble: Trouble, times: int) -> None:
        self.there.server.troubles.extend([trouble] * times)

    @step(2, quartier=quartiere, seconds=st.sampled_from([2, 4, 5]))
    def stalls_at_full_speed(self, quartier: int, seconds: float) -> None:
        """What was under way arrives all at once, while much more waits to follow."""
        for _ in range(3):
            self.publishes_to_all(quartier, Priority.ANNOUNCEMENT)
        self.do(self._pass(seconds))
        self.there.server.troubles.append(Trouble.STALLED)
        self.do(self._pass(STALL + 2))

    @step(allows=st.sampled_from([2, 4, float("inf")]))
    def platform_allows(self, allows: float) -> None:
        self.there.server.allows = allows

    @step(2, after=st.booleans(), times=st.integers(1, 2))
    def database_fails(self, after: bool, times: int) -> None:
        if self.there.process is not None:
            self.there.process.database_faults.extend([after] * times)

    @step(by=st.sampled_from([-3600, -5, 5, 60, 3600]))
    def clock_jumps(self, by: int) -> None:
        self.there.clock.jump(timedelta(seconds=by))

    @step(2)
    def is_killed(self) -> None:
        self.do(self._restart(kill=True))

    @step(2, steps=st.integers(0, 12))
    def dies_soon(self, steps: int) -> None:
        if self.there.process is not None:
            self.there.process.dies_after = steps

    @step()
    def is_restarted(self) -> None:
        self.do(self._restart(kill=False))

    @step(2)
    def loses_its_database(self) -> None:
        """The program goes on without; another one takes over, and then the first can reach the database again."""
        self._cuts_off()

    @step(3, seconds=st.integers(16, 28).map(lambda half: half / 2), fault=st.booleans(), quartier=quartiere)
    def wakes_late(self, seconds: float, fault: bool, quartier: int) -> None:
        """The owner misses its lease, and is back when the next one has just begun."""
        for process in self._cuts_off():
            self.do(self._pass(seconds))
            self.publishes_to_all(quartier, Priority.ANNOUNCEMENT)
            self.do(self._pass(0.15))
            process.database_faults.extend([False, False] * fault)
            process.connected.set()
            self.do(self._pass(0.5))

    @step(2)
    def reaches_its_database_again(self) -> None:
        for process in self.there.processes:
            process.connected.set()

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
        while waiting := await town.on_the_way():
            assert self.loop.time() < until, f"still on the way: {waiting}"
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

    def _cuts_off(self) -> list[Process]:
        """The program at work can't reach the database any more; another begins."""
        process = self.there.process
        if process is None or not self.several:
            return []
        process.connected.clear()
        self.do(self._start())
        return [process]

    def _published(self, place: int) -> list[Item]:
        """The item at this place, counted from the latest; none where there are not so many."""
        items = [item for item in reversed(self.there.items) if item.says is not None]
        return items[place : place + 1]

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)
