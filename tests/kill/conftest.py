"""A Bot API server that takes its time, and the program to be killed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.botapi.client import BotApi
from tests.kill.program import Program, program


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi.start() as running:
        await running.set(latency=0.05)
        yield running


@pytest.fixture
async def running(tmp_path: Path, api: BotApi) -> AsyncIterator[Program]:
    """Not started yet."""
    async with program(tmp_path, api) as made:
        yield made
        print(made.log())  # noqa: T201 - shown when a test fails
