"""Nested data as lines a person can read, for /export. The same data goes along as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from bot.contract import Bullets, Rich, Text


def readable(data: object) -> Rich:
    """One line per value: the way to it, then the value."""
    items = tuple((Text(f"{path}: ", bold=True), Text(value)) for path, value in _lines(data, ""))
    return (Bullets(items),) if items else ()


def _lines(data: object, path: str) -> Iterator[tuple[str, str]]:
    match data:
        case dict():
            for key, value in data.items():
                yield from _lines(value, f"{path} / {key}" if path else str(key))
        case list() if any(isinstance(value, dict | list) for value in data):
            for number, value in enumerate(data, start=1):
                yield from _lines(value, f"{path} {number}")
        case list():
            yield path, ", ".join(str(value) for value in data) or "–"
        case _:
            yield path, "–" if data is None else str(data)
