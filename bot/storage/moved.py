"""A SQLite file whose city lives on PostgreSQL by now: nobody may go on with it, or people are told everything twice.

The file itself stays as it was, so what says so is a mark beside it. Whoever means to go back deletes the mark.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL

_MARK = ".moved"


class MovedError(Exception):
    """The city of this file has moved; the message is the operator's."""

    def __init__(self, mark: Path, place: str) -> None:
        super().__init__(
            f"The city in {mark.with_name(mark.name.removesuffix(_MARK))} has moved to PostgreSQL"
            f"{f' at {place}' if place else ''}: set QUARTIERBOTE_DATABASE__URL to that address."
            f" Only if you want to go on with the old file, delete {mark}."
        )


def mark_of(url: URL) -> Path | None:
    """Where the mark of this database lies, or would; None where there is no file."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    file = Path(str(url.database))
    return file.with_name(file.name + _MARK)


def mark_moved(url: URL, place: str) -> None:
    """From now on the file is refused. `place`: where the city went, without a password. Raises `OSError`."""
    mark = mark_of(url)
    if mark is not None:
        mark.write_text(f"{place}\n", encoding="utf-8")


def refuse_moved(mark: Path | None) -> None:
    """Raises `MovedError` if the mark is there."""
    if mark is not None and mark.exists():
        raise MovedError(mark, mark.read_text(encoding="utf-8").strip())
