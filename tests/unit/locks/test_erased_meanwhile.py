"""Somebody is erased, or old drafts are, while one of them is being sent: what was published stays whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.items.guard import Open
from bot.items.model import Item, ItemState
from bot.posts.kinds import Kind
from bot.posts.model import Post
from bot.posts.service import DRAFT_LIFE
from bot.proposals.service import Proposals
from tests.unit.locks.meeting import Act, meet
from tests.unit.locks.test_two_at_once import TEXT, sends
from tests.unit.moderation.hall import Hall
from tests.unit.posts.town import PostsTown


async def scheduled(town: PostsTown, author: int) -> tuple[int, Act]:
    """A post whose time has come, and the scheduler that publishes it."""
    draft = await town.draft(author, TEXT)
    async with town.database.write() as session:
        await town.posts.publishing.schedule(
            session, author, draft.id, town.clock.now() + timedelta(hours=1), revision=draft.item.revision
        )
    town.clock.advance(timedelta(hours=2))
    return draft.id, lambda session: town.posts.publish_due(session, town.clock.now())


async def is_there(town: PostsTown, item: int) -> bool:
    async with town.database.read() as session:
        return await session.scalar(select(Item.id).where(Item.id == item)) is not None


@pytest.mark.parametrize("publishes_first", [True, False])
async def test_its_author_is_erased_while_a_post_is_published(hall: Hall, *, publishes_first: bool) -> None:
    town = hall.town
    author = await town.staff()
    await town.resident()
    item, publish = await scheduled(town, author)

    def erase(session: AsyncSession) -> Any:
        return town.posts.erase(session, author)

    if publishes_first:
        assert await meet(town.database, publish, erase) == ([item], None)
        post = await town.load(item)
        assert (post.item.state, post.item.author, post.original.title != "") == ("published", None, True)
        assert len(await town.copies(item)) == 1
    else:
        assert await meet(town.database, erase, publish) == (None, [])
        assert not await is_there(town, item)
        assert await town.copies(item) == []


@pytest.mark.parametrize("sends_first", [True, False])
async def test_an_old_draft_is_sent_while_the_old_ones_are_forgotten(
    hall: Hall, *, sends_first: bool
) -> None:
    town = hall.town
    author = await town.staff()
    await town.resident()
    item, send = await sends(town, author, "Neuigkeiten aus dem KAISERS: die Regale stehen")
    town.clock.advance(DRAFT_LIFE + timedelta(days=1))
    if sends_first:
        sent, swept = await meet(town.database, send, town.posts.erase_old)
        assert (type(sent).__name__, swept) == ("Sent", None)
        assert (await town.load(item)).item.state == ItemState.PUBLISHED
        assert len(await town.copies(item)) == 1
    else:
        swept, sent = await meet(town.database, town.posts.erase_old, send)
        assert (swept, type(sent).__name__) == (None, "StaleError")
        assert not await is_there(town, item)


@pytest.mark.parametrize("submits_first", [True, False])
async def test_an_old_proposal_is_submitted_while_the_old_ones_are_forgotten(
    hall: Hall, *, submits_first: bool
) -> None:
    town = hall.town
    await town.staff()
    author = await hall.person()
    proposals = Proposals(
        town.clock, town.posts._outbox, town.people, town.roles, town.quartiere, town.posts, Open(),
        lambda: town.able,
    )  # fmt: skip
    async with town.database.write() as session:
        found = await proposals.authoring.begin(
            session, author, Kind.OFFERED, "Ein Kinderbett zu verschenken", "de", quartier=town.suedstadt
        )
        revision = found.post.item.revision
    town.clock.advance(DRAFT_LIFE + timedelta(days=1))
    async with town.database.write() as session:
        await session.execute(update(Post).values(until=town.clock.now() + timedelta(days=7)))

    def submit(session: AsyncSession) -> Any:
        return proposals.authoring.submit(session, author, found.id, revision=revision)

    first, second = (submit, proposals.erase_old) if submits_first else (proposals.erase_old, submit)
    results = await meet(town.database, first, second)
    assert await is_there(town, found.id) is submits_first
    assert [type(one).__name__ for one in results if isinstance(one, Exception)] == (
        [] if submits_first else ["NotAllowedError"]
    )
