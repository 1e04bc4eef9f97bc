"""Golden texts: days and times as readers of Farsi see them, from the product's own catalogue.

Babel's months come with an ezafe for a year ("9 ژانویهٔ 2026"); a date without a year must not end in it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.language import Renderer
from tests.unit.language.made import made


@pytest.fixture
def farsi(tmp_path: Path) -> Renderer:
    languages = made(tmp_path, {"fa": {"test.nothing": "-"}})
    return languages.renderer("fa", zone=ZoneInfo("Europe/Berlin"), today=date(2026, 1, 5))


def test_a_month_without_a_year_has_no_ezafe(farsi: Renderer) -> None:
    shown = [farsi.span(datetime(2026, month, 7, 8, tzinfo=UTC), None) for month in (1, 2, 5, 7)]
    assert shown == [
        "چهارشنبه 7 ژانویه، ساعت 9:00",
        "شنبه 7 فوریه، ساعت 9:00",
        "پنجشنبه 7 مه، ساعت 10:00",
        "سه\u200cشنبه 7 ژوئیه، ساعت 10:00",
    ]


def test_dates_are_gregorian_in_latin_digits_with_a_year_where_it_is_far(farsi: Renderer) -> None:
    start, end = datetime(2027, 1, 9, 14, tzinfo=UTC), datetime(2027, 1, 9, 16, 30, tzinfo=UTC)
    assert farsi.span(start, end) == "شنبه 9 ژانویه 2027، ساعت 15:00 تا 17:30"


def test_hours(farsi: Renderer) -> None:
    assert farsi.hours(time(20), time(0)) == "ساعت 20:00 تا 24:00"
