"""A pass says nothing to whoever finds it, and can't be made up, changed or kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import ManualClock, RandomIds
from bot.posts.passes import LIFE, Passes
from tests.unit.posts.town import MONDAY_NOON


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MONDAY_NOON)


@pytest.fixture
def passes(clock: ManualClock) -> Passes:
    return Passes(b"a secret of these tests", clock, RandomIds())


def test_it_names_its_holder_until_it_ends(passes: Passes, clock: ManualClock) -> None:
    token = passes.make(42)
    assert passes.read(token) == (42, clock.now() + LIFE)
    clock.advance(LIFE - timedelta(seconds=1))
    assert passes.read(token) is not None
    clock.advance(timedelta(seconds=1))
    assert passes.read(token) is None


def test_two_passes_of_one_person_have_nothing_in_common(passes: Passes) -> None:
    one, other = passes.make(42), passes.make(42)
    assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) / 2


def test_changed_anywhere_it_opens_nothing(passes: Passes) -> None:
    token = passes.make(42)
    read = [
        passes.read(token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :])
        for place in range(len(token) - 1)
    ]
    assert read == [None] * (len(token) - 1)
    # The last character carries two bits that base64 ignores: those two spellings are the same pass.
    assert {passes.read(token[:-1] + last) for last in "AEIMQUYcgkosw048"} <= {None, passes.read(token)}


@pytest.mark.parametrize("forged", ["", "x", "A" * 51, "A" * 5000, "ä" * 51, "../../etc/passwd", "=" * 51])
def test_nonsense_opens_nothing(passes: Passes, forged: str) -> None:
    assert passes.read(forged) is None


def test_another_installations_pass_opens_nothing(passes: Passes, clock: ManualClock) -> None:
    other = Passes(b"another secret", clock, RandomIds())
    assert passes.read(other.make(42)) is None
