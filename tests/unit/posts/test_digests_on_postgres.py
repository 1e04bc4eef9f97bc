"""Digests on PostgreSQL: two leaders at once, a crash, what is carried."""

from __future__ import annotations

import pytest

from tests.unit.posts.test_digests import (
    test_a_crash_between_assembly_and_commit_leaves_nothing,
    test_an_unsure_announcement_is_carried_once,
    test_late_after_an_outage_and_not_twice,
    test_of_two_leaders_one_sends,
)

__all__ = [
    "test_a_crash_between_assembly_and_commit_leaves_nothing",
    "test_an_unsure_announcement_is_carried_once",
    "test_late_after_an_outage_and_not_twice",
    "test_of_two_leaders_one_sends",
]


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url
