"""A real PostgreSQL, since SQLite has one writer at a time anyway."""

from __future__ import annotations

import pytest

from bot.clock import ManualClock
from bot.storage import Database
from tests.stories.driver import START
from tests.unit.moderation.hall import Hall
from tests.unit.posts.offers_world import World


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
async def hall(database: Database) -> Hall:
    return await Hall.make(database)


@pytest.fixture
async def world(database: Database) -> World:
    world = World(database)
    await world.settle()
    return world
