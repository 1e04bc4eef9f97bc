"""A move as its operator sees it: a bar while it goes on, and at the end what is to be set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from bot.moving.move import Moved, move
from bot.settings import Settings


class Bar:
    """`Progress` as a bar on the terminal; written to a file it is one line."""

    def __init__(self) -> None:
        self._bar: Any = None

    def begins(self, steps: int) -> None:
        self._bar = click.progressbar(
            length=max(steps, 1), label="Moving", item_show_func=lambda table: table, show_pos=True
        )
        self._bar.__enter__()

    def went(self, steps: int, table: str) -> None:
        self._bar.update(steps, table)

    def ends(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)


@contextmanager
def _bar() -> Iterator[Bar]:
    bar = Bar()
    try:
        yield bar
    finally:
        bar.ends()


async def move_and_tell(settings: Settings, to: str) -> None:
    """Move, and say what came of it. Raises what `move` raises."""
    with _bar() as bar:
        moved = await move(settings, to, bar)
    for line in lines(moved):
        click.echo(line)


def lines(moved: Moved) -> Iterator[str]:
    """What the operator is told at the end."""
    yield f"Moved: {moved.rows} rows in {moved.tables} tables, each compared with what was sent."
    for folder in moved.folders:
        yield (
            f"The folder {folder} stays where it is: keep it, or take it along to where the program will run"
            " (Matrix keeps its keys there)."
        )
    yield f"{moved.source} was left as it was. Nothing starts on it any more: people would be told twice."
    hidden = " (*** is the password)" if "***" in moved.address else ""
    yield f"Now set QUARTIERBOTE_DATABASE__URL={moved.address}{hidden}, and start the program."
