"""The same counts on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.unit.seeing.test_overview import test_every_copy_is_counted_once_where_it_stands

__all__ = ["test_every_copy_is_counted_once_where_it_stands"]


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url
