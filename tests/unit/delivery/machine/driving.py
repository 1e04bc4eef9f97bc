"""Runs of the machine, each of many examples."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import select

from bot.delivery.ledger import Ledger
from bot.delivery.model import Delivery
from tests.unit.delivery.machine.database import answer_at_once, keep_leases_by
from tests.unit.delivery.machine.rules import Machine
from tests.unit.delivery.machine.town import NOON, TOWNS

A_ROUND = 10
ROUNDS = int(os.environ.get("MACHINE_EXAMPLES", "0")) // A_ROUND
STEPS = int(os.environ.get("MACHINE_STEPS", "30"))


def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine needs to see, and to decide, in the engine."""
    take_over: Callable[[Ledger], Awaitable[int]] = Ledger.take_over

    async def noted(self: Ledger) -> int:
        async with self._database.read() as session:
            rows = await session.scalars(select(Delivery.id).where(Delivery.state == "sending"))
            TOWNS[0].left_behind.update(rows.all())
        return await take_over(self)

    monkeypatch.setattr(Ledger, "take_over", noted)
    answer_at_once(monkeypatch)
    keep_leases_by(monkeypatch, NOON, lambda: TOWNS[0].loop.time())


def drive(url: Callable[[], str], *, rounds: int, several: bool) -> None:
    """Run the machine. A failure prints the steps that lead to it.

    In many short rounds: after its first examples Hypothesis spends most of its time on variations of them.
    """
    machine: type[Machine] = type("TheMachine", (Machine,), {"url": staticmethod(url), "several": several})
    begin = secrets.randbelow(2**32) if ROUNDS else 0
    shrinks = [Phase.shrink] if os.environ.get("MACHINE_SHRINK") else []
    for number in range(begin, begin + (ROUNDS or rounds)):
        run_state_machine_as_test(
            seed(number)(machine),
            settings=settings(
                max_examples=A_ROUND,
                stateful_step_count=STEPS,
                database=None,
                deadline=None,
                phases=[Phase.generate, *shrinks],
                suppress_health_check=list(HealthCheck),
                print_blob=False,
            ),
        )
