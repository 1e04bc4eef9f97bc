"""The numbers and dates of proposals, without a chat: quotas, last days, who reviews, what is understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.contract import Capabilities
from bot.delivery.chats import chat_for
from bot.delivery.outbox import Outbox
from bot.items.guard import Open
from bot.people.model import Role
from bot.posts.errors import NotAllowedError, StaleError, TooLateError, WrongStateError
from bot.posts.kinds import PROPOSED, TEMPLATES, Kind
from bot.posts.sentences import kind_name
from bot.proposals.model import Stage
from bot.proposals.records import Found, TooManyError
from bot.proposals.service import Proposals
from bot.quartiere.model import WHOLE_CITY
from bot.storage import Database
from tests.unit.posts.town import LANGUAGES, PostsTown, at


@dataclass
class Street:
    """A town with proposals."""

    town: PostsTown
    proposals: Proposals
    mina: int

    async def begin(self, kind: Kind = Kind.OFFERED, text: str = "Kinderbett", *, organisation: int | None = None,
                    person: int | None = None, quartier: int | None = None) -> Found:  # fmt: skip
        async with self.town.database.write() as session:
            return await self.proposals.authoring.begin(
                session, person or self.mina, kind, text, "de", organisation=organisation,
                quartier=self.town.suedstadt if quartier is None else quartier,
            )  # fmt: skip

    async def submit(self, found: Found) -> int:
        async with self.town.database.write() as session:
            sent = await self.proposals.authoring.submit(
                session, found.post.item.author or 0, found.id, revision=found.post.item.revision
            )
        return sent.reached

    async def found(self, item: int) -> Found:
        async with self.town.database.read() as session:
            found = await self.proposals.records.find(session, item)
        assert found is not None
        return found


@pytest.fixture
async def street(database: Database) -> Street:
    town = await PostsTown.make(database)

    def able() -> Mapping[int, Capabilities]:
        return town.able

    proposals = Proposals(
        town.clock, Outbox(town.clock, lambda: None), town.people, town.roles, town.quartiere, town.posts, Open(), able
    )  # fmt: skip
    async with database.write() as session:
        chat = await chat_for(session, town.lane, "mina")
        mina = (await town.people.agree(session, chat.id, "de")).person
        await town.people.subscribe(session, mina, town.suedstadt)
    return Street(town, proposals, mina)


async def test_an_offer_stays_for_two_weeks(street: Street) -> None:
    found = await street.begin()
    assert found.post.post.until == at("2026-12-08T00:00")


async def test_an_event_stays_until_its_end(street: Street) -> None:
    found = await street.begin(Kind.EVENT, "Hofflohmarkt am Samstag 11 bis 15 Uhr, Kaiserstr. 12")
    await street.submit(found)
    assert (await street.found(found.id)).post.post.until == at("2026-11-28T15:00")


async def test_dates_in_an_offer_are_words(street: Street) -> None:
    found = await street.begin(
        Kind.OFFERED, "Verschenke Kisten, abzuholen am Samstag um 11 Uhr in der Kaiserstr. 80"
    )
    assert found.post.post.starts_at is None
    assert "Samstag um 11 Uhr" in f"{found.post.original.title} {found.post.original.body}"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in PROPOSED])
async def test_only_what_residents_may_propose(street: Street, kind: Kind) -> None:
    with pytest.raises(StaleError):
        await street.begin(kind)


def test_staff_are_not_offered_the_residents_kinds() -> None:
    assert not set(PROPOSED) - {Kind.EVENT} & set(TEMPLATES)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_name(kind: Kind) -> None:
    assert LANGUAGES.renderer("de").text(kind_name(kind))


async def test_no_more_than_three_wait_and_five_a_week(street: Street) -> None:
    await street.town.staff()
    sent = []
    for _ in range(3):
        sent.append(await street.begin())
        await street.submit(sent[-1])
    with pytest.raises(TooManyError) as too_many:
        await street.begin()
    assert (too_many.value.limit, too_many.value.weekly) == (3, False)
    for _ in range(2):
        async with street.town.database.write() as session:
            await street.proposals.authoring.withdraw(session, street.mina, sent.pop().id)
        sent.append(await street.begin())
        await street.submit(sent[-1])
    async with street.town.database.write() as session:
        await street.proposals.authoring.withdraw(session, street.mina, sent.pop().id)
    with pytest.raises(TooManyError) as too_many:
        await street.begin()
    assert (too_many.value.limit, too_many.value.weekly) == (5, True)
    street.town.clock.advance(timedelta(days=7, minutes=1))
    await street.begin()


async def test_a_draft_begun_earlier_counts_when_it_is_sent(street: Street) -> None:
    await street.town.staff()
    drafts = [await street.begin() for _ in range(4)]
    for draft in drafts[:3]:
        await street.submit(draft)
    with pytest.raises(TooManyError):
        await street.submit(drafts[3])


async def test_an_organisation_has_a_number_of_its_own(street: Street) -> None:
    async with street.town.database.write() as session:
        club = (await street.town.quartiere.organisations(session))[0].id
        with pytest.raises(NotAllowedError):
            await street.proposals.authoring.may_begin(session, street.mina, club)
        held = await street.town.roles.grant(session, street.mina, Role.ORGANISATION, club)
    for _ in range(5):
        await street.submit(await street.begin(organisation=club))
    with pytest.raises(TooManyError):
        await street.begin(organisation=club)
    await street.begin()
    async with street.town.database.write() as session:
        await street.town.roles.revoke(session, held.grant)
        assert await street.proposals.records.organisations(session, street.mina) == {}


async def test_who_reviews(street: Street) -> None:
    town = street.town
    coordinator = await town.staff(role=Role.COORDINATOR)
    found = await street.begin()
    async with town.database.read() as session:
        assert await street.proposals.records.reviewers(session, found) == {coordinator: None}
    petra = await town.staff()
    async with town.database.read() as session:
        assert await street.proposals.records.reviewers(session, found) == {petra: town.kaisers}
    everywhere = await street.begin(quartier=WHOLE_CITY)
    async with town.database.read() as session:
        assert await street.proposals.records.reviewers(session, everywhere) == {coordinator: None}
    own = await street.begin(person=petra)
    async with town.database.read() as session:
        assert await street.proposals.records.reviewers(session, own) == {coordinator: None}


async def test_a_last_day_too_far_ahead_or_past(street: Street) -> None:
    found = await street.begin()
    for day in ("2026-11-23T00:00", "2027-02-01T00:00"):
        async with street.town.database.write() as session:
            again = await street.proposals.authoring.edit(session, street.mina, found.id)
            with pytest.raises(TooLateError):
                await street.proposals.authoring.last_day(session, again, at(day))


async def test_what_ran_out_while_it_waited_is_not_released(street: Street) -> None:
    petra = await street.town.staff()
    found = await street.begin()
    await street.submit(found)
    street.town.clock.advance(timedelta(days=15))
    async with street.town.database.write() as session:
        with pytest.raises(TooLateError):
            await street.proposals.reviewing.release(
                session, petra, found.id, revision=found.post.item.revision
            )
        await street.proposals.due(session)
    assert (await street.found(found.id)).stage is Stage.ENDED


async def test_an_old_preview_sends_nothing(street: Street) -> None:
    found = await street.begin()
    async with street.town.database.write() as session:
        await street.proposals.authoring.edit(session, street.mina, found.id)
        with pytest.raises(StaleError):
            await street.proposals.authoring.submit(session, street.mina, found.id, revision=1)


async def test_words_changed_since_are_not_released_unread(street: Street) -> None:
    petra = await street.town.staff()
    found = await street.begin()
    await street.submit(found)
    async with street.town.database.write() as session:
        await street.proposals.authoring.revise(session, street.mina, found.id)
        again = await street.proposals.authoring.edit(session, street.mina, found.id)
        await street.proposals.authoring.reword(session, again, "Etwas ganz anderes")
        revision = again.post.item.revision
        await street.proposals.authoring.submit(session, street.mina, found.id, revision=revision)
        with pytest.raises(StaleError):
            await street.proposals.reviewing.release(session, petra, found.id, revision=1)


async def test_what_was_decided_is_decided(street: Street) -> None:
    petra = await street.town.staff()
    found = await street.begin()
    await street.submit(found)
    async with street.town.database.write() as session:
        await street.proposals.reviewing.decline(session, petra, found.id, "Nein.", revision=1)
        with pytest.raises(WrongStateError):
            await street.proposals.reviewing.release(session, petra, found.id, revision=1)


async def test_what_nobody_sent_is_forgotten(street: Street) -> None:
    found = await street.begin()
    street.town.clock.advance(timedelta(days=31))
    async with street.town.database.write() as session:
        await street.proposals.erase_old(session)
    async with street.town.database.read() as session:
        assert await street.proposals.records.find(session, found.id) is None
