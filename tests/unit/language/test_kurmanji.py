"""Golden texts: days and times in Kurmanji, whose months take an ending in a date. Babel calls the language `ku`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.language import Renderer
from tests.unit.language.made import made


@pytest.fixture
def kurmanji(tmp_path: Path) -> Renderer:
    languages = made(tmp_path, {"kmr": {"test.nothing": "-"}})
    return languages.renderer("kmr", zone=ZoneInfo("Europe/Berlin"), today=date(2026, 11, 22))


def test_weekdays_and_months_are_kurmanji_in_latin_letters(kurmanji: Renderer) -> None:
    days = [kurmanji.span(datetime(2026, 11, day, 12, tzinfo=UTC), None) for day in range(23, 30)]
    assert days == [
        "duşem, 23ê mijdarê, saet 13:00",
        "sêşem, 24ê mijdarê, saet 13:00",
        "çarşem, 25ê mijdarê, saet 13:00",
        "pêncşem, 26ê mijdarê, saet 13:00",
        "înî, 27ê mijdarê, saet 13:00",
        "şemî, 28ê mijdarê, saet 13:00",
        "yekşem, 29ê mijdarê, saet 13:00",
    ]


def test_a_year_has_its_own_endings(kurmanji: Renderer) -> None:
    shown = kurmanji.span(datetime(2027, 12, 3, 9, tzinfo=UTC), datetime(2027, 12, 3, 10, 30, tzinfo=UTC))
    assert shown == "înî, 3ê berfanbara 2027an, saet 10:00 heta 11:30"
