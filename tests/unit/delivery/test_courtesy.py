"""How long bulk waits for an answer: long enough to be of use, and for no more than half of the time."""

from __future__ import annotations

import pytest

from bot.delivery.courtesy import MOST_OWED, WRITING, Courtesy

SLOT = 0.125


@pytest.fixture
def courtesy() -> Courtesy:
    return Courtesy()


def test_it_waits_two_slots_for_an_answer_that_is_being_written(courtesy: Courtesy) -> None:
    courtesy.writing(10.0, SLOT)
    assert courtesy.until == 10.0 + 2 * SLOT
    courtesy.answered(10.1)
    assert courtesy.until == 10.1


@pytest.mark.parametrize("slots", [1.5, 2.0, 2.5, 3.9])
def test_an_answer_that_took_longer_to_write_has_a_slot_once_it_is_stored(
    courtesy: Courtesy, slots: float
) -> None:
    courtesy.writing(10.0, SLOT)
    courtesy.stored(10.0 + slots * SLOT, SLOT)
    assert courtesy.until == 10.0 + (slots + 1) * SLOT


def test_what_somebody_else_stored_takes_nothing_from_an_answer(courtesy: Courtesy) -> None:
    courtesy.stored(10.0, SLOT)
    courtesy.read(10.0)
    courtesy.writing(10.01, SLOT)
    assert courtesy.until == 10.01 + 2 * SLOT


@pytest.mark.parametrize("asks", [("writing",), ("stored",), ("writing", "stored"), ("stored", "writing")])
def test_whoever_asks_all_the_time_has_half_of_it(courtesy: Courtesy, asks: tuple[str, ...]) -> None:
    step, steps = SLOT / 8, 8000
    waited = 0.0
    for number in range(steps):
        now = 10.0 + number * step
        for ask in asks:
            getattr(courtesy, ask)(now, SLOT)
        waited += step * (courtesy.until > now)
    assert waited <= steps * step / 2 + (MOST_OWED / 2 + WRITING) * SLOT
    assert waited >= steps * step * 0.45
