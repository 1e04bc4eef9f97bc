"""One date of an offer is called off: marked, told once, undone whole, taken back from those who had read it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.delivery.model import State, TextItem
from bot.items.model import ItemState
from bot.offers.service import AlreadySoError
from bot.people.model import Pace
from bot.posts.errors import NotAllowedError, TooLateError, WrongStateError
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import NoSuchOccurrenceError
from bot.storage import Database
from bot.tables import metadata
from tests.unit.posts.offers_world import (
    BERLIN,
    CAFE,
    FEST,
    MONDAY_TEN,
    NORDTREFF,
    SATURDAY,
    STAMMTISCH,
    SUED,
    THURSDAY,
    World,
    said,
    values,
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/town.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata().create_all)
    world = World(database)
    await world.settle()
    yield world
    await database.close()


# --- seeing them ---------------------------------------------------------------------------------------------


async def test_staff_see_the_dates_of_their_own_offers_for_14_days(world: World) -> None:
    async with world.database.read() as session:
        dates = await world.offers.coming(session, world.petra, NORDTREFF)
        assert [(one.offer, one.day) for one in dates] == [(CAFE, THURSDAY), (CAFE, date(2026, 12, 3))]
        with pytest.raises(NotAllowedError):
            await world.offers.coming(session, world.petra, 2)
        with pytest.raises(NotAllowedError):
            await world.offers.coming(session, world.petra, None)


async def test_the_coordinator_sees_every_treffpunkt_and_the_citys_own(world: World) -> None:
    async with world.database.read() as session:
        assert await world.offers.scopes(session, world.kim) == [1, 2, None]
        assert [one.offer for one in await world.offers.coming(session, world.kim, 2)] == [STAMMTISCH]
        assert [one.offer for one in await world.offers.coming(session, world.kim, None)] == [FEST]


async def test_a_date_that_is_over_is_not_offered(world: World) -> None:
    world.clock.set(datetime(2026, 11, 26, 17, 30, tzinfo=BERLIN))
    async with world.database.read() as session:
        dates = await world.offers.coming(session, world.petra, NORDTREFF)
    assert [one.day for one in dates] == [date(2026, 12, 3)]


# --- calling one off -----------------------------------------------------------------------------------------


async def test_the_readers_of_its_quartier_hear_of_it_in_30_seconds(world: World) -> None:
    mina = await world.person("mina")
    await world.person("sven", quartier=SUED)
    item = await world.call_off(world.petra, CAFE, THURSDAY)
    assert await world.cancelled(CAFE, THURSDAY) is True
    copies = await world.copies(item)
    assert [copy.due_at for copy in copies] == [MONDAY_TEN + timedelta(seconds=30)]
    post = await world.read_by(mina, item)
    assert "Café" in said(post)[0]
    assert values(post) == ["Donnerstag, 26. November, 15 bis 17:30 Uhr", "Nordtreff, Heinestr. 29"]


async def test_it_is_complete_in_every_language_with_the_citys_own_title(world: World) -> None:
    amy = await world.person("amy", language="en")
    omar = await world.person("omar", language="ar")
    item = await world.call_off(world.petra, CAFE, THURSDAY)
    english = said(await world.read_by(amy, item))
    assert "Coffee" in english[0]
    assert not [line for line in english if "Café" in line or "German" in line]
    assert "Café" in said(await world.read_by(omar, item))[0]


async def test_a_reason_stands_there_in_its_own_language_which_is_named(world: World) -> None:
    mina = await world.person("mina")
    amy = await world.person("amy", language="en")
    item = await world.call_off(world.petra, CAFE, THURSDAY, "Petra ist krank.")
    german, english = said(await world.read_by(mina, item)), said(await world.read_by(amy, item))
    assert "Petra ist krank." in german
    assert not [line for line in german if "Deutsch" in line]
    assert "Coffee" in english[0]
    assert "Petra ist krank." in english
    assert [line for line in english if "German" in line]


async def test_weekly_readers_hear_of_it_the_evening_before(world: World) -> None:
    await world.person("erna", pace=Pace.WEEKLY)
    item = await world.call_off(world.petra, CAFE, THURSDAY)
    world.clock.set(datetime(2026, 11, 24, 18, tzinfo=BERLIN))
    assert await world.digests.due(world.database) == 0
    world.clock.set(datetime(2026, 11, 25, 18, tzinfo=BERLIN))
    assert await world.digests.due(world.database) == 1
    assert await world.copies(item) == []
    [copy] = await world.copies()
    async with world.database.read() as session:
        told = await session.scalars(select(TextItem.item).where(TextItem.text == copy.wanted_text))
        assert told.all() == [item]


async def test_it_is_said_how_many_sleep_until_it_would_have_begun(world: World) -> None:
    await world.person("mina")
    early = await world.person("erna")
    async with world.database.write() as session:
        await world.people.set_quiet(session, early, 20, 16)
    world.clock.set(datetime(2026, 11, 25, 21, tzinfo=BERLIN))
    async with world.database.write() as session:
        done = await world.offers.call_off(session, world.petra, CAFE, THURSDAY, language="de")
    assert done.too_late == 1


async def test_an_offer_of_the_whole_city_is_told_to_everybody(world: World) -> None:
    await world.person("mina")
    await world.person("sven", quartier=SUED)
    item = await world.call_off(world.kim, FEST, SATURDAY)
    assert len(await world.copies(item)) == 2


async def test_only_who_holds_the_role_now_may_call_it_off(world: World) -> None:
    async with world.database.write() as session:
        for held in await world.roles.held_by(session, world.petra):
            await world.roles.revoke(session, held.grant)
    for person, offer in ((world.petra, CAFE), (world.paul, STAMMTISCH)):
        day = THURSDAY if offer == CAFE else date(2026, 12, 2)
        with pytest.raises(NotAllowedError):
            await world.call_off(person, offer, day)
        assert await world.cancelled(offer, day) is False
    assert await world.copies() == []


async def test_a_day_without_it_or_one_that_is_over_can_not_be_called_off(world: World) -> None:
    with pytest.raises(NoSuchOccurrenceError):
        await world.call_off(world.petra, CAFE, date(2026, 11, 27))
    with pytest.raises(TooLateError):
        await world.call_off(world.petra, CAFE, date(2026, 11, 19))


async def test_of_two_who_call_it_off_one_is_told(world: World) -> None:
    await world.person("mina")
    item = await world.call_off(world.petra, CAFE, THURSDAY, "Petra ist krank.")
    with pytest.raises(AlreadySoError):
        await world.call_off(world.paul, CAFE, THURSDAY, "Kein Strom.")
    assert [copy.item for copy in await world.copies()] == [item]
    async with world.database.read() as session:
        found = await world.quartiere.occurrence(session, CAFE, THURSDAY)
    assert found is not None
    assert found.exception_note == "Petra ist krank."


async def test_the_agenda_names_the_date_once(world: World) -> None:
    await world.call_off(world.petra, CAFE, THURSDAY, "Petra ist krank.")

    async with world.database.read() as session:
        found = await world.agenda.between(
            session, THURSDAY, THURSDAY, [WHOLE_CITY], language="de", zone=BERLIN
        )
    assert [(one.title, one.cancelled, one.note) for one in found] == [("Café", True, "Petra ist krank.")]


# --- and back ------------------------------------------------------------------------------------------------


async def test_halt_takes_both_back(world: World) -> None:
    await world.person("mina")
    item = await world.call_off(world.petra, CAFE, THURSDAY)
    world.clock.advance(timedelta(seconds=29))
    async with world.database.write() as session:
        back = await world.offers.undo(session, world.paul, item)
    assert back is not None
    assert (back.offer, back.day, back.cancelled) == (CAFE, THURSDAY, False)
    assert await world.copies() == []
    assert await world.state(item) == ItemState.DISCARDED
    async with world.database.write() as session:
        with pytest.raises(WrongStateError):
            await world.offers.undo(session, world.petra, item)


async def test_halt_comes_too_late_once_it_has_left(world: World) -> None:
    await world.person("mina")
    item = await world.call_off(world.petra, CAFE, THURSDAY)
    world.clock.advance(timedelta(seconds=30))
    async with world.database.write() as session:
        with pytest.raises(TooLateError):
            await world.offers.undo(session, world.petra, item)
    assert await world.cancelled(CAFE, THURSDAY) is True


async def test_a_stranger_can_not_halt_it(world: World) -> None:
    mina = await world.person("mina")
    item = await world.call_off(world.petra, CAFE, THURSDAY)
    async with world.database.write() as session:
        with pytest.raises(NotAllowedError):
            await world.offers.undo(session, mina, item)
    assert await world.cancelled(CAFE, THURSDAY) is True


async def test_it_takes_place_after_all_before_anybody_read_otherwise(world: World) -> None:
    await world.person("mina")
    item = await world.call_off(world.petra, CAFE, THURSDAY)
    async with world.database.write() as session:
        back = await world.offers.takes_place(session, world.petra, CAFE, THURSDAY)
    assert back.told is False
    assert await world.cancelled(CAFE, THURSDAY) is False
    assert await world.copies() == []
    assert await world.state(item) == ItemState.DISCARDED


async def test_only_those_who_read_the_cancellation_hear_that_it_takes_place(world: World) -> None:
    mina = await world.person("mina")
    amy = await world.person("amy", language="en")
    await world.person("erna", pace=Pace.WEEKLY)
    item = await world.call_off(world.petra, CAFE, THURSDAY)
    world.clock.advance(timedelta(minutes=5))
    await world.arrive()
    await world.person("nora")
    async with world.database.write() as session:
        back = await world.offers.takes_place(session, world.paul, CAFE, THURSDAY)
    assert back.told is True
    assert await world.state(item) == ItemState.WITHDRAWN
    # Mina's and Amy's copies are to be deleted, Erna's is gone before she saw it.
    assert [(copy.state, copy.wanted_text) for copy in await world.copies(item)] == [
        (State.PENDING, None),
        (State.PENDING, None),
    ]
    news = [copy for copy in await world.copies() if copy.item != item]
    assert [copy.due_at for copy in news] == [world.clock.now() + timedelta(seconds=30)] * 2
    told = news[0].item
    assert told is not None
    post = await world.read_by(mina, told)
    assert said(post)[0] == "Café findet doch statt"
    assert values(post) == ["Donnerstag, 26. November, 15 bis 17:30 Uhr", "Nordtreff, Heinestr. 29"]
    assert said(await world.read_by(amy, told))[0] == "Coffee takes place after all"


async def test_the_news_that_it_takes_place_is_no_second_entry_of_the_day(world: World) -> None:
    await world.person("mina")
    await world.call_off(world.petra, CAFE, THURSDAY)
    world.clock.advance(timedelta(minutes=5))
    await world.arrive()
    async with world.database.write() as session:
        await world.offers.takes_place(session, world.petra, CAFE, THURSDAY)
    async with world.database.read() as session:
        entries = await world.agenda.between(
            session, THURSDAY, THURSDAY, [WHOLE_CITY], language="de", zone=BERLIN
        )
    assert [(one.title, one.cancelled) for one in entries] == [("Café", False)]


async def test_called_off_again_the_news_that_it_takes_place_does_not_arrive(world: World) -> None:
    await world.person("mina")
    first = await world.call_off(world.petra, CAFE, THURSDAY)
    world.clock.advance(timedelta(minutes=5))
    await world.arrive()
    async with world.database.write() as session:
        await world.offers.takes_place(session, world.petra, CAFE, THURSDAY)
    second = await world.call_off(world.petra, CAFE, THURSDAY)
    assert await world.cancelled(CAFE, THURSDAY) is True
    assert [copy.item for copy in await world.copies()] == [first, second]


async def test_of_two_who_say_it_takes_place_one_is_told(world: World) -> None:
    await world.call_off(world.petra, CAFE, THURSDAY)
    async with world.database.write() as session:
        await world.offers.takes_place(session, world.petra, CAFE, THURSDAY)
    async with world.database.write() as session:
        with pytest.raises(AlreadySoError):
            await world.offers.takes_place(session, world.paul, CAFE, THURSDAY)


async def test_nobody_else_can_say_that_it_takes_place(world: World) -> None:
    mina = await world.person("mina")
    await world.call_off(world.petra, CAFE, THURSDAY)
    async with world.database.write() as session:
        with pytest.raises(NotAllowedError):
            await world.offers.takes_place(session, mina, CAFE, THURSDAY)
    assert await world.cancelled(CAFE, THURSDAY) is True
