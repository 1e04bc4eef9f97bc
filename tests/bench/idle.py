"""Idle: memory and processor time of the real program while nobody writes, with the page alone and with Telegram."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import psutil

from tests.bench.report import Figure
from tests.fakes.botapi.client import BotApi
from tests.kill.program import Program, program

SETTLES = 5.0
WATCHED = 20.0
"""Seconds."""


async def measure() -> list[Figure]:
    async with BotApi.start() as api:
        return [*await _idle(api, telegram=False), *await _idle(api, telegram=True)]


async def _idle(api: BotApi, *, telegram: bool) -> list[Figure]:
    what = "page and Telegram" if telegram else "page alone"
    with tempfile.TemporaryDirectory() as folder:
        async with program(Path(folder), api, telegram=telegram) as running:
            started = time.perf_counter()
            await running.start()
            await running.answers()
            took = time.perf_counter() - started
            await asyncio.sleep(SETTLES)
            process = _process(running)
            before = process.cpu_times()
            await asyncio.sleep(WATCHED)
            after = process.cpu_times()
            used = after.user + after.system - before.user - before.system
            memory = process.memory_info().rss / 2**20
            await running.stop()
    return [
        Figure(f"first start until the page answers, {what}", took, "s"),
        Figure(f"memory at rest (RSS), {what}", memory, "MB", goal=150),
        Figure(f"processor at rest, {what}", used / WATCHED * 100, "%", goal=2),
    ]


def _process(running: Program) -> psutil.Process:
    return psutil.Process(running.pid)
