"""Offers and notices as they are read, in each language."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.clock import ManualClock
from bot.contract import Facts, Paragraph
from bot.language import Languages, Renderer, plain
from bot.quartiere import notices
from bot.quartiere.cityfile import missing_duties, read
from bot.quartiere.occurrences import Occurrence
from bot.quartiere.render import cost, offer_rich, treffpunkt_rich
from bot.quartiere.service import CityInfo, Quartiere
from bot.quartiere.texts import Texts
from bot.storage import Base, Database
from tests.unit.quartiere.samples import small

BERLIN = ZoneInfo("Europe/Berlin")
HAMELN = Path(__file__).resolve().parents[3] / "cities" / "hameln.toml"
LANGUAGES = ("de", "de-simple", "en", "ar")


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages.load(Languages.find())


def renderer(languages: Languages, tag: str) -> Renderer:
    return languages.renderer(tag, zone=BERLIN, today=date(2026, 11, 23))


def occurrence(**changes: object) -> Occurrence:
    fields: dict[str, object] = {
        "offer": 1,
        "slug": "repair-cafe",
        "day": date(2026, 11, 22),
        "treffpunkt": 1,
        "treffpunkt_name": "Nordstadttreff",
        "phone": "05151 000-24",
        "quartiere": (3,),
        "title": Texts({"de": "Repair-Café", "ar": "مقهى التصليح"}, "de"),
        "starts_at": datetime(2026, 11, 22, 14, tzinfo=BERLIN),
        "ends_at": datetime(2026, 11, 22, 17, tzinfo=BERLIN),
        "place": "Nordstadttreff, Heinestr. 29",
        "spot": "Nordstadttreff",
        "cost": "donation",
        "note": Texts({}, "de"),
    }
    return Occurrence(**{**fields, **changes})  # type: ignore[arg-type]  # the fields' types are checked above


def test_an_offer_in_german(languages: Languages) -> None:
    assert plain(offer_rich(renderer(languages, "de"), occurrence())) == (
        "Repair-Café\n\n"
        "Wann: Sonntag, 22. November, 14 bis 17 Uhr\n"
        "Wo: Nordstadttreff, Heinestr. 29\n"
        "Kosten: eine Spende, wenn du magst\n"
        "Wer: Nordstadttreff, 05151 000-24"
    )


def test_an_offer_in_arabic_isolates_what_runs_from_left_to_right(languages: Languages) -> None:
    said = plain(offer_rich(renderer(languages, "ar"), occurrence()))
    assert "\u2068Nordstadttreff, Heinestr. 29\u2069" in said
    assert "\u2068Nordstadttreff\u2069، \u206805151 000-24\u2069" in said
    assert "مقهى التصليح" in said.splitlines()[0]


def test_a_text_in_another_language_says_so(languages: Languages) -> None:
    offer = occurrence(note=Texts({"de": "Bring mit, was kaputt ist."}, "de"))
    said = plain(offer_rich(renderer(languages, "en"), offer)).splitlines()
    assert (said[0], said[-1]) == ("Repair-Café (in German)", "Bring mit, was kaputt ist. (in German)")
    simple = plain(offer_rich(renderer(languages, "de-simple"), offer)).splitlines()
    assert (simple[0], simple[-1]) == ("Repair-Café", "Bring mit, was kaputt ist.")


def test_a_cancelled_offer_says_so_first(languages: Languages) -> None:
    cancelled = occurrence(cancelled=True, exception_note="Wasserschaden")
    said = plain(offer_rich(renderer(languages, "de"), cancelled)).splitlines()
    assert (said[0], said[2]) == ("Fällt aus: Repair-Café", "Wasserschaden")


def test_facts_nobody_gave_stay_away(languages: Languages) -> None:
    bare = occurrence(place="", cost="", treffpunkt=None, treffpunkt_name="", phone="", ends_at=None)
    said = plain(offer_rich(renderer(languages, "de"), bare, with_title=False))
    assert said == "Wann: Sonntag, 22. November, 14 Uhr"


@pytest.mark.parametrize(
    ("tag", "value", "expected"),
    [
        ("de", "2.50", "2,50 Euro"),
        ("de", "3.00", "3 Euro"),
        ("en", "2.50", "€2.50"),
        ("de", "free", "keine"),
        ("de", "deposit", "gegen Pfand"),
        ("ar", "2.50", "\u20682.50\u2069 يورو"),
    ],
)
def test_costs(languages: Languages, tag: str, value: str, expected: str) -> None:
    render = renderer(languages, tag)
    assert render.text(cost(render, value)) == expected


def test_an_unknown_cost_is_refused(languages: Languages) -> None:
    with pytest.raises(ValueError, match="no cost"):
        cost(renderer(languages, "de"), "teuer")


@pytest.fixture
async def loaded(tmp_path: Path) -> AsyncIterator[tuple[Database, Quartiere]]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/city.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    service = Quartiere(ManualClock(datetime(2026, 11, 23, 9, tzinfo=UTC)))
    async with database.write() as session:
        await service.load(session, read(HAMELN))
    yield database, service
    await database.close()


async def city_of(loaded: tuple[Database, Quartiere]) -> CityInfo:
    database, service = loaded
    async with database.read() as session:
        city = await service.city(session)
    assert city is not None
    return city


def test_the_sample_lacks_no_duty_and_speaks_every_language() -> None:
    file = read(HAMELN)
    assert missing_duties(file) == []
    assert file.sample is True
    assert tuple(file.city.languages) == LANGUAGES
    tables = [texts for rule in file.rules for texts in (rule.title, rule.text)]
    tables += [offer.title for offer in file.offers]
    assert [texts for texts in tables if set(texts) != set(LANGUAGES)] == []


def test_the_samples_plain_german_has_short_lines() -> None:
    file = read(HAMELN)
    tables = [texts for rule in file.rules for texts in (rule.title, rule.text)]
    tables += [texts for offer in file.offers for texts in (offer.title, offer.note)]
    tables += [quartier.text for quartier in file.quartiere]
    lines = [line for texts in tables for line in texts.get("de-simple", "").splitlines()]
    assert lines
    assert [line for line in lines if len(line.split()) > 10] == []


async def test_the_sample_has_a_full_week_in_every_quartier(loaded: tuple[Database, Quartiere]) -> None:
    database, service = loaded
    async with database.read() as session:
        quartiere = await service.quartiere(session)
        for week in (date(2026, 11, 16), date(2026, 11, 23), date(2027, 1, 18)):
            end = date.fromordinal(week.toordinal() + 6)
            found = [await service.occurrences(session, week, end, {row.id}) for row in quartiere]
            assert [row.slug for row, one in zip(quartiere, found, strict=True) if not one] == []
        november = await service.occurrences(session, date(2026, 11, 22), date(2026, 11, 25))
    assert [row.slug for row in quartiere] == ["kuckuck", "altstadt", "nordstadt", "suedstadt"]
    assert [(one.slug, one.starts_at.isoformat()) for one in november if one.quartiere == (3,)] == [
        ("repair-cafe", "2026-11-22T14:00:00+01:00"),
        ("offener-treff", "2026-11-24T14:30:00+01:00"),
        ("spielecafe", "2026-11-25T15:00:00+01:00"),
    ]


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_everything_of_the_sample_renders(
    loaded: tuple[Database, Quartiere], languages: Languages, tag: str
) -> None:
    city, render = await city_of(loaded), renderer(languages, tag)
    database, service = loaded
    async with database.read() as session:
        for one in await service.occurrences(session, date(2026, 11, 16), date(2027, 5, 1)):
            assert plain(offer_rich(render, one))
        for treffpunkt in await service.treffpunkte(session):
            assert plain(treffpunkt_rich(render, treffpunkt, "de"))
    for notice in (notices.imprint, notices.privacy_contact, notices.accessibility_contact, notices.contact):
        assert any(isinstance(block, Facts) for block in notice(render, city))
    paragraphs = [block for block in notices.rules(render, city) if isinstance(block, Paragraph)]
    headings = [paragraph for paragraph in paragraphs if paragraph.lines[0][-1].bold]
    assert len(headings) == 9


async def test_rules_are_named_by_their_number(
    loaded: tuple[Database, Quartiere], languages: Languages
) -> None:
    city = await city_of(loaded)
    assert notices.rule_name(renderer(languages, "de"), city, "insult") == "Beleidige niemanden (Regel 2)"
    with pytest.raises(KeyError):
        notices.rule_name(renderer(languages, "de"), city, "unknown")


async def test_the_imprint_leaves_out_what_does_not_apply(
    loaded: tuple[Database, Quartiere], languages: Languages
) -> None:
    said = plain(notices.imprint(renderer(languages, "de"), await city_of(loaded)))
    assert said.startswith("Anbieter: Musterstadt Hameln")
    assert "Registereintrag" not in said


async def test_sample_data_is_labelled(loaded: tuple[Database, Quartiere], languages: Languages) -> None:
    city = await city_of(loaded)
    said = plain(notices.sample_notice(renderer(languages, "de"), city))
    assert said.startswith("Beispieldaten. Zeiten, Telefonnummern und Adressen für Hameln")


async def test_what_the_city_never_wrote_says_nothing(
    loaded: tuple[Database, Quartiere], languages: Languages
) -> None:
    database, service = loaded
    async with database.write() as session:
        await service.load(session, small(("sample = true", "sample = false")))
    city, render = await city_of(loaded), renderer(languages, "de")
    assert notices.sample_notice(render, city) == ()
    assert notices.imprint(render, city) == ()
    assert notices.privacy_contact(render, city) == ()
    assert notices.accessibility_contact(render, city) == ()
