"""Nothing about a person is stored that export and erasure don't know: the register is held against the tables."""

from __future__ import annotations

from pathlib import Path

from bot.app import open_house
from bot.clock import ManualClock
from bot.settings import DatabaseSettings, Settings
from bot.tables import metadata
from tests.stories.driver import START
from tests.stories.preparing import prepared

PERSONAL = frozenset(
    {
        "person_id",
        "person",
        "author",
        "sender",
        "approved_by",
        "asker",
        "reviewer",
        "reporter",
        "claimed_by",
        "decided_by",
        "by",
        "second",
        "chat_id",
        "preferred_chat",
        "address",
    }
)
"""Names of columns that point at a person or a chat. A new one belongs here, and its table into a holding."""

OF_THE_CITY = frozenset({"treffpunkt"})
"""Tables in which such a name means something else: a Treffpunkt's address is a street."""

PASSING = frozenset({"inbound"})
"""Swept by time alone: the payload goes when the event is done, the row within a day."""


async def test_every_table_with_people_is_in_the_register(tmp_path: Path) -> None:
    settings = Settings(database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'city.sqlite3'}"))
    await prepared(settings, ManualClock(START))
    async with open_house(settings, clock=ManualClock(START), adapters={}) as house:
        held = {table for holding in house.features.register.holdings for table in holding.tables}
    personal = {
        table.name
        for table in metadata().tables.values()
        if {column.name for column in table.columns} & PERSONAL
    }
    assert personal - OF_THE_CITY - PASSING - held == set()
