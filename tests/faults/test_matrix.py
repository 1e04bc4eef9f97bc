"""Every cell of the table is played, and the documentation shows the table as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.delivery.model import Priority
from bot.storage import Database
from tests.faults.scene import NEW, OLD, Far, Scene
from tests.faults.table import LOST, MATRIX, NOTHING, TELEGRAM, Line, Lost, tables

DOCS = Path(__file__).parents[2] / "docs"
ACTS = ("send", "edit", "delete")


def cells() -> Iterator[object]:
    for name, lines in (("telegram", TELEGRAM), ("matrix", MATRIX)):
        for line in lines:
            for act in ACTS:
                if getattr(line, act) != NOTHING:
                    yield pytest.param(name, line, act, id=f"{name}-{line.fault}-{act}")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("far", "line", "act"), list(cells()), indirect=["far"])
async def test_what_becomes_of_a_copy(
    far: Far, database: Database, caplog: pytest.LogCaptureFixture, line: Line, act: str
) -> None:
    scene = await Scene.make(far, database, line.fault, act, caplog)
    await scene.play()
    assert await scene.cell() == getattr(line, act)
    assert await scene.is_consistent()
    if act == "send":
        assert (scene.sender(), scene.operator()) == (line.sender, line.operator)
    else:
        assert scene.operator() in (line.operator, NOTHING)
    for private in (scene.address, OLD, NEW):
        assert private not in caplog.text


LOSSES = [
    pytest.param(far, fault, lost, getattr(lost, column), id=f"{far}-{fault}-{lost.kind}")
    for lost in LOST
    for far, fault, column in (
        ("telegram", "dropped before acceptance", "telegram_before"),
        ("telegram", "dropped after acceptance", "telegram_after"),
        ("matrix", "dropped before acceptance", "matrix"),
        ("matrix", "dropped after acceptance", "matrix"),
    )
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("far", "fault", "lost", "expected"), LOSSES, indirect=["far"])
async def test_an_answer_that_got_lost_once(
    far: Far, database: Database, caplog: pytest.LogCaptureFixture, fault: str, lost: Lost, expected: str
) -> None:
    scene = await Scene.make(far, database, fault, "send", caplog)
    assert await scene.lose_one(Priority[lost.kind.upper()]) == expected


def test_the_documentation_shows_these_tables() -> None:
    shown = (DOCS / "faults.md").read_text()
    assert [table for table in tables() if table not in shown] == []
