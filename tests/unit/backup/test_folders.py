"""An adapter keeps its files where the backup looks for them."""

from __future__ import annotations

from pathlib import Path

from adapters.matrix import build
from bot.app import open_house
from bot.backup.parts import place_of
from bot.clock import ManualClock
from bot.contract import Platform
from bot.host import Host
from bot.settings import DatabaseSettings, DataSettings, Settings
from tests.stories.driver import START
from tests.stories.preparing import prepared


async def test_the_keys_of_matrix_are_where_the_backup_looks(tmp_path: Path) -> None:
    clock = ManualClock(START)
    settings = Settings(
        database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'town.sqlite3'}"),
        data=DataSettings(folder=tmp_path / "data"),
        platforms={
            "matrix": {
                "homeserver": "http://127.0.0.1:9",
                "user": "@bot:example.org",
                "password": "a long password",
                "store_secret": "a secret that is long enough",
            }
        },
    )
    await prepared(settings, clock)
    asked: list[Host] = []

    def asks(host: Host) -> Platform | None:
        asked.append(host)
        return build(host)

    async with open_house(settings, clock=clock, adapters={"matrix": asks}) as house:
        (platform,) = house.platforms.values()
        folder = platform.account._settings.folder  # type: ignore[attr-defined]
    assert folder == place_of(settings, "matrix") == tmp_path / "data" / "matrix"
