"""A town of its own for each test of what can be seen."""

from __future__ import annotations

import pytest

from bot.storage import Database
from tests.unit.posts.town import PostsTown


@pytest.fixture
async def town(database: Database) -> PostsTown:
    return await PostsTown.make(database)
