"""Of two who act at once on PostgreSQL, the second finds what the first has done; nothing happens twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import ManualClock
from bot.delivery.model import Delivery
from bot.items.guard import Open
from bot.items.model import ItemState
from bot.moderation.deciding import Wanted
from bot.moderation.errors import OverError
from bot.moderation.model import CaseState
from bot.moderation.words import Step
from bot.offers.service import AlreadySoError
from bot.people.model import Grant, Person, Role
from bot.posts.errors import StaleError, WrongStateError
from bot.posts.kinds import FieldName, Kind
from bot.posts.leaving.publishing import Sent
from bot.proposals.service import Proposals
from bot.thanks.service import ThanksService
from bot.watch.trouble import Kind as Wrong
from bot.watch.trouble import Trouble
from tests.stories.driver import open_town
from tests.stories.sides import MemorySide
from tests.unit.locks.meeting import Act, meet
from tests.unit.moderation.hall import Hall
from tests.unit.posts.offers_world import CAFE, THURSDAY, World
from tests.unit.posts.town import PostsTown, at

TEXT = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts"
HIDE = Wanted(Step.HIDE, rule="insult")


async def sends(town: PostsTown, author: int, text: str = TEXT) -> tuple[int, Act]:
    """A draft, and "Senden" below its preview."""
    draft = await town.draft(author, text)

    async def send(session: AsyncSession) -> Sent:
        return await town.posts.publishing.send(session, author, draft.id, revision=draft.item.revision)

    return draft.id, send


async def counted(town: PostsTown, *where: Any) -> int:
    async with town.database.read() as session:
        return await session.scalar(select(func.count()).select_from(Delivery).where(*where)) or 0


async def test_sent_in_two_chats_it_leaves_once(hall: Hall) -> None:
    town = hall.town
    author = await town.staff()
    await town.resident()
    item, send = await sends(town, author)
    one, other = await meet(town.database, send, send)
    assert (type(one), type(other)) == (Sent, WrongStateError)
    assert await counted(town, Delivery.item == item) == 1


async def test_released_and_refused_at_once(hall: Hall) -> None:
    town = hall.town
    author, second, third = await town.staff(), await town.staff(), await town.staff()

    def words(act: Any, person: int, item: int, revision: int) -> Act:
        return lambda session: act(session, person, item, revision=revision)

    for refuses_first in (True, False):
        async with town.database.write() as session:
            draft = await town.posts.drafts.begin(session, author, town.kaisers, "de", template=Kind.ALERT)
            for name, said in ((FieldName.WHAT, "Wasser"), (FieldName.WHERE, "Südstadt")):
                await town.posts.drafts.set_field(session, draft, name, said)
            draft.post.asked = [name.value for name in FieldName]
        item, revision = draft.id, draft.item.revision
        await town.send(author, draft)
        yes = words(town.posts.publishing.approve, second, item, revision)
        no = words(town.posts.publishing.refuse, third, item, revision)
        _, other = await meet(town.database, *((no, yes) if refuses_first else (yes, no)))
        assert type(other) is (StaleError if refuses_first else WrongStateError)
        state = (await town.load(item)).item.state
        assert state == (ItemState.DRAFT if refuses_first else ItemState.PUBLISHED)


async def test_two_schedulers_publish_what_is_due_once(hall: Hall) -> None:
    town = hall.town
    author = await town.staff()
    await town.resident()
    items = []
    for _ in range(3):
        draft = await town.draft(author, TEXT)
        async with town.database.write() as session:
            await town.posts.publishing.schedule(
                session, author, draft.id, town.clock.now() + timedelta(hours=1),
                revision=draft.item.revision,
            )  # fmt: skip
        items.append(draft.id)
    town.clock.advance(timedelta(hours=2))

    def due(session: AsyncSession) -> Any:
        return town.posts.publish_due(session, town.clock.now())

    assert await meet(town.database, due, due) == (items, [])
    numbers = [(await town.load(item)).item.publication_no for item in items]
    assert numbers == [1, 2, 3]
    assert await counted(town, Delivery.item.in_(items)) == 3
    await town.deliver()

    def receipts(session: AsyncSession) -> Any:
        return town.posts.receipts_due(session)

    assert await meet(town.database, receipts, receipts) == (3, 0)


async def corrected(town: PostsTown, author: int) -> tuple[int, Act]:
    """A published post, and the scheduler that brings its correction."""
    post = await town.published(author, TEXT)
    async with town.database.write() as session:
        draft = await town.posts.drafts.correction(session, author, post.id)
        await town.posts.drafts.change(session, draft, "doch Freitag 16 Uhr")
    await town.send(author, draft)
    town.clock.advance(timedelta(seconds=31))
    return post.id, lambda session: town.posts.publish_due(session, town.clock.now())


async def test_corrected_and_taken_back_at_once_it_is_taken_back(hall: Hall) -> None:
    town = hall.town
    author = await town.staff()
    for corrects_first in (True, False):
        await town.resident()
        item, correct = await corrected(town, author)
        await town.deliver()

        def withdraw(session: AsyncSession, item: int = item) -> Any:
            return town.posts.corrections.withdraw(session, author, item)

        acts = (correct, withdraw) if corrects_first else (withdraw, correct)
        results = await meet(town.database, *acts)
        assert not [one for one in results if isinstance(one, Exception)]
        assert (await town.load(item)).item.state == ItemState.WITHDRAWN
        assert await counted(town, Delivery.item == item, Delivery.wanted_text.is_not(None)) == 0


async def test_changed_while_it_is_sent(hall: Hall) -> None:
    town = hall.town
    author, colleague = await town.staff(), await town.staff()
    item, send = await sends(town, author)
    _, other = await meet(
        town.database, send, lambda session: town.posts.drafts.edit(session, colleague, item)
    )
    assert type(other) is WrongStateError
    assert (await town.load(item)).item.revision == 1


async def test_thanks_are_told_once(hall: Hall) -> None:
    town = hall.town
    author = await town.staff()
    post = await town.published(author, TEXT)
    thanks = ThanksService(town.clock, town.posts._outbox, town.people, town.posts)
    reader = await hall.person()
    async with town.database.write() as session:
        await thanks.say(session, reader, post.id)
    town.clock.set(at("2026-11-23T18:00"))
    await meet(town.database, thanks.due, thanks.due)
    assert await counted(town, Delivery.priority == 2) == 1


async def test_two_tellers_of_moderation(hall: Hall) -> None:
    """A mute is over, and a case waits too long: one of two programs tells."""
    await hall.person(Role.MODERATOR)
    karin, nils, staff = (
        await hall.person(Role.COORDINATOR),
        await hall.person(),
        await hall.person(Role.STAFF),
    )
    question = await hall.question(nils, staff)
    case = await hall.report(staff, question)
    async with hall.database.write() as session:
        await hall.moderation.deciding.decide(
            session, karin, case.item_id, Wanted(Step.MUTE, days=1, rule="insult")
        )
    waiting = await hall.report(staff, await hall.question(await hall.person(), staff))
    hall.town.clock.advance(timedelta(days=2))
    results = await meet(hall.database, hall.moderation.due, hall.moderation.due)
    assert results == (None, None)
    steps = [entry.what for entry in await hall.log()]
    assert (steps.count("lifted"), steps.count("escalated")) == (1, 1)
    assert (await hall.case(waiting.item_id)).escalated_at is not None


async def test_decided_while_another_decides(hall: Hall) -> None:
    mo, ada = await hall.person(Role.MODERATOR), await hall.person(Role.MODERATOR)
    staff, nils = await hall.person(Role.STAFF), await hall.person()
    case = await hall.report(staff, await hall.question(nils, staff))

    def decides(person: int) -> Act:
        return lambda session: hall.moderation.deciding.decide(session, person, case.item_id, HIDE)

    _, other = await meet(hall.database, decides(mo), decides(ada))
    assert type(other) is OverError
    assert (await hall.case(case.item_id)).state == CaseState.DECIDED


async def test_one_code_one_role_and_one_subscription(hall: Hall) -> None:
    town = hall.town
    async with town.database.write() as session:
        code = await town.roles.invite(session, Role.COORDINATOR, 0)
    mina, ali = await hall.person(), await hall.person()
    async with town.database.read() as session:
        chat = dict((await session.execute(select(Person.id, Person.preferred_chat))).all())

    def redeems(person: int) -> Act:
        return lambda session: town.roles.redeem(session, chat[person], person, code)

    one, other = await meet(town.database, redeems(mina), redeems(ali))
    assert (one.person, other) == (mina, None)
    async with town.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Grant)) == 1

    def subscribes(session: AsyncSession) -> Any:
        return town.people.subscribe(session, mina, town.suedstadt)

    assert await meet(town.database, subscribes, subscribes) == (True, False)


async def test_called_off_and_back_by_two(world: World) -> None:
    def off(person: int) -> Act:
        return lambda session: world.offers.call_off(session, person, CAFE, THURSDAY, language="de")

    _, other = await meet(world.database, off(world.petra), off(world.paul))
    assert type(other) is AlreadySoError

    def on(person: int) -> Act:
        return lambda session: world.offers.takes_place(session, person, CAFE, THURSDAY)

    _, other = await meet(world.database, on(world.petra), on(world.paul))
    assert type(other) is AlreadySoError
    assert not await world.cancelled(CAFE, THURSDAY)


async def test_two_programs_look_and_one_tells(postgres_url: str, tmp_path: Path, clock: ManualClock) -> None:
    async with open_town(MemorySide(clock), tmp_path, clock=clock, url=postgres_url) as town:
        karin = await town.staff("Karin", role=Role.COORDINATOR)
        trouble = Trouble(Wrong.LOGIN, clock.now(), "alpha")

        def tells(session: AsyncSession) -> Any:
            return town.house.watch._told(session, {trouble.code: trouble})

        await karin.looks_away()
        await meet(town.house.database, tells, tells)
        await town.house.engine.settled()
        assert len(await karin.new()) == 1


async def test_two_reviewers_and_two_tellers_of_a_proposal(hall: Hall) -> None:
    town = hall.town
    proposals = Proposals(
        town.clock, town.posts._outbox, town.people, town.roles, town.quartiere, town.posts, Open(),
        lambda: town.able,
    )  # fmt: skip
    author, petra, paul = await hall.person(), await town.staff(), await town.staff()
    async with town.database.write() as session:
        found = await proposals.authoring.begin(
            session, author, Kind.OFFERED, "Ein Kinderbett zu verschenken", "de", quartier=town.suedstadt
        )
        revision = found.post.item.revision
        await proposals.authoring.submit(session, author, found.id, revision=revision)

    def releases(person: int) -> Act:
        return lambda session: proposals.reviewing.release(session, person, found.id, revision=revision)

    _, other = await meet(town.database, releases(petra), releases(paul))
    assert type(other) is WrongStateError
    town.clock.advance(timedelta(seconds=31))
    await town.deliver()
    before = await counted(town)
    assert await meet(town.database, proposals.due, proposals.due) == (None, None)
    assert await counted(town) == before + 1
