"""Sent once more by a tap, while it is taken back or a digest tells the same: one thing happens, and nobody waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Delivery, State
from bot.items.model import ItemState
from bot.posts.errors import WrongStateError
from bot.posts.leaving import copies
from bot.posts.model import Post, Receipt
from tests.unit.locks.meeting import alone, meet, outcome, waits
from tests.unit.locks.test_two_at_once import TEXT, corrected, counted
from tests.unit.moderation.hall import Hall
from tests.unit.posts.town import PostsTown, at


async def in_doubt(town: PostsTown, author: int) -> int:
    """An announcement of which nobody knows whether it arrived."""
    await town.resident()
    item = (await town.published(author, TEXT)).id
    async with town.database.write() as session:
        await session.execute(update(Delivery).where(Delivery.item == item).values(state=State.UNSURE))
    return item


async def test_taken_back_while_it_is_sent_once_more(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking it back has changed the post, and comes to the copies; sending changes the copies, and then the post."""
    town = hall.town
    author = await town.staff()
    item = await in_doubt(town, author)
    tap: list[asyncio.Task[Any]] = []

    async def meanwhile(session: AsyncSession, about: int) -> int:
        await session.flush()
        send = alone(town.database, lambda s: town.posts.again.send(s, author, item, 0))
        tap.append(asyncio.create_task(outcome(send)))
        assert await waits(town.database, tap[0])
        return await unsent(session, about)

    unsent = copies.remove_unsent
    monkeypatch.setattr(copies, "remove_unsent", meanwhile)
    await alone(town.database, lambda s: town.posts.corrections.withdraw(s, author, item))
    assert type(await tap[0]) is WrongStateError
    assert (await town.load(item)).item.state == ItemState.WITHDRAWN
    assert await counted(town, Delivery.item == item, Delivery.state == State.PENDING) == 0


@pytest.mark.parametrize("digest_first", [True, False])
async def test_a_digest_tells_it_while_it_is_sent_once_more(hall: Hall, *, digest_first: bool) -> None:
    town = hall.town
    author = await town.staff()
    item = await in_doubt(town, author)
    town.clock.set(at("2026-11-23T18:00"))

    def tap(session: AsyncSession) -> Any:
        return town.posts.again.send(session, author, item, 0)

    if digest_first:
        told, sent = await meet(town.database, town.digests.run, tap)
        assert (told, type(sent)) == (1, WrongStateError)
    else:
        assert await meet(town.database, tap, town.digests.run) == (1, 0)
    assert await counted(town, Delivery.state == State.PENDING) == 1


async def test_a_receipt_with_a_choice_while_the_next_post_is_corrected(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first receipt takes a number; the correction holds the post whose receipt comes next, and wants one, too."""
    town = hall.town
    author = await town.staff()
    first = await in_doubt(town, author)
    second, correct = await corrected(town, author)
    await town.deliver()
    async with town.database.write() as session:
        doubtful = update(Delivery).where(Delivery.item.in_((first, second)))
        await session.execute(doubtful.values(state=State.UNSURE, ref=None, held_text=None))
        due = update(Post).where(Post.item_id.in_((first, second)))
        await session.execute(due.values(receipt=Receipt.PUBLISHED, sender=author))
    correction: list[asyncio.Task[Any]] = []
    ask = town.posts.receipts._offer_again

    async def meanwhile(*about: Any) -> bool:
        asked = await ask(*about)
        if not correction:
            correction.append(asyncio.create_task(outcome(alone(town.database, correct))))
            assert await waits(town.database, correction[0])
        return asked

    monkeypatch.setattr(town.posts.receipts, "_offer_again", meanwhile)
    assert await outcome(alone(town.database, town.posts.receipts_due)) == 2
    assert len(await correction[0]) == 1
