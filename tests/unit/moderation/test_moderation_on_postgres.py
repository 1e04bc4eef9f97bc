"""What differs most between the databases, on PostgreSQL: the race, the log's refusal, hiding and restoring."""

from __future__ import annotations

import pytest

from tests.unit.moderation.test_audit import (
    test_it_names_nobody_and_is_whole,
    test_the_database_refuses_to_change_it,
)
from tests.unit.moderation.test_hiding import test_hidden_and_restored
from tests.unit.moderation.test_rights import (
    test_an_exclusion_needs_two,
    test_of_two_who_claim_at_once_one_wins,
    test_reports_join_the_open_case,
    test_time_erases_first_the_content_then_the_case,
)

__all__ = [
    "test_an_exclusion_needs_two",
    "test_hidden_and_restored",
    "test_it_names_nobody_and_is_whole",
    "test_of_two_who_claim_at_once_one_wins",
    "test_reports_join_the_open_case",
    "test_the_database_refuses_to_change_it",
    "test_time_erases_first_the_content_then_the_case",
]


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url
