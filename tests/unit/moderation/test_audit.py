"""The log can only grow, and shows whatever was changed behind its back."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.moderation.audit import verify
from bot.moderation.deciding import Wanted
from bot.moderation.words import Step
from bot.people.model import Role
from tests.unit.moderation.hall import Hall


async def filled(hall: Hall) -> tuple[int, int]:
    """Three steps in the log; the moderator and the reporter."""
    staff, nils, mo = await hall.person(Role.STAFF), await hall.person(), await hall.person(Role.MODERATOR)
    case = await hall.report(staff, await hall.question(nils, staff))
    async with hall.database.write() as session:
        await hall.moderation.deciding.decide(
            session, mo, case.item_id, Wanted(Step.HIDE, words="Das ist geheim.")
        )
    return mo, staff


async def test_it_names_nobody_and_is_whole(hall: Hall) -> None:
    mo, staff = await filled(hall)
    entries = await hall.log()
    assert [entry.what for entry in entries] == ["reported", "decided", "statement", "outcome"]
    assert [entry.actor for entry in entries] == [
        "house",
        hall.moderation.audit.pseudonym(mo),
        "house",
        "house",
    ]
    assert entries[1].detail == {"step": "hide", "rule": "words"}
    assert hall.moderation.audit.pseudonym(mo) != hall.moderation.audit.pseudonym(staff)
    async with hall.database.read() as session:
        verdict = await verify(session)
    assert (verdict.entries, verdict.broken_at) == (4, None)


@pytest.mark.parametrize("act", ["UPDATE audit SET what = 'x' WHERE seq = 2", "DELETE FROM audit"])
async def test_the_database_refuses_to_change_it(hall: Hall, act: str) -> None:
    await filled(hall)
    with pytest.raises(DBAPIError, match="append-only"):
        async with hall.database.write() as session:
            await session.execute(text(act))
    assert len(await hall.log()) == 4


@pytest.mark.parametrize(
    ("act", "broken_at"),
    [
        ("UPDATE audit SET what = 'claimed' WHERE seq = 2", 2),
        ("UPDATE audit SET actor = 'house' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 3", 4),
    ],
)
async def test_a_change_around_the_refusal_is_found(hall: Hall, act: str, broken_at: int) -> None:
    await filled(hall)
    async with hall.database.write() as session:
        for trigger in ("audit_no_update", "audit_no_delete"):
            await session.execute(text(f"DROP TRIGGER {trigger}"))
        await session.execute(text(act))
    async with hall.database.read() as session:
        assert (await verify(session)).broken_at == broken_at
