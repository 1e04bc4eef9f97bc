"""Loading again and again, and what takes place when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.clock import ManualClock
from bot.quartiere.cityfile import CityFileError, parse
from bot.quartiere.service import NoSuchOccurrenceError, Quartiere
from bot.storage import Base, Database
from tests.unit.quartiere.samples import SMALL, changed, small

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 29)
THURSDAY = date(2026, 11, 26)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/city.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
def service() -> Quartiere:
    return Quartiere(ManualClock(datetime(2026, 11, 23, 9, tzinfo=UTC)))


async def test_first_load_adds_everything(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        report = await service.load(session, small())
    assert report.added == [
        "city muster",
        "quartier nord",
        "quartier sued",
        "treffpunkt nordtreff",
        "treffpunkt suedtreff",
        "organisation chor",
        "offer cafe",
        "offer stammtisch",
        "offer fest",
    ]
    async with database.read() as session:
        city = await service.city(session)
        assert city is not None
        assert (city.name, city.zone, city.languages) == ("Musterstadt", BERLIN, ("de", "de-simple", "en"))
        assert (city.sample, city.facts.contact.phone) == (True, "05151 000-10")
        assert city.facts.rules[0].title == {"de": "Sei freundlich", "en": "Be kind"}
        quartiere = await service.quartiere(session)
        assert [(row.id, row.slug) for row in quartiere] == [(1, "nord"), (2, "sued")]
        assert [row.slug for row in await service.treffpunkte(session)] == ["nordtreff", "suedtreff"]
        assert [row.slug for row in await service.treffpunkte(session, 2)] == ["suedtreff"]
        assert [row.slug for row in await service.organisations(session)] == ["chor"]


async def test_the_same_file_again_changes_nothing(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small())
    async with database.write() as session:
        report = await service.load(session, small())
    assert report.nothing


async def test_ids_stay_and_what_vanished_is_retired(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small())
        nordtreff = await service.treffpunkt_by_slug(session, "nordtreff")
    assert nordtreff is not None
    without_choir, _, rest = SMALL.partition("[[organisations]]")
    later = without_choir + "[[offers]]" + rest.partition("[[offers]]")[2]
    async with database.write() as session:
        report = await service.load(
            session, parse(later.replace('name = "Nordtreff"', 'name = "Neuer Nordtreff"'))
        )
        assert (report.added, report.changed, report.retired) == (
            [],
            ["treffpunkt nordtreff"],
            ["organisation chor"],
        )
        again = await service.treffpunkt(session, nordtreff.id)
        assert again is not None
        assert (again.slug, again.name) == ("nordtreff", "Neuer Nordtreff")
        assert await service.organisations(session) == []
    async with database.write() as session:
        report = await service.load(session, small())
    assert report.changed == ["treffpunkt nordtreff", "organisation chor"]


async def test_a_retired_quartier_is_not_offered_but_still_resolves(
    database: Database, service: Quartiere
) -> None:
    async with database.write() as session:
        await service.load(session, small())
        await service.load(
            session, small(('slug = "sued"', 'slug = "west"'), ('quartier = "sued"', 'quartier = "west"'))
        )
    async with database.read() as session:
        assert [row.slug for row in await service.quartiere(session)] == ["nord", "west"]
        assert await service.by_slug(session, "sued") is None
        old = await service.quartier(session, 2)
        assert old is not None
        assert (old.slug, old.retired) == ("sued", True)


async def test_order_in_the_file_can_be_overruled(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small(('name = "Süd"', 'name = "Süd"\norder = 0')))
        assert [row.slug for row in await service.quartiere(session)] == ["sued", "nord"]


async def test_a_sample_gives_way_but_a_real_city_does_not(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small())
        real = small(('slug = "muster"', 'slug = "echt"'), ("sample = true", "sample = false"))
        await service.load(session, real)
        city = await service.city(session)
    assert city is not None
    assert (city.slug, city.sample) == ("echt", False)
    with pytest.raises(CityFileError, match="belongs to 'echt'"):
        async with database.write() as session:
            await service.load(session, small())


async def test_without_a_city_nothing_takes_place(database: Database, service: Quartiere) -> None:
    async with database.read() as session:
        assert await service.city(session) is None
        assert await service.occurrences(session, MONDAY, SUNDAY) == []
        assert await service.missing_duties(session) == ["imprint", "privacy", "rules"]


async def test_duties_are_asked_of_the_loaded_city(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small())
        assert await service.missing_duties(session) == ["imprint", "privacy"]


async def test_a_week_of_one_quartier_has_its_own_and_the_whole_citys(
    database: Database, service: Quartiere
) -> None:
    async with database.write() as session:
        await service.load(session, small())
    async with database.read() as session:
        cafe, fest = await service.occurrences(session, MONDAY, SUNDAY, {1})
        sued = await service.occurrences(session, MONDAY, date(2026, 12, 2), {2})
        everything = await service.occurrences(session, MONDAY, SUNDAY, {0, 1})
    assert (cafe.slug, cafe.quartiere, cafe.place) == ("cafe", (1,), "Nordtreff, Heinestr. 29")
    assert cafe.starts_at == datetime(2026, 11, 26, 15, tzinfo=BERLIN)
    assert cafe.ends_at == datetime(2026, 11, 26, 17, 30, tzinfo=BERLIN)
    assert (cafe.cost, cafe.phone, cafe.treffpunkt_name) == ("free", "05151 000-30", "Nordtreff")
    assert (fest.slug, fest.quartiere, fest.place, fest.treffpunkt) == ("fest", (0,), "Innenstadt", None)
    assert [one.slug for one in sued] == ["fest", "stammtisch"]
    assert [one.slug for one in everything] == ["cafe", "fest"]


async def test_titles_fall_back_and_say_in_which_language(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small())
        cafe = (await service.occurrences(session, THURSDAY, THURSDAY))[0]
    assert cafe.title.pick("en") == ("Coffee", "en")
    assert cafe.title.pick("de-simple") == ("Café", "de")
    assert cafe.title.pick("ar") == ("Café", "de")


async def test_local_time_holds_across_both_clock_changes(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small())
        autumn = await service.occurrences(session, date(2026, 10, 22), date(2026, 10, 29))
        spring = await service.occurrences(session, date(2027, 3, 25), date(2027, 4, 1))
    assert [one.starts_at.isoformat() for one in (*autumn, *spring)] == [
        "2026-10-22T15:00:00+02:00",
        "2026-10-29T15:00:00+01:00",
        "2027-03-25T15:00:00+01:00",
        "2027-04-01T15:00:00+02:00",
    ]


async def test_pauses_of_offer_and_treffpunkt(database: Database, service: Quartiere) -> None:
    pauses = "pauses = [{ from = 2026-12-17, until = 2026-12-24 }]"
    closed = "pauses = [{ from = 2026-12-31, until = 2027-01-06 }]"
    paused = changed(('cost = "free"', f'cost = "free"\n{pauses}'), ('phone = "05151 000-30"', closed))
    async with database.write() as session:
        await service.load(session, parse(paused))
        found = await service.occurrences(session, date(2026, 12, 10), date(2027, 1, 7), {1})
    assert [one.day for one in found] == [date(2026, 12, 10), date(2027, 1, 7)]


async def test_retired_offers_no_longer_take_place(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small())
        [cafe] = await service.occurrences(session, THURSDAY, THURSDAY)
        await service.load(session, small(('slug = "cafe"', 'slug = "kaffee"')))
        [coffee] = await service.occurrences(session, THURSDAY, THURSDAY)
        assert await service.occurrence(session, cafe.offer, THURSDAY) is None
    assert coffee.slug == "kaffee"
    assert coffee.offer != cafe.offer


async def test_two_rules_on_one_day_are_one_occurrence(database: Database, service: Quartiere) -> None:
    both = '{ weekly = "thursday", start = "15:00", end = "17:30" }, { monthly = "last thursday", start = "10:00" }'
    rules = small(('{ weekly = "thursday", start = "15:00", end = "17:30" }', both))
    async with database.write() as session:
        await service.load(session, rules)
        found = await service.occurrences(session, THURSDAY, THURSDAY)
    assert [one.starts_at.hour for one in found] == [15]


async def test_staff_cancel_one_date_and_take_it_back(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small())
        nordtreff = await service.treffpunkt_by_slug(session, "nordtreff")
        assert nordtreff is not None
        [cafe] = await service.occurrences_at(session, nordtreff.id, MONDAY, SUNDAY)
        assert await service.cancel(session, cafe.offer, cafe.day, "Wasserschaden") is True
        assert await service.cancel(session, cafe.offer, cafe.day, "Rohrbruch") is False
        await service.load(session, small())
    async with database.write() as session:
        cancelled = await service.occurrence(session, cafe.offer, THURSDAY)
        assert cancelled is not None
        assert (cancelled.cancelled, cancelled.exception_note) == (True, "Rohrbruch")
        [next_week] = await service.occurrences(session, date(2026, 12, 3), date(2026, 12, 3))
        assert next_week.cancelled is False
        assert await service.restore(session, cafe.offer, THURSDAY) is True
        assert await service.restore(session, cafe.offer, THURSDAY) is False
        assert (await service.occurrences(session, THURSDAY, THURSDAY))[0].cancelled is False


async def test_a_day_without_the_offer_cannot_be_cancelled(database: Database, service: Quartiere) -> None:
    async with database.write() as session:
        await service.load(session, small())
        [cafe] = await service.occurrences(session, THURSDAY, THURSDAY)
        with pytest.raises(NoSuchOccurrenceError):
            await service.cancel(session, cafe.offer, MONDAY)
        with pytest.raises(NoSuchOccurrenceError):
            await service.cancel(session, 999, THURSDAY)
