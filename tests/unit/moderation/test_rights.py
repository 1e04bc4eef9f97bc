"""Who decides is asked at every act; a forged one learns nothing; of two who act at once, one wins."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.items.model import Item
from bot.moderation import reported
from bot.moderation.deciding import Wanted
from bot.moderation.errors import (
    AnotherError,
    ModerationError,
    NeedsReasonError,
    NobodyError,
    NotYoursError,
    OwnError,
    TakenError,
    TwiceError,
    UnknownError,
)
from bot.moderation.model import Appeal, CaseState, Level, Report, Restriction
from bot.moderation.words import Reason, Step
from bot.people.model import Role
from tests.unit.moderation.hall import Hall

HIDE = Wanted(Step.HIDE, rule="insult")


async def decide(hall: Hall, person: int, item: int, wanted: Wanted = HIDE) -> None:
    async with hall.database.write() as session:
        await hall.moderation.deciding.decide(session, person, item, wanted)


async def begun(hall: Hall) -> tuple[int, int, int]:
    """A case about Nils, reported by the staff: item of the case, Nils, the staff."""
    staff, nils = await hall.person(Role.STAFF), await hall.person()
    case = await hall.report(staff, await hall.question(nils, staff))
    return case.item_id, nils, staff


async def test_nobody_without_the_role_nor_about_oneself_nor_on_ones_own_report(hall: Hall) -> None:
    mo = await hall.person(Role.MODERATOR)
    karin = await hall.person(Role.COORDINATOR)
    item, nils, staff = await begun(hall)
    async with hall.database.write() as session:
        await hall.town.roles.grant(session, nils, Role.MODERATOR, hall.town.suedstadt)
        await hall.town.roles.grant(session, staff, Role.MODERATOR, hall.town.suedstadt)
    stranger = await hall.person()
    for person in (nils, staff, stranger):
        with pytest.raises(UnknownError):
            await decide(hall, person, item)
        with pytest.raises(UnknownError):
            async with hall.database.write() as session:
                await hall.moderation.cases.claim(session, person, item)
    with pytest.raises(UnknownError):
        await decide(hall, mo, item + 1000)
    with pytest.raises(NeedsReasonError):
        await decide(hall, mo, item, Wanted(Step.HIDE))
    await decide(hall, karin, item)


async def test_what_is_not_ones_own_to_see_can_not_be_reported(hall: Hall) -> None:
    await hall.person(Role.MODERATOR)
    staff, nils, stranger = await hall.person(Role.STAFF), await hall.person(), await hall.person()
    question = await hall.question(nils, staff)
    faults: dict[int, type[ModerationError]] = {stranger: UnknownError, nils: UnknownError}
    for person, fault in faults.items():
        with pytest.raises(fault):
            await hall.report(person, question)
    await hall.report(staff, question)
    with pytest.raises(TwiceError):
        await hall.report(staff, question, Reason.HATE)
    post = await hall.town.published(staff, "Am Freitag 15 Uhr Tee im KAISERS, kostet nichts")
    with pytest.raises(OwnError):
        await hall.report(staff, post.id)


async def test_reports_join_the_open_case(hall: Hall) -> None:
    await hall.person(Role.MODERATOR)
    staff, anna, ben = await hall.person(Role.STAFF), await hall.person(), await hall.person()
    post = await hall.town.published(staff, "Am Freitag 15 Uhr Tee im KAISERS, kostet nichts")
    first, second = await hall.report(anna, post.id), await hall.report(ben, post.id, Reason.SPAM)
    assert first.item_id == second.item_id
    async with hall.database.read() as session:
        assert len((await session.scalars(select(Report))).all()) == 2
    assert (await hall.town.load(post.id)).item.state == "published"


async def test_only_the_coordinator_touches_official_messages(hall: Hall) -> None:
    mo, karin = await hall.person(Role.MODERATOR), await hall.person(Role.COORDINATOR)
    staff, anna = await hall.person(Role.STAFF), await hall.person()
    post = await hall.town.published(staff, "Am Freitag 15 Uhr Tee im KAISERS, kostet nichts")
    case = await hall.report(anna, post.id)
    assert (case.official, case.level) == (True, Level.MODERATORS)
    for step in (Step.HIDE, Step.WARN, Step.MUTE, Step.EXCLUDE):
        with pytest.raises(NotYoursError):
            await decide(hall, mo, case.item_id, Wanted(step, rule="insult"))
    await decide(hall, karin, case.item_id)
    assert (await hall.town.load(post.id)).item.state == "hidden"


async def test_an_exclusion_needs_two(hall: Hall) -> None:
    mo = await hall.person(Role.MODERATOR)
    item, nils, _ = await begun(hall)
    with pytest.raises(NobodyError):
        await decide(hall, mo, item, Wanted(Step.EXCLUDE, rule="insult"))
    mia = await hall.person(Role.MODERATOR)
    await decide(hall, mo, item, Wanted(Step.EXCLUDE, rule="insult"))
    (decision,) = await hall.decisions(item)
    assert await hall.silence(nils) is None
    with pytest.raises(AnotherError):
        async with hall.database.write() as session:
            await hall.moderation.deciding.confirm(session, mo, decision.id, yes=True)
    with pytest.raises(UnknownError):
        async with hall.database.write() as session:
            await hall.moderation.deciding.confirm(session, nils, decision.id, yes=True)
    async with hall.database.write() as session:
        await hall.moderation.deciding.confirm(session, mia, decision.id, yes=True)
    silence = await hall.silence(nils)
    assert silence is not None
    assert silence.until is None


async def test_of_two_who_claim_at_once_one_wins(hall: Hall) -> None:
    """On PostgreSQL both transactions run side by side; on SQLite one waits."""
    item, _, _ = await begun(hall)
    people = [await hall.person(Role.MODERATOR) for _ in range(4)]

    async def claim(person: int) -> bool:
        try:
            async with hall.database.write() as session:
                await hall.moderation.cases.claim(session, person, item)
        except TakenError:
            return False
        return True

    won = await asyncio.gather(*(claim(person) for person in people))
    assert won.count(True) == 1
    assert (await hall.case(item)).claimed_by == people[won.index(True)]


async def test_a_restriction_ends_by_itself(hall: Hall) -> None:
    mo = await hall.person(Role.MODERATOR)
    item, nils, _ = await begun(hall)
    await decide(hall, mo, item, Wanted(Step.MUTE, 7, rule="insult"))
    silence = await hall.silence(nils)
    assert silence is not None
    assert silence.until == hall.town.clock.now() + timedelta(days=7)
    hall.town.clock.advance(timedelta(days=7))
    assert await hall.silence(nils) is None
    async with hall.database.write() as session:
        await hall.moderation.due(session)
    assert [entry.what for entry in await hall.log()][-1] == "lifted"


async def test_who_decided_does_not_hear_the_appeal(hall: Hall) -> None:
    mo = await hall.person(Role.MODERATOR)
    item, nils, _ = await begun(hall)
    await decide(hall, mo, item, Wanted(Step.MUTE, 30, rule="insult"))
    (decision,) = await hall.decisions(item)
    async with hall.database.write() as session:
        number, reached = await hall.moderation.appeals.appeal(session, nils, decision.id, "Nein!")
    assert (number, reached) == ((await hall.case(item)).number, False)
    karin = await hall.person(Role.COORDINATOR)
    async with hall.database.write() as session:
        await hall.moderation.due(session)
        appeal = (await session.scalars(select(Appeal))).one()
        assert await hall.moderation.appeals.open(session, mo) == []
        assert await hall.moderation.appeals.open(session, karin) == [appeal]
    with pytest.raises(UnknownError):
        async with hall.database.write() as session:
            await hall.moderation.appeals.decide(session, mo, appeal.item_id, overturn=True, reason="Ja.")
    async with hall.database.write() as session:
        await hall.moderation.appeals.decide(session, karin, appeal.item_id, overturn=True, reason="Ja.")
    assert await hall.silence(nils) is None


async def test_an_erased_author_ends_the_case_and_an_erased_reporter_does_not(hall: Hall) -> None:
    mo = await hall.person(Role.MODERATOR)
    item, nils, staff = await begun(hall)
    async with hall.database.write() as session:
        await hall.moderation.keeping.erase(session, staff)
    assert (await hall.case(item)).state == CaseState.OPEN
    async with hall.database.write() as session:
        await hall.moderation.keeping.erase(session, nils)
    case = await hall.case(item)
    assert (case.state, case.author, case.snapshot) == (CaseState.VOID, None, {})
    async with hall.database.read() as session:
        assert (await session.scalars(select(Report.reporter))).all() == [None]
        assert (await session.scalars(select(Restriction))).all() == []
    with pytest.raises(ModerationError):
        await decide(hall, mo, item)


async def test_time_erases_first_the_content_then_the_case(hall: Hall) -> None:
    mo = await hall.person(Role.MODERATOR)
    item, nils, _ = await begun(hall)
    await decide(hall, mo, item)
    for days, snapshot in ((100, True), (100, False)):
        hall.town.clock.advance(timedelta(days=days))
        async with hall.database.write() as session:
            await hall.moderation.keeping.erase_old(session)
        assert bool((await hall.case(item)).snapshot) is snapshot
    hall.town.clock.advance(timedelta(days=200))
    async with hall.database.write() as session:
        await hall.moderation.keeping.erase_old(session)
        exported = await hall.moderation.keeping.export(session, nils)
    assert exported == {"reports": [], "decisions": [], "appeals": []}
    assert len(await hall.log()) == 4


async def test_what_a_resident_wrote_is_the_moderators_and_its_author_learns_why(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reported, "is_official", lambda post: False)
    mo, staff = await hall.person(Role.MODERATOR), await hall.person(Role.STAFF)
    nour, anna = await hall.person(language="ar"), await hall.person()
    post = await hall.town.published(staff, "Am Freitag 15 Uhr Tee im KAISERS, kostet nichts")
    async with hall.database.write() as session:
        await session.execute(update(Item).where(Item.id == post.id).values(author=nour))
    case = await hall.report(anna, post.id)
    assert (case.author, case.official, case.level) == (nour, False, Level.MODERATORS)
    await decide(hall, mo, case.item_id)
    await hall.town.deliver()
    async with hall.database.read() as session:
        (address,) = await hall.town.people.addresses(session, nour)
    assert "أُخفي منشورك" in "".join(hall.town.sees(address.partition(" ")[2]))
    with pytest.raises(OwnError):
        await hall.report(nour, (await again(hall, post.id)))


async def again(hall: Hall, item: int) -> int:
    """The post is back."""
    async with hall.database.write() as session:
        assert await hall.moderation.hiding.restore(session, item)
    return item


async def test_a_case_that_becomes_urgent_rings_at_once(hall: Hall) -> None:
    mo = await hall.person(Role.MODERATOR)
    staff, anna, ben = await hall.person(Role.STAFF), await hall.person(), await hall.person()
    post = await hall.town.published(staff, "Am Freitag 15 Uhr Tee im KAISERS, kostet nichts")
    await hall.report(anna, post.id)
    hall.town.clock.advance(timedelta(hours=10))
    case = await hall.report(ben, post.id, Reason.DANGER)
    assert case.urgent
    async with hall.database.read() as session:
        (address,) = await hall.town.people.addresses(session, mo)
    seen = "\n".join(hall.town.sees(address.partition(" ")[2]))
    assert f"Dringend: In Fall {case.number}" in seen
    assert "2 Meldungen" in seen


async def test_a_hidden_question_can_not_be_answered_until_it_is_back(hall: Hall) -> None:
    mo = await hall.person(Role.MODERATOR)
    item, _, staff = await begun(hall)
    case = await hall.case(item)
    await decide(hall, mo, item)
    async with hall.database.write() as session:
        assert await hall.questions.open_to(session, staff, case.about) is None
        await hall.moderation.hiding.restore(session, case.about)
        assert await hall.questions.open_to(session, staff, case.about) is not None
