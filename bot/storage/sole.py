"""With SQLite one program runs at a time. A lock of the operating system beside the file says so, and dies with it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL


class AlreadyRunningError(Exception):
    """Another program runs on this database; the message says so in words for whoever started the second one."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"Quartierbote is already running on {database}. Stop that one first, or give this one another database."
        )
        self.database = database


@contextmanager
def sole_program(url: URL) -> Iterator[None]:
    """Be the only running program on this database. Raises `AlreadyRunningError`; PostgreSQL needs no lock."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        yield
        return
    database = Path(str(url.database))
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_name(database.name + ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise AlreadyRunningError(database) from taken
        yield
