"""Damaged rows and a database in trouble: what can't be done ends or waits, and the program goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from bot.delivery import lease, marks
from bot.delivery.job import Fate, Outcome
from bot.delivery.ledger import Entry, Ledger
from bot.delivery.model import Delivery, State, StoredText
from tests.unit.delivery.test_batches import ledger_of, turn
from tests.unit.delivery.world import World, until


@pytest.mark.parametrize("body", ['{"secret": 1}', "not JSON, a secret", "[]"])
async def test_a_text_that_cannot_be_read_is_rejected_and_everything_else_goes_out(
    world: World, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    damaged = await world.publish(1, "Fest", ["anna"])
    await world.publish(2, "Flohmarkt", ["anna", "bea"])
    await world.answer("carl", "Gern!")
    async with world.database.write() as session:
        await session.execute(
            text("UPDATE text SET body = :body WHERE id = :id"), {"body": body, "id": damaged}
        )
    await world.deliver()
    assert await world.states(1) == {"anna": "rejected"}
    assert (world.sees("anna"), world.sees("bea"), world.sees("carl")) == (
        ["Flohmarkt"],
        ["Flohmarkt"],
        ["Gern!"],
    )
    assert f"the stored text {damaged} can't be read" in caplog.text
    assert "secret" not in caplog.text


async def test_an_answer_that_cannot_be_read_is_erased(world: World) -> None:
    await world.answer("anna", "Gern!")
    async with world.database.write() as session:
        await session.execute(update(StoredText).values(body={"body": 7}))
    await world.deliver()
    assert await world.rows() == []


async def test_a_repeat_whose_text_is_gone_is_rejected(world: World) -> None:
    await world.publish(1, "Fest", ["anna"])
    async with world.database.write() as session:
        await session.execute(update(Delivery).values(sending_text=4711, attempts=1))
    await world.deliver()
    assert await world.states(1) == {"anna": State.REJECTED}


def failing(
    work: Callable[..., Awaitable[Any]], fault: Exception, times: int
) -> Callable[..., Awaitable[Any]]:
    """The same work, that fails so often before it begins."""
    left = times

    async def tried(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        if left:
            left -= 1
            raise fault
        return await work(*args, **kwargs)

    return tried


LOCKED = OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))


@pytest.mark.parametrize("fault", [LOCKED, OSError("no space left"), ValueError("a secret of a row")])
@pytest.mark.parametrize(("where", "what"), [(lease, "take"), (Ledger, "take_over"), (Ledger, "turn")])
async def test_a_fault_at_any_step_is_tried_again_and_ends_nothing(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    where: object,
    what: str,
) -> None:
    monkeypatch.setattr(where, what, failing(getattr(where, what), fault, times=3))
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert world.sees("anna") == ["Fest"]
    assert caplog.text.count(type(fault).__name__) == 3
    assert "secret" not in caplog.text


async def test_pauses_grow_while_the_trouble_lasts(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lease, "take", failing(lease.take, LOCKED, times=5))
    await world.deliver()
    pauses = [record.args[2] for record in caplog.records if isinstance(record.args, tuple)]
    assert [round(pause, 4) for pause in pauses if isinstance(pause, float)] == [
        0.0025,
        0.005,
        0.01,
        0.02,
        0.04,
    ]


async def test_what_was_sent_before_a_fault_is_written_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = False
    original = Ledger.turn

    async def turned(self: Ledger, outcomes: Sequence[Outcome], **kwargs: Any) -> Entry:
        nonlocal failed
        if outcomes and not failed:
            failed = True
            raise ValueError("nobody foresaw this")
        return await original(self, outcomes, **kwargs)

    monkeypatch.setattr(Ledger, "turn", turned)
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert await world.states(1) == {"anna": "held"}
    assert len(world.platform.calls) == 1


class UnknownEnd(Exception):
    """Stands for a connection that was lost at COMMIT."""


async def test_an_outcome_that_is_stored_twice_does_not_hit_the_next_request_of_its_copy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrived and corrected meanwhile: one transaction marks the message and begins the edit, and its end is lost."""
    original, lost = Ledger.turn, 0

    async def turned(self: Ledger, outcomes: Sequence[Outcome], **kwargs: Any) -> Entry:
        nonlocal lost
        entry = await original(self, outcomes, **kwargs)
        if outcomes and entry.jobs and lost < 2:
            lost += 1
            raise OperationalError("COMMIT", {}, UnknownEnd())
        return entry

    monkeypatch.setattr(Ledger, "turn", turned)
    world.platform._latency = 0.02
    old = await world.publish(1, "am Samstag", ["anna", "bea"])
    async with world.running():
        await until(lambda: len(world.platform.calls) == 2)
        await world.correct(1, old, "am Sonntag")
        await world.engine.settled()
    assert lost == 2
    assert (world.sees("anna"), world.sees("bea")) == (["am Sonntag"], ["am Sonntag"])
    assert await world.states(1) == {"anna": "held", "bea": "held"}
    assert len(world.platform.calls) == 4


async def test_a_mark_that_comes_late_says_nothing_about_a_later_request(world: World) -> None:
    ledger = await ledger_of(world)
    old = await world.publish(1, "am Samstag", ["anna"])
    (sent,) = await turn(ledger, news=True)
    await world.correct(1, old, "am Sonntag")
    arrived = Outcome(sent, Fate.HELD, ("1",))
    (edit,) = await turn(ledger, [arrived])
    for late in (arrived, Outcome(sent, Fate.GONE), Outcome(sent, Fate.RETURNED, counts=True)):
        await ledger.stop([late])
        (row,) = await world.rows()
        assert (row.state, row.held_text, row.attempts) == (State.SENDING, old, 0)
    await world.answer("anna", "Gern!")
    await ledger.stop([Outcome(edit, Fate.HELD, ("1",))])
    assert await world.states(1) == {"anna": "held"}
    assert (await world.rows())[-1].state == State.PENDING  # nobody closed the chat


class Deadlock(Exception):
    """As the driver of PostgreSQL says it."""

    sqlstate = "40P01"


async def test_a_turn_that_met_another_transaction_is_repeated_at_once_and_nobody_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    met = OperationalError("UPDATE delivery", {}, Deadlock())
    monkeypatch.setattr(marks, "save", failing(marks.save, met, times=2))
    await world.publish(1, "Fest", ["anna", "bea"])
    await world.deliver()
    assert await world.states(1) == {"anna": "held", "bea": "held"}
    assert len(world.platform.calls) == 2
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []
