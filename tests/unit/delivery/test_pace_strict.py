"""The pace beside a platform that counts strictly and says little, in virtual time."""

from __future__ import annotations

import pytest

from bot.contract import Limits
from bot.delivery.pace import RAMP, Pace
from tests.fakes.botapi.state import Chat
from tests.unit.delivery.strict import Line

TELEGRAM = Limits(per_second=30)


def test_a_steady_line_carries_nearly_all_that_a_strict_second_allows() -> None:
    line = Line(Pace(TELEGRAM), per_second=30, latency=0.05).run(60)
    assert line.refused == []
    assert line.rate(50) >= 29.3


@pytest.mark.parametrize("back", [0.0, 0.05])
@pytest.mark.parametrize("seed", range(5))
def test_jitter_never_makes_more_arrive_in_a_second_than_is_allowed(seed: int, back: float) -> None:
    line = Line(Pace(TELEGRAM), per_second=30, latency=0.05, jitter=0.1, back=back, seed=seed).run(120)
    assert line.refused == []
    assert line.rate(100) >= 27.3


@pytest.mark.parametrize("often", [1, 2, 5, 40])
def test_messages_of_two_parts_never_run_over_the_limit(often: int) -> None:
    """Now and then among others, or a whole broadcast of them."""
    line = Line(Pace(TELEGRAM), per_second=30, parts=lambda number: 1 if number % often else 2).run(120)
    assert line.refused == []
    assert line.rate(100) >= 13


def test_counted_as_one_they_do() -> None:
    """What the test before is worth."""
    line = Line(Pace(TELEGRAM), per_second=30, parts=lambda number: 2, told=False).run(10)
    assert line.refused


def test_the_first_answers_are_slow_and_still_nothing_is_refused() -> None:
    """Nothing is known of the line yet; a long round trip at first must not be taken for the rule."""
    line = Line(Pace(TELEGRAM), per_second=30, latency=0.0, jitter=1.0).run(30)
    assert line.refused == []


def test_an_unknown_lower_limit_is_found_at_the_first_refusals_and_held() -> None:
    pace = Pace(TELEGRAM)
    line = Line(pace, per_second=20).run(50)
    assert pace.learned == 20
    assert len(line.refused) <= 4
    assert line.rate(20) >= 19.3


def test_it_is_found_with_jitter_too() -> None:
    line = Line(Pace(TELEGRAM), per_second=20, jitter=0.1).run(60)
    assert len(line.refused) <= 10
    assert line.rate(30) >= 17


def test_it_is_found_where_a_bucket_hides_it() -> None:
    line = Line(Pace(TELEGRAM), per_second=20, model="bucket").run(90)
    assert len(line.refused) <= 16
    assert line.rate(20) >= 17


def test_trials_above_a_limit_that_stays_become_rare() -> None:
    line = Line(Pace(TELEGRAM), per_second=20).run(1500)
    late = [at for at in line.refused if at > 60]
    assert len(late) <= 6
    assert line.rate(1200) >= 19


def test_a_limit_that_is_lifted_is_climbed_back_to_step_by_step() -> None:
    pace = Pace(TELEGRAM)
    line = Line(pace, per_second=20).run(30)
    line.limiter.per_second = 30
    line.run(60)
    assert 19 <= line.rate(10) <= 24
    line.run(180)
    assert pace.learned is None
    assert line.rate(10) >= 29


def test_an_idle_lane_does_not_climb() -> None:
    pace = Pace(TELEGRAM)
    line = Line(pace, per_second=20).run(30)
    line.run(3600, idle=True)
    assert pace.learned == 20


def test_after_a_refusal_there_is_no_storm() -> None:
    line = Line(Pace(TELEGRAM), per_second=20).run(20)
    released = line.refused[-1] + 1.0
    first = [at for at in line.accepted if released < at <= released + 2]
    assert len(first) <= 2 * 20 * 0.8
    assert len([at for at in line.refused if at > line.refused[0] + RAMP]) == 0


def test_a_restart_begins_where_the_last_owner_had_learned() -> None:
    line = Line(Pace(TELEGRAM, begins=0.0, learned=20.0), per_second=20).run(30)
    assert line.refused == []
    assert line.rate(20) >= 19.3


def test_a_new_owner_takes_into_account_that_the_last_one_may_just_have_sent() -> None:
    line = Line(Pace(TELEGRAM, begins=0.0), per_second=30)
    for sent in range(30):
        line.now = -1.0 + sent / 30
        line.limiter.admit(Chat(-sent), 1)
    line.now = 0.0
    assert line.run(10).refused == []


def test_a_refusal_in_one_chat_stops_that_chat_only() -> None:
    pace = Pace(TELEGRAM)
    sent = pace.spend(0.0, 7, is_room=False, parts=1)
    pace.answered(0.05, sent, arrived=False)
    pace.refused(0.05, sent, 30.0, chat_only=False)
    assert pace.busy(0.06) == {7}
    assert not pace.is_halted(0.06)
    assert pace.learned is None


def test_refusals_in_several_chats_within_a_short_time_are_the_accounts() -> None:
    pace = Pace(TELEGRAM)
    for chat in (1, 2):
        sent = pace.spend(float(chat), chat, is_room=False, parts=1)
        pace.answered(chat + 0.05, sent, arrived=False)
        pace.refused(chat + 0.05, sent, 30.0, chat_only=False)
    assert pace.halted_until == 32.05


def test_two_rooms_at_their_own_limits_are_two_rooms() -> None:
    pace = Pace(TELEGRAM)
    for chat in (1, 2):
        sent = pace.spend(float(chat), chat, is_room=True, parts=1)
        pace.refused(chat + 0.05, sent, 30.0, chat_only=True)
    assert not pace.is_halted(3.0)
