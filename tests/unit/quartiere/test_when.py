"""Which days a rule names, and which moments those are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.quartiere.when import When

BERLIN = ZoneInfo("Europe/Berlin")


def rule(**fields: Any) -> When:
    return When.model_validate({"start": "10:00", **fields})


def days(when: When, start: date, end: date) -> list[date]:
    span = (start + timedelta(days=offset) for offset in range((end - start).days + 1))
    return [day for day in span if when.happens_on(day)]


def test_weekly_is_every_week() -> None:
    found = days(rule(weekly="thursday"), date(2026, 11, 23), date(2026, 12, 10))
    assert found == [date(2026, 11, 26), date(2026, 12, 3), date(2026, 12, 10)]


@pytest.mark.parametrize("word", ["thursday", "Thursday", "donnerstag", " Donnerstag "])
def test_weekday_in_english_or_german(word: str) -> None:
    assert rule(weekly=word).weekly == "thursday"


def test_every_second_week_counts_from_its_first() -> None:
    fortnightly = rule(weekly="thursday", every=2, **{"from": "2026-11-23"})
    found = days(fortnightly, date(2026, 11, 16), date(2026, 12, 31))
    assert found == [date(2026, 11, 26), date(2026, 12, 10), date(2026, 12, 24)]


@pytest.mark.parametrize(
    ("monthly", "expected"),
    [
        ("2nd tuesday", date(2026, 12, 8)),
        ("1st tuesday", date(2026, 12, 1)),
        ("2. Dienstag", date(2026, 12, 8)),
        ("4th sunday", date(2026, 12, 27)),
        ("last sunday", date(2026, 12, 27)),
        ("last thursday", date(2026, 12, 31)),
        ("letzter Donnerstag", date(2026, 12, 31)),
        ("5th wednesday", date(2026, 12, 30)),
    ],
)
def test_nth_weekday_of_the_month(monthly: str, expected: date) -> None:
    assert days(rule(monthly=monthly), date(2026, 12, 1), date(2026, 12, 31)) == [expected]


def test_fifth_weekday_skips_months_without_one() -> None:
    found = days(rule(monthly="5th sunday"), date(2026, 11, 1), date(2027, 2, 28))
    assert found == [date(2026, 11, 29), date(2027, 1, 31)]


def test_last_friday_of_a_february_with_29_days() -> None:
    assert days(rule(monthly="last tuesday"), date(2028, 2, 1), date(2028, 2, 29)) == [date(2028, 2, 29)]


def test_dates_bring_their_own_place() -> None:
    listed = rule(dates=[date(2026, 12, 1), {"date": date(2026, 12, 8), "place": "Spielplatz"}])
    assert days(listed, date(2026, 11, 1), date(2026, 12, 31)) == [date(2026, 12, 1), date(2026, 12, 8)]
    assert [listed.place_on(date(2026, 12, day)) for day in (1, 8)] == ["", "Spielplatz"]


def test_places_move_from_turn_to_turn() -> None:
    rolling = rule(weekly="friday", places=["A", "B", "C"], **{"from": "2026-11-23"})
    fridays = days(rolling, date(2026, 11, 23), date(2026, 12, 18))
    assert [rolling.place_on(day) for day in fridays] == ["A", "B", "C", "A"]


def test_from_and_until_are_included() -> None:
    bounded = rule(weekly="monday", **{"from": "2026-11-30", "until": "2026-12-14"})
    found = days(bounded, date(2026, 11, 1), date(2027, 1, 1))
    assert found == [date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)]


@pytest.mark.parametrize(
    ("before", "after"),
    [(date(2026, 10, 20), date(2026, 10, 27)), (date(2027, 3, 23), date(2027, 3, 30))],
)
def test_ten_stays_ten_when_the_clocks_change(before: date, after: date) -> None:
    tuesdays = rule(weekly="tuesday", end="11:30")
    moments = [tuesdays.starts(day, BERLIN) for day in (before, after)]
    assert [moment.strftime("%H:%M") for moment in moments] == ["10:00", "10:00"]
    assert moments[0].utcoffset() != moments[1].utcoffset()
    ends = tuesdays.ends(after, BERLIN)
    assert ends is not None
    assert ends - moments[1] == timedelta(hours=1, minutes=30)


def test_a_time_that_does_not_exist_is_an_hour_later() -> None:
    night = rule(dates=[date(2027, 3, 28)], start="02:30")
    assert night.starts(date(2027, 3, 28), BERLIN).astimezone(UTC) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert night.starts(date(2027, 3, 28), BERLIN).strftime("%H:%M") == "03:30"


def test_an_end_after_midnight_is_on_the_next_day() -> None:
    night = rule(dates=[date(2026, 11, 28)], start="18:00", end="01:00")
    assert night.ends(date(2026, 11, 28), BERLIN) == datetime(2026, 11, 29, 1, tzinfo=BERLIN)


def test_an_hour_with_one_digit() -> None:
    assert rule(weekly="monday", start="9:30").start == time(9, 30)


def test_an_end_may_be_open() -> None:
    assert rule(weekly="monday").ends(date(2026, 11, 23), BERLIN) is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"weekly": "monday", "monthly": "1st monday"},
        {"weekly": "someday"},
        {"monthly": "6th monday"},
        {"weekly": "monday", "every": 2},
        {"weekly": "monday", "places": ["A"]},
        {"monthly": "1st monday", "places": ["A"], "from": "2026-11-23"},
        {"weekly": "monday", "from": "2026-12-01", "until": "2026-11-01"},
        {"weekly": "monday", "start": "10:00Z"},
    ],
)
def test_a_rule_that_says_nothing_clear_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule(**fields)


def test_what_is_stored_reads_back_the_same() -> None:
    rolling = rule(weekly="freitag", places=["A", "B"], end="12:00", **{"from": "2026-11-23"})
    assert (
        When.model_validate(rolling.model_dump(mode="json", by_alias=True, exclude_defaults=True)) == rolling
    )
