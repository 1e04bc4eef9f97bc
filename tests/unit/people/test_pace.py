"""When a copy is due: pace, slot, quiet hours, events before the next slot, both clock changes."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.people.model import Pace
from bot.people.pace import Habit, after_quiet, due

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


NOW, EVENING, WEEKLY = (Habit(pace=pace) for pace in (Pace.NOW, Pace.EVENING, Pace.WEEKLY))


@pytest.mark.parametrize(
    ("habit", "now", "takes_place", "expected"),
    [
        pytest.param(NOW, "2026-11-23T12:00", None, "2026-11-23T12:00", id="at once by day"),
        pytest.param(NOW, "2026-11-23T21:30", None, "2026-11-24T08:00", id="at once, but it is night"),
        pytest.param(NOW, "2026-11-24T02:00", None, "2026-11-24T08:00", id="at once, after midnight"),
        pytest.param(NOW, "2026-11-24T08:00", None, "2026-11-24T08:00", id="the night ends at eight"),
        pytest.param(EVENING, "2026-11-23T12:00", None, "2026-11-23T18:00", id="this evening"),
        pytest.param(EVENING, "2026-11-23T18:00", None, "2026-11-24T18:00", id="the slot has just passed"),
        pytest.param(WEEKLY, "2026-11-23T12:00", None, "2026-11-27T16:00", id="next Friday"),
        pytest.param(WEEKLY, "2026-11-27T16:30", None, "2026-12-04T16:00", id="Friday has passed"),
        pytest.param(
            WEEKLY, "2026-11-23T12:00", "2026-11-28T15:00", "2026-11-27T16:00", id="before Saturday"
        ),
        pytest.param(WEEKLY, "2026-11-23T12:00", "2026-11-26T15:00", "2026-11-25T18:00", id="evening before"),
        pytest.param(WEEKLY, "2026-11-23T12:00", "2026-11-26T20:00", "2026-11-26T18:00", id="same evening"),
        pytest.param(WEEKLY, "2026-11-23T12:00", "2026-11-23T15:00", "2026-11-23T12:00", id="today: at once"),
        pytest.param(
            EVENING, "2026-11-23T19:00", "2026-11-24T10:00", "2026-11-23T19:00", id="tomorrow morning"
        ),
        pytest.param(
            EVENING, "2026-11-23T21:00", "2026-11-24T10:00", "2026-11-24T08:00", id="after the night"
        ),
        pytest.param(WEEKLY, "2026-10-24T12:00", "2026-10-26T09:00", "2026-10-25T18:00", id="autumn change"),
        pytest.param(EVENING, "2027-03-27T19:00", None, "2027-03-28T18:00", id="spring change"),
    ],
)
def test_due(habit: Habit, now: str, takes_place: str | None, expected: str) -> None:
    found = due(habit, now=at(now), zone=BERLIN, takes_place=at(takes_place) if takes_place else None)
    assert found.astimezone(UTC) == at(expected).astimezone(UTC)


def test_quiet_hours_by_day_and_none_at_all() -> None:
    siesta = Habit(quiet_from=13, quiet_to=15)
    assert after_quiet(siesta, at("2026-11-23T14:10"), BERLIN) == at("2026-11-23T15:00")
    never = Habit(quiet_from=0, quiet_to=0)
    assert after_quiet(never, at("2026-11-23T03:00"), BERLIN) == at("2026-11-23T03:00")
