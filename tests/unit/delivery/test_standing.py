"""When lost answers are a message's fault, and when the platform's."""

from __future__ import annotations

import logging

import pytest

from bot.contract import LoginRefused, PlatformDown
from bot.delivery.standing import SPARED, Standing


@pytest.fixture
def standing() -> Standing:
    return Standing("telegram", first=1.0, longest=60.0)


def test_one_chat_that_loses_every_answer_halts_nothing(standing: Standing) -> None:
    assert [standing.lost(now, 7) for now in range(20)] == [0.0] * 20
    assert not standing.spares(20)


def test_three_in_a_row_are_the_platforms_fault(standing: Standing) -> None:
    assert [standing.lost(now, chat) for now, chat in enumerate((7, 8, 9))] == [0.0, 0.0, 1.0]
    assert standing.spares(2)
    assert standing.is_probing


def test_an_answer_in_between_acquits_it(standing: Standing) -> None:
    standing.lost(0, 7)
    standing.lost(1, 8)
    standing.heard()
    assert standing.lost(2, 9) == 0.0
    assert not standing.spares(2)


def test_pauses_grow_to_a_minute_until_an_answer_comes(standing: Standing) -> None:
    now, pauses = 0.0, []
    for chat in range(10):
        pauses.append(standing.lost(now, chat))
        now += pauses[-1]
    assert pauses == [0.0, 0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    standing.heard()
    assert (standing.is_probing, standing.spares(now)) == (False, False)


def test_after_an_hour_each_message_answers_for_itself_again(standing: Standing) -> None:
    for chat in (7, 8, 9):
        standing.lost(0, chat)
    assert (standing.spares(SPARED - 1), standing.spares(SPARED)) == (True, False)


def test_a_platform_that_is_down_and_loses_an_answer_is_still_down(standing: Standing) -> None:
    assert standing.down(0, PlatformDown("no network")) == 1.0
    assert standing.lost(2, 7) == 2.0


def test_it_says_once_when_it_begins_and_once_when_it_is_over(
    standing: Standing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    for now in (0, 2, 9):
        standing.down(now, LoginRefused("secret words"))
    standing.heard()
    standing.heard()
    assert [record.getMessage() for record in caplog.records] == [
        "telegram: nothing goes out (LoginRefused); trying on",
        "telegram: messages go out again",
    ]
