"""Damaged rows and a database in trouble: what can't be done ends or waits, and the program goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from bot.delivery import lease
from bot.delivery.job import Outcome
from bot.delivery.ledger import Entry, Ledger
from bot.delivery.model import Delivery, State, StoredText
from tests.unit.delivery.world import World


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
    turn = Ledger.turn

    async def turned(self: Ledger, outcomes: Sequence[Outcome], **kwargs: Any) -> Entry:
        nonlocal failed
        if outcomes and not failed:
            failed = True
            raise ValueError("nobody foresaw this")
        return await turn(self, outcomes, **kwargs)

    monkeypatch.setattr(Ledger, "turn", turned)
    await world.publish(1, "Fest", ["anna"])
    await world.deliver()
    assert await world.states(1) == {"anna": "held"}
    assert len(world.platform.calls) == 1
