"""A list of names must not outlive what it names."""

from __future__ import annotations

from importlib import import_module

from tests.stories.matrix_side import ON_MATRIX


def test_every_story_on_the_list_is_there() -> None:
    for story in (story for stories in ON_MATRIX.values() for story in stories):
        module, _, name = story.partition(".")
        assert hasattr(import_module(f"tests.stories.{module}"), name), story
