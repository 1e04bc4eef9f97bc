"""The real process: it starts from nothing, says where its page is, serves it, and ends when asked to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import urllib.request
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def start(folder: Path, port: int) -> Process:
    environ = {
        name: value for name, value in os.environ.items() if not name.upper().startswith("QUARTIERBOTE_")
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=folder,
        env=environ | {"QUARTIERBOTE_WEB__PORT": str(port), "PYTHONUNBUFFERED": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )


async def told(process: Process) -> str:
    """What the program prints until it has said how to end it."""
    assert process.stdout is not None
    lines = []
    while line := (await process.stdout.readline()).decode():
        lines.append(line)
        if "Ctrl-C" in line:
            return "".join(lines)
    _, errors = await process.communicate()
    pytest.fail(errors.decode())


def page(port: int, path: str) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
async def test_it_starts_from_nothing_serves_and_ends_in_order(tmp_path: Path, end: signal.Signals) -> None:
    port = free_port()
    for _ in ("first start", "second start"):
        process = await start(tmp_path, port)
        try:
            assert f"http://127.0.0.1:{port}/demo" in await told(process)
            status, html = await asyncio.to_thread(page, port, "/")
            assert status == 200
            assert "Hameln" in html
            process.send_signal(end)
            _, errors = await process.communicate()
            assert errors.decode().count("Traceback") == 0, errors.decode()
            assert process.returncode == 0
        finally:
            if process.returncode is None:
                process.kill()
    assert [path.name for path in (tmp_path / "data").glob("*.sqlite3")] == ["demo.sqlite3"]


async def test_a_second_program_on_the_same_port_is_refused(tmp_path: Path) -> None:
    port = free_port()
    first = await start(tmp_path, port)
    try:
        await told(first)
        second = await start(tmp_path, port)
        _, errors = await second.communicate()
        assert second.returncode == 1
        assert errors.decode().startswith(f"Another program already answers on 127.0.0.1, port {port}.")
    finally:
        first.kill()
        await first.wait()
