"""Somebody is erased, or old drafts are, while one of them is being sent: what was published stays whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import open_house
from bot.delivery.model import Delivery, State
from bot.items.guard import Open
from bot.items.model import Item, ItemState
from bot.moderation.deciding import Wanted
from bot.moderation.model import Appeal, CaseState, Decision
from bot.moderation.words import Step
from bot.people.model import Pace, Person, Role
from bot.posts.kinds import Kind
from bot.posts.model import Post
from bot.posts.service import DRAFT_LIFE
from bot.privacy.register import Register
from bot.proposals.service import Proposals
from bot.settings import DatabaseSettings, Settings
from tests.unit.locks.meeting import Act, alone, meet, outcome, waits
from tests.unit.locks.test_two_at_once import TEXT, counted, sends
from tests.unit.moderation.hall import Hall
from tests.unit.posts.town import PostsTown, at


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


@pytest.fixture
async def register(hall: Hall) -> AsyncIterator[Register]:
    """The whole house's, on the same database: what /delete does."""
    url = hall.database.url.render_as_string(hide_password=False)
    async with open_house(
        Settings(database=DatabaseSettings(url=url)), clock=hall.town.clock, adapters={}, connect=False
    ) as house:
        yield house.features.register


class Deletes:
    """Somebody says /delete in the middle of what another does."""

    def __init__(self, hall: Hall, register: Register, person: int) -> None:
        self._hall = hall
        self._register = register
        self._person = person
        self._task: asyncio.Task[Any] | None = None

    def at(self, monkeypatch: pytest.MonkeyPatch, target: Any, name: str) -> None:
        """Just before this is done for the first time."""
        does = getattr(target, name)

        async def meanwhile(*about: Any, **more: Any) -> Any:
            if self._task is None:
                erase = alone(self._hall.database, lambda s: self._register.erase(s, self._person))
                self._task = asyncio.create_task(outcome(erase))
                assert await waits(self._hall.database, self._task)
            return await does(*about, **more)

        monkeypatch.setattr(target, name, meanwhile)

    async def ended(self) -> None:
        """It went through."""
        assert self._task is not None
        assert await self._task is None
        async with self._hall.database.read() as session:
            assert await session.get(Person, self._person) is None


async def with_an_open_case(hall: Hall) -> tuple[int, int]:
    """A member of staff whose question was reported: erasing them logs that its case is void. Returns both."""
    await hall.person(Role.MODERATOR)
    nils, staff = await hall.person(Role.STAFF), await hall.person(Role.STAFF)
    case = await hall.report(staff, await hall.question(nils, staff))
    return nils, case.item_id


async def test_with_an_open_case_while_their_post_is_published(
    hall: Hall, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The post is locked, and will need a number; /delete logs, and will need the post."""
    town = hall.town
    nils, case = await with_an_open_case(hall)
    await town.resident()
    item, publish = await scheduled(town, nils)
    deletes = Deletes(hall, register, nils)
    deletes.at(monkeypatch, town.posts.publishing, "_leave")
    assert await outcome(alone(town.database, publish)) == [item]
    await deletes.ended()
    assert (await town.load(item)).item.author is None
    assert (await hall.case(case)).state == CaseState.VOID


async def test_with_an_open_case_while_digests_are_written(
    hall: Hall, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/delete logs, and will need the person; a digest has read whom it tells, and will need a number."""
    town = hall.town
    nils, _ = await with_an_open_case(hall)
    async with town.database.write() as session:
        await town.people.set_pace(session, nils, Pace.EVENING)
        await town.people.subscribe(session, nils, town.suedstadt)
        await session.execute(update(Person).values(digest_mark=0))
    await town.published(await town.staff(), "Am Sonntag 14 Uhr Regale bauen im KAISERS, kostet nichts")
    town.clock.set(at("2026-11-23T18:00"))
    deletes = Deletes(hall, register, nils)
    deletes.at(monkeypatch, town.digests, "_item")
    assert await outcome(alone(town.database, town.digests.run)) == 1
    await deletes.ended()
    assert await counted(town, Delivery.priority == 4, Delivery.state == State.PENDING) == 0


async def test_while_another_human_decides_about_their_appeal(
    hall: Hall, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The appeal is decided, and the decision will be overturned; /delete goes from the case to both."""
    mo, ada = await hall.person(Role.MODERATOR), await hall.person(Role.MODERATOR)
    nils, staff = await hall.person(), await hall.person(Role.STAFF)
    case = await hall.report(staff, await hall.question(nils, staff))
    async with hall.database.write() as session:
        hide = Wanted(Step.HIDE, rule="insult")
        decision = (await hall.moderation.deciding.decide(session, mo, case.item_id, hide)).decision
    async with hall.database.write() as session:
        await hall.moderation.appeals.appeal(session, nils, decision.id, "Das war nicht so gemeint.")
    async with hall.database.read() as session:
        appeal = await session.scalar(select(Appeal.item_id))
    assert appeal is not None
    deletes = Deletes(hall, register, nils)
    deletes.at(monkeypatch, hall.moderation.hiding, "hold")

    def decides(session: AsyncSession) -> Any:
        return hall.moderation.appeals.decide(
            session, ada, appeal, overturn=True, reason="Es war ein Scherz."
        )

    assert type(await outcome(alone(hall.database, decides))).__name__ == "Case"
    await deletes.ended()
    async with hall.database.read() as session:
        assert await session.scalar(select(Appeal.person)) is None
        assert await session.scalar(select(Decision.state)) == "overturned"
