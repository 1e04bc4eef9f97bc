"""Short answers, as people type them."""

from __future__ import annotations

import pytest

from bot.dialogue.words import addressed, chosen, command_of, normal

OPEN = [["1", "Nordstadt", "join:3"], ["2", "Ganz Hameln", "join:0"], ["3", "العربية", "agree:ar"]]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1", "join:3"),
        (" 1. ", "join:3"),
        ("1)", "join:3"),
        ("nordstadt", "join:3"),
        ("NORDSTADT!", "join:3"),
        ("ganz  hameln", "join:0"),
        ("٢", "join:0"),
        ("۳", "agree:ar"),
        ("العربية", "agree:ar"),
        ("4", None),
        ("12", None),
        ("Nordstadt bitte", None),
        ("", None),
    ],
)
def test_a_choice_is_answered_by_its_number_or_its_word(typed: str, value: str | None) -> None:
    assert chosen(typed, OPEN) == value


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("/start", ("start", "")),
        ("/Start q_nordstadt", ("start", "q_nordstadt")),
        ("/hilfe@QuartierBot", ("hilfe", "")),
        ("/zurück", ("zurück", "")),
        ("/", None),
        ("hilfe", None),
    ],
)
def test_a_command(typed: str, expected: tuple[str, str] | None) -> None:
    assert command_of(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("117 3", (117, 3)), ("١١٧ ٣", (117, 3)), ("117", None), ("117 3 4", None), ("a 3", None)],
)
def test_a_number_that_names_its_message(typed: str, expected: tuple[int, int] | None) -> None:
    assert addressed(typed) == expected


def test_bidi_controls_do_not_hide_a_word() -> None:
    assert normal("\u2068stopp\u2069") == normal("STOPP")


@pytest.mark.parametrize(("typed", "meant"), [("HAYIR", "Hayır"), ("GERİ", "Geri"), ("SIKLIK", "sıklık")])
def test_turkish_capitals_are_their_small_letters(typed: str, meant: str) -> None:
    assert normal(typed) == normal(meant)
