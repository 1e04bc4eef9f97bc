"""Posters: the code that is printed is read back, as a phone does."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from adapters.memory import MemoryPlatform
from bot import posters as making
from bot.clock import ManualClock
from bot.contract import Platform, PlatformDown
from bot.host import Host
from bot.posters import Poster, draw, posters
from bot.prepare import NotReadyError
from bot.settings import DatabaseSettings, Settings, WebSettings
from tests.stories.driver import START
from tests.stories.preparing import prepared

LINKS = [
    "https://quartier.example.org/chat?start=q_suedstadt",
    "https://t.me/hameln_quartier_bot?start=q_suedstadt",
]


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = Settings(
        database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'city.sqlite3'}"),
        web=WebSettings(public_url="https://quartier.example.org"),
    )
    await prepared(made, ManualClock(START))
    return made


@pytest.mark.parametrize("link", LINKS)
def test_the_printed_code_leads_where_the_link_does(link: str, tmp_path: Path) -> None:
    (png,) = draw(Poster("suedstadt", "Südstadt", "telegram", link), tmp_path, {"png"})
    with Image.open(png) as image:
        assert min(image.size) >= making.LEAST_PIXELS
        (read,) = zxingcpp.read_barcodes(image.convert("L"))
        white = set(image.convert("L").crop((0, 0, image.width, image.width // 20)).tobytes())
    assert read.text == link
    assert white == {255}, "the quiet zone is not white"


def test_a_dirty_poster_is_read_all_the_same(tmp_path: Path) -> None:
    (png,) = draw(Poster("suedstadt", "Südstadt", "web", LINKS[0]), tmp_path, {"png"})
    with Image.open(png) as image:
        dirty = image.convert("L")
    side = dirty.width
    dirty.paste(128, (side * 45 // 100, side * 45 // 100, side * 60 // 100, side * 60 // 100))
    (read,) = zxingcpp.read_barcodes(dirty)
    assert read.text == LINKS[0]


def test_the_drawing_is_one_that_printers_take(tmp_path: Path) -> None:
    (svg,) = draw(Poster("suedstadt", "Südstadt", "web", LINKS[0]), tmp_path, {"svg"})
    root = ET.parse(svg).getroot()  # noqa: S314 - our own file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert LINKS[0] in "".join(root.itertext())


async def test_a_link_for_every_quartier(settings: Settings) -> None:
    memory = MemoryPlatform()
    found = await posters(settings, adapters={"memory": lambda host: memory})
    assert Poster("suedstadt", "Südstadt", "memory", "memory://memory?start=q_suedstadt") in found.links
    assert len({one.slug for one in found.links}) == len(found.links) > 1
    (one,) = (await posters(settings, "suedstadt", adapters={"memory": lambda host: memory})).links
    assert one.slug == "suedstadt"


async def test_a_link_that_carries_nothing_says_what_to_write(settings: Settings) -> None:
    class Plain(MemoryPlatform):
        def start_link(self, payload: str) -> str:
            return "" if payload else "https://matrix.to/#/@bot:example.org"

    (one,) = (await posters(settings, "suedstadt", adapters={"memory": lambda host: Plain()})).links
    assert (one.link, one.typed) == ("https://matrix.to/#/@bot:example.org", "/start q_suedstadt")


async def test_the_page_needs_an_address_that_others_can_open(settings: Settings) -> None:
    def page(_: Host) -> Platform:
        return MemoryPlatform(name="web")

    assert len((await posters(settings, adapters={"web": page})).links) > 1
    local = settings.model_copy(update={"web": WebSettings()})
    with pytest.raises(NotReadyError, match="QUARTIERBOTE_WEB__PUBLIC_URL=https://"):
        await posters(local, adapters={"web": page})


async def test_a_messenger_that_is_down_is_said_to_be_missing(settings: Settings) -> None:
    class Down(MemoryPlatform):
        async def check(self) -> str:
            raise PlatformDown("no answer")

    with pytest.raises(NotReadyError, match="memory: it can't be reached just now"):
        await posters(settings, adapters={"memory": lambda host: Down()})


async def test_an_unknown_quartier_is_told_with_those_there_are(settings: Settings) -> None:
    with pytest.raises(NotReadyError, match=r"--quartier must be one of: .*suedstadt"):
        await posters(settings, "nowhere", adapters={})
