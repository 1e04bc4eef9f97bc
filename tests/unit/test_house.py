"""The house holds: its imports point one way. Each rule is also shown to find a made-up violation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import house
from tests.fakes.house import Import

ROOT = Path(__file__).parents[2]
MODULES = house.sources(ROOT, "bot", "adapters")
FOUND = house.imports(MODULES)
LONGEST = 400


def test_the_neighbourhood_knows_no_messenger_and_no_adapter() -> None:
    assert house.strangers(FOUND) == []


def test_rooms_import_downwards_only() -> None:
    assert house.upwards(FOUND) == []


def test_rooms_form_no_circle() -> None:
    assert house.circles(FOUND) == []


def test_use_cases_know_no_chat_and_tables_no_use_case() -> None:
    assert house.wrong_faces(FOUND) == []


def test_adapters_know_the_contract_only() -> None:
    assert house.wrong_doors(FOUND) == []


def test_no_file_is_too_long_to_read() -> None:
    files = MODULES | house.sources(ROOT, "tests", "locales")
    assert house.too_long(files, LONGEST) == []


def test_the_reading_sees_the_house() -> None:
    """Were the folders moved, every rule above would hold for nothing."""
    assert Import("bot.delivery.model", "bot.storage.Base") in FOUND
    assert {name.split(".")[0] for name in MODULES} == {"bot", "adapters"}


def found(**modules: str) -> list[Import]:
    return house.imports({name.replace("__", "."): source for name, source in modules.items()})


@pytest.mark.parametrize(
    "source",
    [
        "import telegram",
        "from starlette.routing import Route",
        "def later():\n    from adapters.memory import build",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nio.events",
    ],
)
def test_a_strangers_import_is_found(source: str) -> None:
    assert len(house.strangers(found(bot__posts__service=source))) == 1


def test_an_import_upwards_is_found() -> None:
    assert house.upwards(found(bot__items__service="from bot.posts.model import Post")) == [
        "bot.items.service imports bot.posts.model.Post"
    ]
    assert house.upwards(found(bot__items__service="from ..posts import model")) == [
        "bot.items.service imports bot.posts.model"
    ]
    assert house.upwards(found(bot__storage__types="from bot import delivery")) == [
        "bot.storage.types imports bot.delivery"
    ]


def test_rooms_of_one_floor_do_not_know_each_other() -> None:
    assert len(house.upwards(found(bot__health="import bot.place"))) == 1


def test_a_room_without_a_floor_is_found() -> None:
    assert house.upwards(found(bot__attic__service="import bot.clock")) == [
        "bot.attic.service imports bot.clock: give attic its place in ORDER"
    ]


def test_an_import_downwards_is_fine() -> None:
    downwards = found(
        bot__posts__service="from bot.items import service\nfrom bot.posts import model\nimport json"
    )
    assert house.upwards(downwards) + house.strangers(downwards) + house.wrong_faces(downwards) == []


def test_a_circle_is_found() -> None:
    ring = found(
        bot__a__x="import bot.b.x",
        bot__b__y="import bot.c",
        bot__c="from bot.a import z",
        bot__d="import bot.a.x",
    )
    assert house.circles(ring) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot__posts__service", "from bot.posts.dialogue import ask"),
        ("bot__posts__service", "from . import dialogue"),
        ("bot__posts__service", "from bot.people import welcome_dialogue"),
        ("bot__posts__model", "from bot.items.service import ItemService"),
        ("bot__posts__model", "import bot.posts.dialogue"),
    ],
)
def test_a_wrong_face_is_found(module: str, source: str) -> None:
    assert len(house.wrong_faces(found(**{module: source}))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from bot.people.service import People",
        "import bot.storage",
        "from adapters.memory import build",
        "import bot",
    ],
)
def test_a_wrong_door_is_found(source: str) -> None:
    assert len(house.wrong_doors(found(adapters__web__site=source))) == 1


def test_a_long_file_is_found() -> None:
    assert house.too_long({"bot.a": "\n" * 401, "bot.b": "\n" * 400}, LONGEST) == ["bot.a: 401"]
