"""Who reads what, as the database is asked."""

from __future__ import annotations

import pytest

from bot.people.audience import audience
from bot.people.model import Pace, Person
from bot.quartiere.model import WHOLE_CITY


@pytest.mark.parametrize("quartiere", [[WHOLE_CITY], [1, 2]])
def test_one_walk_whatever_the_database_expects(quartiere: list[int]) -> None:
    """A subquery that is joined was gone through once for each reader, while PostgreSQL knew little of its tables."""
    asked = str(audience(quartiere).where(Person.pace == Pace.EVENING))
    assert asked.count("SELECT") == 1
