"""The real program in a process of its own, to be killed without a word and started again."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from bot.settings import DataSettings, Settings
from tests.fakes.botapi.client import BotApi

PATIENCE = 60.0
"""Seconds until a test gives up; never a measure of anything."""
SEED = int(os.environ.get("KILL_SEED", "2026"))
START = 1.0
"""Seconds a start takes at least, more or less: a kill that falls into it may come anywhere in between."""

UNDER_WAY = "SELECT id FROM delivery WHERE item IS NOT NULL AND state = 'sending'"


def dice(what: str) -> random.Random:
    """Random moments that can be had again: KILL_SEED."""
    print(f"{what}: KILL_SEED={SEED}")  # noqa: T201 - pytest shows it when a test fails
    return random.Random(f"{SEED} {what}")


class Program:
    """`python -m bot run` on a data folder of its own, with Telegram at the tests' Bot API server."""

    def __init__(self, folder: Path, api: BotApi, *, telegram: bool = True) -> None:
        self.settings = Settings(data=DataSettings(folder=folder / "data"))
        self._folder = folder
        self._port = _port()
        self._environ = {
            "QUARTIERBOTE_DEMO": "false",
            "QUARTIERBOTE_DATA__FOLDER": str(folder / "data"),
            "QUARTIERBOTE_WEB__PORT": str(self._port),
        }
        if telegram:
            self._environ["QUARTIERBOTE_TELEGRAM__TOKEN"] = api.token
            self._environ["QUARTIERBOTE_TELEGRAM__BASE_URL"] = api.url
        self._process: Process | None = None
        self.kills = 0
        self.caught: list[set[int]] = []
        """For each kill, the ids of the copies that were under way."""

    @property
    def file(self) -> Path:
        """Its database."""
        return Path(str(self.settings.database_url.database))

    def sets(self, **settings: str) -> None:
        """More settings for the next start, by the names of their variables without the prefix."""
        self._environ |= {f"QUARTIERBOTE_{name}": value for name, value in settings.items()}

    async def start(self) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith("QUARTIERBOTE_")}
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run"),
                cwd=self._folder,
                env=others | self._environ,
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None, "it does not run"
        return self._process.pid

    async def answers(self) -> None:
        """Return when its page can be had."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    return

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)
        self.kills += 1
        self.caught.append(self.numbers(UNDER_WAY))

    async def restart(self) -> None:
        """kill -9, and up again."""
        await self.kill()
        await self.start()

    async def stop(self) -> None:
        """Ask it to end, and see that it does so in order."""
        code = await self._end(signal.SIGTERM)
        assert code == 0, f"exit code {code}:\n{self.log()}"

    def is_up(self) -> None:
        """Fails with its log if it ended by itself."""
        process = self._process
        assert process is None or process.returncode is None, f"it ended by itself:\n{self.log()}"

    def log(self) -> str:
        return (self._folder / "log").read_text(encoding="utf-8")

    def count(self, query: str) -> int:
        """A number from the database, read beside the running program."""
        (number,) = self.numbers(query)
        return number

    def numbers(self, query: str) -> set[int]:
        """Numbers from the database."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=PATIENCE)) as connection:
            return {int(number) for (number,) in connection.execute(query)}

    async def _end(self, how: signal.Signals) -> int:
        self.is_up()
        process, self._process = self._process, None
        assert process is not None, "it does not run"
        process.send_signal(how)
        return await process.wait()

    async def _gone(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self._end(signal.SIGKILL)


@asynccontextmanager
async def program(folder: Path, api: BotApi, *, telegram: bool = True) -> AsyncIterator[Program]:
    """Not started yet; gone at the end, whatever happens. `telegram=False`: the page alone."""
    made = Program(folder, api, telegram=telegram)
    try:
        yield made
    finally:
        await made._gone()


def _port() -> int:
    """A free port that no outgoing connection gets by chance while the program is down."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
