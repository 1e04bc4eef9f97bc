"""The arithmetic of limits, on a clock that the test moves."""

from __future__ import annotations

import math

from bot.contract import Limits
from bot.delivery.pace import RAMP, RAMP_FROM, Pace, Setbacks


def spend_all(pace: Pace, until: float, *, chats: int = 1000) -> list[float]:
    """Send as early as the lane allows, to one chat after the other; the moments."""
    now = 0.0
    moments: list[float] = []
    while now < until:
        sent = pace.spend(now, len(moments) % chats, is_room=False, parts=1)
        pace.answered(now, sent, arrived=True)
        moments.append(now)
        now = max(now, pace.free_at(now))
    return moments


def test_sends_are_spread_evenly_from_the_first_second() -> None:
    moments = spend_all(Pace(Limits(per_second=30)), until=3.0)
    most_in_a_second = max(sum(start <= moment < start + 0.999 for moment in moments) for start in moments)
    assert most_in_a_second == 30
    assert len(moments) in (90, 91)


def test_idle_time_earns_no_credit() -> None:
    pace = Pace(Limits(per_second=10))
    pace.spend(100.0, 1, is_room=False, parts=1)
    assert math.isclose(pace.free_at(100.0), 100.1)


def test_an_album_counts_its_parts() -> None:
    pace = Pace(Limits(per_second=10, per_chat_per_second=1))
    pace.spend(0.0, 1, is_room=False, parts=4)
    assert math.isclose(pace.free_at(0.0), 0.4)
    assert pace.chat_free_at(1) == 4.0


def test_a_chat_waits_and_others_do_not() -> None:
    pace = Pace(Limits(per_second=1000, per_chat_per_second=1))
    pace.spend(0.0, 1, is_room=False, parts=1)
    assert pace.busy(0.5) == {1}
    assert pace.next_chat_free(since=0.0) == 1.0
    assert pace.next_chat_free(since=1.0) == float("inf")
    assert pace.busy(1.0) == set()


def test_a_room_takes_so_many_a_minute() -> None:
    pace = Pace(Limits(per_second=1000, per_chat_per_second=1000, per_room_per_minute=3))
    for second in (0.0, 10.0, 20.0):
        assert pace.busy(second) == set()
        pace.spend(second, 1, is_room=True, parts=1)
    assert pace.busy(59.0) == {1}
    assert pace.busy(60.0) == set()


def test_an_album_waits_until_its_rooms_minute_has_room_for_all_of_it() -> None:
    pace = Pace(Limits(per_second=1000, per_chat_per_second=1000, per_room_per_minute=5))
    pace.spend(0.0, 1, is_room=True, parts=3)
    assert not pace.room_for(1.0, 1, 3)
    assert pace.room_for(60.0, 1, 3)


def test_an_album_larger_than_a_rooms_minute_goes_alone() -> None:
    pace = Pace(Limits(per_room_per_minute=5))
    assert pace.room_for(0.0, 1, 10)


def test_after_a_halt_the_rate_climbs() -> None:
    pace = Pace(Limits(per_second=20))
    pace.halt(0.0, 5.0)
    assert pace.is_halted(4.9)
    assert pace.free_at(0.0) == 5.0
    assert pace.rate(5.0) == 20 * RAMP_FROM
    assert pace.rate(5.0 + RAMP / 2) == 20 * (RAMP_FROM + 1) / 2
    assert pace.rate(5.0 + RAMP) == 20


def test_a_halt_of_one_chat_leaves_the_lane_alone() -> None:
    pace = Pace(Limits())
    pace.halt_chat(0.0, 7, 30.0)
    assert not pace.is_halted(0.0)
    assert pace.busy(29.0) == {7}


def test_no_limits_are_no_limits() -> None:
    pace = Pace(Limits(per_second=math.inf, per_chat_per_second=math.inf))
    pace.spend(1.0, 1, is_room=False, parts=1)
    assert pace.free_at(1.0) <= 1.0
    assert pace.busy(1.0) == set()


def test_memory_stays_flat_over_many_chats() -> None:
    pace = Pace(Limits(per_second=1000, per_chat_per_second=1))
    spend_all(pace, until=20.0, chats=100_000)
    assert len(pace._chat_free) < 4000


def test_setbacks_grow_and_many_at_once_are_one() -> None:
    setbacks = Setbacks(first=1.0, longest=5.0)
    assert [setbacks.failed(0.0), setbacks.failed(0.5), setbacks.failed(0.9)] == [
        1.0,
        0.5,
        0.09999999999999998,
    ]
    assert setbacks.failed(1.0) == 2.0
    assert setbacks.failed(3.0) == 4.0
    assert setbacks.failed(7.0) == 5.0
    setbacks.succeeded()
    assert setbacks.failed(20.0) == 1.0


def test_after_a_failure_one_request_goes_ahead_until_it_succeeds() -> None:
    def is_probing() -> bool:
        return setbacks.is_probing

    setbacks = Setbacks(first=1.0, longest=5.0)
    setbacks.failed(0.0)
    assert is_probing()
    setbacks.succeeded()
    assert not is_probing()
