"""A wrong city file says where, what, and how it would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.quartiere.cityfile import CityFileError, missing_duties, parse, read
from tests.unit.quartiere.samples import changed, small

DUTIES = """
[imprint]
name = "Stadt"
address = "Platz 1"
email = "stadt@example.org"
[privacy]
name = "Stadt"
address = "Platz 1"
email = "stadt@example.org"
authority = "Landesbeauftragte"
"""


def test_a_right_file_is_read() -> None:
    city = small()
    assert [part.slug for part in city.quartiere] == ["nord", "sued"]
    assert city.sample is True
    assert city.city.zone == "Europe/Berlin"


def test_a_plain_text_is_in_the_first_language() -> None:
    assert small().offers[1].title == {"de": "Stammtisch"}
    english_first = small(('["de", "de-simple", "en"]', '["en", "de"]'))
    assert english_first.offers[1].title == {"en": "Stammtisch"}


@pytest.mark.parametrize(
    ("written", "cost"),
    [("2.5", "2.50"), ("3", "3.00"), ("0", "free"), ('"donation"', "donation"), ('"deposit"', "deposit")],
)
def test_costs(written: str, cost: str) -> None:
    assert small(('cost = "free"', f"cost = {written}")).offers[0].cost == cost


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name = "Süd"\n', "", 'quartier 2, name: is missing. Example: name = "Nordstadt"'),
        (
            'name = "Süd"',
            "name = 2",
            'quartier 2, name: must be text between quotes, "…". Example: name = "Nordstadt"',
        ),
        ('slug = "sued"', 'slug = "süd"', "quartier 2, slug: 'süd' must be small letters a to z"),
        ('slug = "sued"', 'slug = "nord"', "quartier 2, slug: 'nord' is there twice; each needs its own"),
        (
            'quartier = "sued"',
            'quartier = "west"',
            "treffpunkt 2, quartier: 'west' is not the slug of any; there are: nord",
        ),
        ('phone = "05151 000-30"', 'fone = "1"', "treffpunkt 1, fone: is not a key I know; is it misspelt"),
        ('phone = "05151 000-10"', 'phone = "ruf an"', "contact, phone: 'ruf an' is no phone number"),
        ('weekly = "thursday"', 'weekly = "someday"', "offer 1, when 1, weekly: 'someday' is no weekday"),
        (
            'weekly = "thursday"',
            'monthly = "2 x"',
            "offer 1, when 1, monthly: '2 x' must be a count from 1st to 5th",
        ),
        (
            'start = "15:00"',
            'start = "15 Uhr"',
            "offer 1, when 1, start: must be a time of day. Example: ",
        ),
        ('cost = "free"', 'cost = "teuer"', "offer 1, cost: 'teuer' is neither a price"),
        (
            'kind = "association"',
            'kind = "verein"',
            "organisation 1, kind: must be one of 'association', 'shop'",
        ),
        ('treffpunkt = "suedtreff"\n', "", "offer 2, treffpunkt: is missing (or say whole_city = true)"),
        ('place = "Innenstadt"\n', "", 'offer 3: has no Treffpunkt: say where in "place"'),
        ('{ de = "Café", en = "Coffee" }', '{ en = "Coffee" }', "offer 1, title: has no text in 'de'"),
        ('{ de = "Café", en = "Coffee" }', '{ de = "" }', "offer 1, title, de: is empty"),
        (
            'languages = ["de", "de-simple", "en"]',
            'languages = ["Deutsch"]',
            "city, language 1: 'Deutsch' is no language tag",
        ),
        ('name = "Musterstadt"', 'name = "M"\nzone = "Berlin"', "city, zone: 'Berlin' is no time zone"),
        ("dates = [2026-11-28]", 'dates = ["28.11."]', "offer 3, when 1, date 1, date: must be a date"),
    ],
)
def test_a_wrong_file_says_where_and_what(old: str, new: str, expected: str) -> None:
    with pytest.raises(CityFileError) as caught:
        small((old, new))
    assert f"- {expected}" in str(caught.value)


def test_every_fault_has_an_example() -> None:
    with pytest.raises(CityFileError) as caught:
        parse("[city]\n[contact]\n")
    lines = str(caught.value).splitlines()[1:]
    assert len(lines) == 6
    assert [line for line in lines if "Example: " not in line] == []


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(CityFileError) as caught:
        small(('name = "Süd"\n', ""), ('cost = "free"', 'cost = "teuer"'))
    assert len(caught.value.faults) == 2


def test_broken_toml_names_the_line() -> None:
    with pytest.raises(CityFileError, match=r"it is not TOML: .*line 1"):
        parse("name = Nordstadt")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CityFileError, match="there is no such file"):
        read(tmp_path / "city.toml")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "city.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CityFileError, match="can't be read"):
        read(path)


def test_missing_duties_are_named() -> None:
    assert missing_duties(small()) == ["imprint", "privacy"]
    assert missing_duties(parse(changed() + DUTIES)) == []
    start, _, rest = changed().partition("[[rules]]")
    ruleless = start + "[[quartiere]]" + rest.partition("[[quartiere]]")[2] + DUTIES
    assert missing_duties(parse(ruleless)) == ["rules"]
