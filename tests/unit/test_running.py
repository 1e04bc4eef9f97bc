"""The end of the program: in order where it can be, within five seconds in any case, and saying which it was."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import make_url

from bot import running
from bot.app import House
from bot.delivery.tempo import Tempo
from bot.dialogue import inbox
from bot.prepare import NotReadyError
from bot.process import ProcessRole
from bot.settings import DataSettings, Settings, WebSettings
from bot.storage.sole import AlreadyRunningError, BeingRestoredError, running_program, sole_program


class Stubborn:
    """A house that takes its time to end."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.role = ProcessRole.ALL
        self.asked_to_end = False
        self.may_end = asyncio.Event()

    async def run(self) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.asked_to_end = True
            await self.may_end.wait()
            raise


async def end(house: Stubborn, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exit codes with which it was cut off."""
    codes: list[int] = []

    def cut_off(code: int) -> None:
        codes.append(code)
        house.may_end.set()

    monkeypatch.setattr(os, "_exit", cut_off)
    await running._until_asked(cast("House", house))
    return codes


async def test_an_orderly_end_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    house = Stubborn()
    house.may_end.set()
    assert await end(house, monkeypatch) == []
    assert house.asked_to_end


async def test_whatever_hangs_is_cut_off_and_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(running, "LAST_MOMENTS", 0.01)
    house = Stubborn()
    assert await end(house, monkeypatch) == [1]
    assert "not everything ended" in caplog.text


def test_requests_under_way_leave_time_to_write_down_what_became_of_them() -> None:
    longest = max(Tempo().farewell, inbox.FAREWELL)
    assert longest + 1 <= running.LAST_MOMENTS < 5


async def test_a_second_program_is_refused_before_it_touches_anything(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/city.sqlite3"
    async with running_program(make_url(url)):
        with pytest.raises(AlreadyRunningError):
            await running.serve(Settings(database={"url": url}), {})


async def test_no_program_starts_while_a_backup_is_put_back(empty_postgres_url: str) -> None:
    async with sole_program(make_url(empty_postgres_url)):
        with pytest.raises(BeingRestoredError, match="being restored"):
            await running.serve(Settings(database={"url": empty_postgres_url}), {})


async def test_one_part_of_the_program_needs_postgresql(tmp_path: Path) -> None:
    settings = Settings(database={"url": f"sqlite:///{tmp_path}/city.sqlite3"})
    with pytest.raises(NotReadyError, match="there is no --role worker"):
        await running.serve(settings, {}, ProcessRole.WORKER)


async def test_a_database_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    nowhere = f"postgresql+asyncpg://nobody:secret@/{tmp_path.name}?host={tmp_path}"
    with pytest.raises(NotReadyError, match=tmp_path.name) as refused:
        await running.serve(Settings(database={"url": nowhere}), {})
    assert "secret" not in str(refused.value)


async def test_the_figures_can_t_have_the_page_s_port(tmp_path: Path) -> None:
    one = Settings(web=WebSettings(port=8099, metrics_port=8099), data=DataSettings(folder=tmp_path / "data"))
    with pytest.raises(NotReadyError, match=r"^QUARTIERBOTE_WEB__METRICS_PORT is the page's own port, 8099"):
        await running.serve(one)
    assert not (tmp_path / "data").exists()
