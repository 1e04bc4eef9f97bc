"""A hall of its own for each test of moderation."""

from __future__ import annotations

import pytest

from bot.storage import Database
from tests.unit.moderation.hall import Hall


@pytest.fixture
async def hall(database: Database) -> Hall:
    return await Hall.make(database)
