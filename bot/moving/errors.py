"""What stands against a move, in words for whoever typed the command. Nothing was changed, on either side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_AGAIN = "Nothing was changed, neither there nor here. Once that is mended, run the same command again."
_BY_STATE = {
    "28P01": "refuses the password",
    "28000": "refuses this user",
    "3D000": "has no such database: make it first (createdb)",
    "42501": "doesn't let this user make tables: make the user the database's owner",
    "53100": "has no room left on its disk",
    "53300": "has no connection free",
}
"""PostgreSQL's own states, as far as an operator can do something about them."""


class MoveError(Exception):
    """The city could not be moved; the message says why and what to do."""


def place_of(url: URL) -> str:
    """The address without user and password."""
    port = f":{url.port}" if url.port else ""
    return f"{url.host or 'localhost'}{port}/{url.database}"


@contextmanager
def in_words(url: URL) -> Iterator[None]:
    """What the server or its driver says, as a sentence without their words: those may quote rows or the address."""
    try:
        yield
    except (SQLAlchemyError, OSError) as fault:
        raise MoveError(_told(url, fault)) from fault
    except Exception as fault:
        # The driver's own, raised past SQLAlchemy: when connecting, and by COPY.
        if type(fault).__module__.partition(".")[0] != "asyncpg":
            raise
        raise MoveError(_told(url, fault)) from fault


def is_about_rows(fault: Exception) -> bool:
    """Whether the server, or its driver before it, refuses what is in a row."""
    state = str(getattr(fault, "sqlstate", None) or "")
    return state[:2] in ("22", "23") or type(fault).__name__ == "DataError"


def _told(url: URL, fault: BaseException) -> str:
    cause = fault.orig if isinstance(fault, DBAPIError) else fault
    if type(cause).__module__ == "sqlite3":
        return f"The SQLite file can't be read ({type(cause).__name__}). See: quartierbote check"
    said = _BY_STATE.get(str(getattr(cause, "sqlstate", "")))
    if said is not None:
        return f"PostgreSQL at {place_of(url)} {said}. {_AGAIN}"
    return (
        f"PostgreSQL at {place_of(url)} can't be used, or the connection was lost ({type(cause).__name__})."
        f" Is the address right, and does the server run? {_AGAIN}"
    )
