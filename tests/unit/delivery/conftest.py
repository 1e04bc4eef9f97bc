"""A world of its own for each test of delivery."""

from __future__ import annotations

import pytest

from bot.storage import Database
from tests.unit.delivery.world import World


@pytest.fixture
async def world(database: Database) -> World:
    return await World.make(database)
