"""One send to the page costs the same however many chats there are: what the database reads is counted, not timed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, insert

from adapters.web.threads import Threads
from bot.clock import ManualClock
from bot.contract import Outgoing
from bot.delivery.chats import lane_for
from bot.delivery.model import AdapterValue
from bot.delivery.store import LaneStore
from bot.storage import Database
from tests.fakes.web_reader import words

HELLO = Outgoing(words("Hallo"))
ONE_MORE = 50
"""Steps: between the two sends our own chat grew by an entry."""


async def crowd(database: Database, lane: int, chats: int) -> None:
    """So many other chats, before and behind ours in the order of keys."""
    rows = [
        {"lane_id": lane, "key": f"m/{'az'[n % 2]}{chats}.{n}/{n:015d}", "value": "{}"} for n in range(chats)
    ]
    async with database.write() as session:
        await session.execute(insert(AdapterValue), rows)


class Steps:
    """Counts what SQLite does, in steps of its machine, and how many statements it is given."""

    def __init__(self, database: Database) -> None:
        self.steps = self.statements = 0
        engine = database.engine.sync_engine

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: object) -> None:
            connection.run_async(lambda driver: driver.set_progress_handler(self._step, 1))

        @event.listens_for(engine, "before_cursor_execute")
        def _execute(*_: object) -> None:
            self.statements += 1

    def _step(self) -> int:
        self.steps += 1
        return 0

    def so_far(self) -> tuple[int, int]:
        return self.steps, self.statements


@pytest.mark.parametrize("entries", [1, 150])
async def test_a_send_reads_its_own_chat_only(database: Database, clock: ManualClock, entries: int) -> None:
    async with database.write() as session:
        lane = (await lane_for(session, "web")).id
    threads = Threads(LaneStore(database, lane), clock)
    threads.share()
    for number in range(entries):
        await threads.say("mine", HELLO, f"{number}")
    await database.engine.dispose()
    counted = Steps(database)
    costs = []
    for others in (10, 5_000):
        await crowd(database, lane, others)
        await threads.entries("mine")  # the connection is there, and the statement is known
        before = counted.so_far()
        await threads.say("mine", HELLO, f"among {others}")
        costs.append([now - then for now, then in zip(counted.so_far(), before, strict=True)])
    (few, few_statements), (many, many_statements) = costs
    assert many_statements == few_statements
    assert abs(many - few) < ONE_MORE
