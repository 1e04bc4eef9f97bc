"""Several real processes of one city on a real PostgreSQL, to be started, stalled and killed one by one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from sqlalchemy import make_url

from bot.settings import DatabaseSettings, DataSettings, Settings
from tests.fakes.botapi.client import BotApi
from tests.fakes.served import free_port
from tests.kill.program import PATIENCE


class Member:
    """`python -m bot run --role …`, one of several."""

    def __init__(self, folder: Path, name: str, role: str, environ: dict[str, str]) -> None:
        self.name = name
        self.role = role
        self.port = free_port()
        self._folder = folder
        self._environ = environ | {"QUARTIERBOTE_WEB__PORT": str(self.port)}
        self._process: Process | None = None
        self._before = 0
        """The length of the log before the last start."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith("QUARTIERBOTE_")}
        with (self._folder / self.name).open("ab") as log:
            self._before = len(self.log())
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "--role", self.role),
                cwd=self._folder,
                env=others | self._environ,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def is_up(self) -> None:
        """Return when it has told that it runs."""
        async with asyncio.timeout(PATIENCE):
            while "End it with Ctrl-C" not in self.log()[self._before :]:
                self.lives()
                await asyncio.sleep(0.05)

    def lives(self) -> None:
        """Fails with its log if it ended by itself."""
        assert self._process is not None, f"{self.name} does not run"
        assert self._process.returncode is None, f"{self.name} ended by itself:\n{self.log()}"

    def log(self) -> str:
        return (self._folder / self.name).read_text(encoding="utf-8")

    def stall(self) -> None:
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end, and see that it does so in order."""
        code = await self._end(signal.SIGTERM)
        assert code == 0, f"{self.name}: exit code {code}:\n{self.log()}"

    async def health(self) -> dict[str, Any]:
        async with httpx.AsyncClient() as browser:
            report: dict[str, Any] = (await browser.get(f"{self.url}/healthz", timeout=PATIENCE)).json()
            return report

    def _signal(self, number: signal.Signals) -> None:
        self.lives()
        assert self._process is not None
        self._process.send_signal(number)

    async def _end(self, how: signal.Signals) -> int:
        self._signal(how)
        process, self._process = self._process, None
        assert process is not None
        return await process.wait()

    async def gone(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self._end(signal.SIGKILL)


class City:
    """A database, and the processes that share it."""

    def __init__(self, folder: Path, url: str, api: BotApi, lease: float) -> None:
        self.settings = Settings(
            database=DatabaseSettings(url=url, lease=lease), data=DataSettings(folder=folder / "data")
        )
        self.lease = lease
        self.members: list[Member] = []
        self._folder = folder
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._environ = {
            "QUARTIERBOTE_DEMO": "false",
            "QUARTIERBOTE_DATABASE__URL": url,
            "QUARTIERBOTE_DATABASE__LEASE": str(lease),
            "QUARTIERBOTE_DATA__FOLDER": str(folder / "data"),
            "QUARTIERBOTE_TELEGRAM__TOKEN": api.token,
            "QUARTIERBOTE_TELEGRAM__BASE_URL": api.url,
        }

    async def start(self, name: str, role: str) -> Member:
        member = Member(self._folder, name, role, self._environ)
        self.members.append(member)
        await member.start()
        return member

    async def ask(self, query: str) -> list[Any]:
        """The first column of what the database answers, beside the running processes."""
        connection = await asyncpg.connect(self._url)
        try:
            return [row[0] for row in await connection.fetch(query)]
        finally:
            await connection.close()

    async def owner(self, lane: str = "telegram") -> tuple[str | None, int]:
        """Who owns a lane by a lease that runs, and its epoch."""
        connection = await asyncpg.connect(self._url)
        try:
            row = await connection.fetchrow(
                "SELECT CASE WHEN lease_until > clock_timestamp() THEN owner END, epoch FROM lane"
                " WHERE platform = $1",
                lane,
            )
        finally:
            await connection.close()
        return (row[0], row[1]) if row is not None else (None, 0)

    async def owned_by(self, *members: Member, lane: str = "telegram") -> Member:
        """The one of these that owns the lane, as soon as one does: its log names the owner's name."""
        async with asyncio.timeout(PATIENCE):
            while True:
                owner, _ = await self.owner(lane)
                for member in members:
                    if owner is not None and f"{lane}: this process ({owner}) owns" in member.log():
                        return member
                await asyncio.sleep(0.02)


@asynccontextmanager
async def shared_city(folder: Path, url: str, api: BotApi, *, lease: float = 4.0) -> AsyncIterator[City]:
    """No process runs yet; none does at the end, whatever happens."""
    city = City(folder, url, api, lease)
    try:
        yield city
    finally:
        for member in city.members:
            await member.gone()
            print(f"--- {member.name}\n{member.log()}")  # noqa: T201 - shown when a test fails
