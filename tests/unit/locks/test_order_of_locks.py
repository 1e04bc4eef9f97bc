"""Two flows that need the same locks take them in one order: none waits for the other for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.items.model import ItemState
from bot.moderation.audit import verify
from bot.moderation.deciding import Wanted
from bot.moderation.words import Reason, Step
from bot.people.model import Role
from tests.unit.locks.meeting import alone, outcome, waits
from tests.unit.locks.test_two_at_once import corrected
from tests.unit.moderation.hall import Hall

HIDE = Wanted(Step.HIDE, rule="insult")
TIMES = 4


async def test_reports_and_decisions_side_by_side(hall: Hall) -> None:
    """A report takes a publication number and logs; a decision logs and takes a publication number."""
    mo, staff = await hall.person(Role.MODERATOR), await hall.person(Role.STAFF)
    cases = [await hall.report(staff, await hall.question(await hall.person(), staff)) for _ in range(TIMES)]
    fresh = [await hall.question(await hall.person(), staff) for _ in range(TIMES)]

    def decides(item: int) -> Any:
        return alone(hall.database, lambda s: hall.moderation.deciding.decide(s, mo, item, HIDE))

    def reports(item: int) -> Any:
        return alone(hall.database, lambda s: hall.moderation.reports.report(s, staff, item, Reason.SPAM))

    for case, item in zip(cases, fresh, strict=True):
        results = await asyncio.gather(
            outcome(decides(case.item_id)), outcome(reports(item)), outcome(reports(case.about))
        )
        assert [type(one).__name__ for one in results][:2] == ["Done", "Receipt"]
    async with hall.database.read() as session:
        assert (await verify(session)).broken_at is None


async def test_a_report_between_a_decisions_log_and_its_statement(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    mo, staff = await hall.person(Role.MODERATOR), await hall.person(Role.STAFF)
    case = await hall.report(staff, await hall.question(await hall.person(), staff))
    item = await hall.question(await hall.person(), staff)
    tell = hall.moderation.statements.to_author
    report: list[asyncio.Task[Any]] = []

    async def meanwhile(session: AsyncSession, *rest: Any) -> None:
        act = alone(hall.database, lambda s: hall.moderation.reports.report(s, staff, item, Reason.SPAM))
        report.append(asyncio.create_task(outcome(act)))
        assert await waits(hall.database, report[0])
        await tell(session, *rest)

    monkeypatch.setattr(hall.moderation.statements, "to_author", meanwhile)
    decision = await outcome(
        alone(hall.database, lambda s: hall.moderation.deciding.decide(s, mo, case.item_id, HIDE))
    )
    assert [type(one).__name__ for one in (decision, await report[0])] == ["Done", "Receipt"]


async def test_hidden_while_its_correction_leaves(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A correction holds the post and then takes a number for the news; hiding logs, and then needs the post."""
    town = hall.town
    karin, mina = await hall.person(Role.COORDINATOR), await hall.person()
    author = await hall.person(Role.STAFF)
    await town.resident()
    post, correct = await corrected(town, author)
    case = await hall.report(mina, post)
    again = town.posts.corrections._spread_again
    decision: list[asyncio.Task[Any]] = []

    async def meanwhile(session: AsyncSession, *rest: Any) -> None:
        act = alone(hall.database, lambda s: hall.moderation.deciding.decide(s, karin, case.item_id, HIDE))
        decision.append(asyncio.create_task(outcome(act)))
        assert await waits(hall.database, decision[0])
        await again(session, *rest)

    monkeypatch.setattr(town.posts.corrections, "_spread_again", meanwhile)
    done = await outcome(alone(hall.database, correct))
    assert not isinstance(done, Exception)
    assert type(await decision[0]).__name__ == "Done"
    assert (await town.load(post)).item.state == ItemState.HIDDEN
