"""A program that runs the engine, and can be killed anywhere, or cut off from its database."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.engine import Engine
from bot.delivery.tempo import Tempo
from bot.storage import Database
from tests.unit.delivery.machine.database import TAKES
from tests.unit.delivery.machine.server import Adapter, Server

CALM = Tempo(poll=15)
"""Hours pass in which nothing is to be done."""
_running: ContextVar[Process | None] = ContextVar("_running", default=None)


def mine(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **more: Any) -> asyncio.Task[Any]:
    """A task factory that tells each program which tasks are its own."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **more)
    process = _running.get()
    if process is not None:
        process.tasks.add(task)
        task.add_done_callback(process.tasks.discard)
    return task


class Process:
    """One run of the program. Dead means dead: nothing it does afterwards has an effect."""

    def __init__(self, lane: int, database: Database, clock: Clock, server: Server, *, several: bool) -> None:
        self.is_dead = False
        self.dies_after: int | None = None
        """How many more steps it takes: transactions begun, ended and known to have ended, requests, answers."""
        self.database_faults: deque[bool] = deque()
        """Each strikes a transaction: before it has begun, or (True) after it was committed."""
        self.faults_struck: list[float] = []
        """When, by the loop's time."""
        self.connected = asyncio.Event()
        self.connected.set()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.open_transactions = 0
        self._main: asyncio.Task[None] | None = None
        self._shared = database
        adapter = Adapter(server, self.alive)
        self._lane = lane
        self.engine = Engine(
            _Connection(database, self, several=several), clock, {lane: adapter}, tempo=Tempo()
        )

    def alive(self) -> None:
        """A step. Raises if the program is dead, or dies here."""
        if self.dies_after is not None:
            self.dies_after -= 1
            self.is_dead = self.is_dead or self.dies_after < 0
        if self.is_dead:
            raise asyncio.CancelledError

    def start(self) -> None:
        token = _running.set(self)
        try:
            self._main = asyncio.get_running_loop().create_task(self.engine.run())
        finally:
            _running.reset(token)

    @property
    def is_up(self) -> bool:
        return bool(self.tasks) and not self.is_dead

    @property
    def owns(self) -> int | None:
        """The epoch of its lease, while it has one."""
        held = self.engine.owning.held.get(self._lane)
        return held.epoch if held is not None else None

    @property
    def is_cut_off(self) -> bool:
        return not self.connected.is_set()

    async def kill(self) -> None:
        """Without a farewell."""
        self.is_dead = True
        while self.open_transactions and not self._shared.is_sqlite:
            await asyncio.sleep(
                0
            )  # A server sees to those that are cut off; drivers are not what is tested here.
        while self.tasks:
            for task in list(self.tasks):
                task.cancel()
            await asyncio.sleep(0)

    async def stop(self) -> None:
        """In good order; it may die meanwhile."""
        if self._main is not None and self.is_up:
            self.connected.set()
            self._main.cancel()
            while self.is_up:
                await asyncio.sleep(0.05)
        await self.kill()


class _Connection(Database):
    """The one database, as one program reaches it."""

    def __init__(self, shared: Database, process: Process, *, several: bool) -> None:
        self._shared = shared
        self._process = process
        self.is_sqlite = not several
        """With several programs on it the engine must take it for a server."""

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        await self._process.connected.wait()
        self._process.alive()
        faults = self._process.database_faults
        fault = faults.popleft() if faults else None
        if fault is not None:
            self._process.faults_struck.append(asyncio.get_running_loop().time())
        if fault is False:
            raise OperationalError("BEGIN", {}, Exception("database is locked"))
        async with self._transaction(self._shared.write()) as session:
            yield session
            self._process.alive()
        await asyncio.sleep(TAKES)
        self._process.alive()
        if fault is True:
            raise OperationalError("COMMIT", {}, Exception("connection lost"))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        await self._process.connected.wait()
        self._process.alive()
        async with self._transaction(self._shared.read()) as session:
            yield session

    @asynccontextmanager
    async def _transaction(
        self, whole: AbstractAsyncContextManager[AsyncSession]
    ) -> AsyncIterator[AsyncSession]:
        self._process.open_transactions += 1
        try:
            with _apart():
                async with whole as session:
                    yield session
        finally:
            self._process.open_transactions -= 1


@contextmanager
def _apart() -> Iterator[None]:
    """Tasks of the database's own are nobody's: they give the connection back, whoever dies."""
    token = _running.set(None)
    try:
        yield
    finally:
        _running.reset(token)
