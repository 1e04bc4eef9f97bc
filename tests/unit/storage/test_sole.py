"""One running program on one SQLite file; the lock dies with its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.storage.sole import AlreadyRunningError, sole_program

HOLD = """
import sys
from sqlalchemy import make_url
from bot.storage.sole import sole_program
with sole_program(make_url(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_program_is_refused_in_words(tmp_path: Path) -> None:
    url = make_url(f"sqlite+aiosqlite:///{tmp_path}/data/city.sqlite3")
    with (
        sole_program(url),
        pytest.raises(AlreadyRunningError, match=r"already running on .*city\.sqlite3"),
        sole_program(url),
    ):
        pass
    with sole_program(url):
        pass


def test_a_killed_program_leaves_the_database_free(tmp_path: Path) -> None:
    address = f"sqlite+aiosqlite:///{tmp_path}/city.sqlite3"
    command = [sys.executable, "-c", HOLD, address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunningError), sole_program(make_url(address)):
            pass
        other.kill()
        other.wait()
        with sole_program(make_url(address)):
            pass


@pytest.mark.parametrize("address", ["postgresql+asyncpg://localhost/city", "sqlite+aiosqlite://"])
def test_where_there_is_no_file_there_is_no_lock(address: str) -> None:
    with sole_program(make_url(address)), sole_program(make_url(address)):
        pass
