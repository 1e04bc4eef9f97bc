"""The statements that differ most between the databases, on PostgreSQL: spread, count, correct, withdraw."""

from __future__ import annotations

import pytest

from tests.unit.posts.test_after_publishing import (
    test_another_date_is_also_sent_anew_to_all_who_hold_it,
    test_the_sender_hears_once_how_many_have_it,
    test_what_is_too_old_to_delete_is_overwritten,
    test_withdrawn_everywhere,
)
from tests.unit.posts.test_again import (
    test_exactly_those_in_doubt_get_it_once_more,
    test_lost_again_it_is_offered_anew_but_the_old_tap_means_nothing,
)
from tests.unit.posts.test_publishing import (
    test_each_language_is_rendered_once_and_two_go_under_each_other,
    test_sending_writes_one_copy_per_reader_who_gets_it_by_itself,
    test_the_preview_counts_by_when,
    test_undo_within_thirty_seconds_takes_every_copy_off,
)

__all__ = [
    "test_another_date_is_also_sent_anew_to_all_who_hold_it",
    "test_each_language_is_rendered_once_and_two_go_under_each_other",
    "test_exactly_those_in_doubt_get_it_once_more",
    "test_lost_again_it_is_offered_anew_but_the_old_tap_means_nothing",
    "test_sending_writes_one_copy_per_reader_who_gets_it_by_itself",
    "test_the_preview_counts_by_when",
    "test_the_sender_hears_once_how_many_have_it",
    "test_undo_within_thirty_seconds_takes_every_copy_off",
    "test_what_is_too_old_to_delete_is_overwritten",
    "test_withdrawn_everywhere",
]


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url
