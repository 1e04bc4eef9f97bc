"""Readers change their minds while something is written to them: nobody waits long, and a STOPP counts."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.delivery.model import Delivery, State
from bot.people.model import Pace, Person
from tests.unit.locks.meeting import alone, meet, outcome
from tests.unit.locks.test_two_at_once import counted, sends
from tests.unit.moderation.hall import Hall
from tests.unit.posts.town import at


async def test_a_tap_on_settings_does_not_wait_for_a_digest(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = hall.town
    author = await town.staff()
    await town.resident(pace=Pace.EVENING)
    await town.wake()
    await town.published(author, "Am Sonntag 14 Uhr Regale bauen im KAISERS, kostet nichts")
    town.clock.set(at("2026-11-23T18:00"))
    async with town.database.read() as session:
        reader = await session.scalar(select(func.max(Person.id)))
    assert reader is not None
    tap: Any = None

    async def written(*_: Any) -> Any:
        """While the texts are written."""
        nonlocal tap
        tap = await outcome(alone(town.database, lambda s: town.people.set_quiet(s, reader, 22, 7)))
        return await write(*_)

    write = town.digests._writer.write
    monkeypatch.setattr(town.digests._writer, "write", written)
    async with town.database.write() as session:
        await session.execute(update(Person).values(digest_mark=0))
    assert await town.digests.due(town.database) == 1
    assert tap is None
    async with town.database.read() as session:
        person = await session.get_one(Person, reader)
    assert (person.quiet_from, person.digest_mark > 0) == (22, True)


@pytest.mark.parametrize("act", ["stop", "erase"])
async def test_who_says_stop_while_it_is_sent_gets_nothing(hall: Hall, act: str) -> None:
    town = hall.town
    author = await town.staff()
    await town.resident()
    async with town.database.read() as session:
        reader = await session.scalar(select(func.max(Person.id)))
    item, send = await sends(town, author)
    _, other = await meet(town.database, send, lambda session: getattr(town.people, act)(session, reader))
    assert other is None
    assert await counted(town, Delivery.item == item, Delivery.state == State.PENDING) == 0


async def test_who_says_stop_while_digests_are_written_gets_none(hall: Hall) -> None:
    town = hall.town
    author = await town.staff()
    await town.resident(pace=Pace.EVENING)
    await town.wake()
    await town.published(author, "Am Sonntag 14 Uhr Regale bauen im KAISERS, kostet nichts")
    town.clock.set(at("2026-11-23T18:00"))
    async with town.database.read() as session:
        reader = await session.scalar(select(func.max(Person.id)))
    assert reader is not None
    sent, other = await meet(
        town.database, town.digests.run, lambda session: town.people.stop(session, reader)
    )
    assert (sent, other) == (1, None)
    assert await counted(town, Delivery.priority == 4, Delivery.state == State.PENDING) == 0
