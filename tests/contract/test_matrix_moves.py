"""Of several processes the one with the keys looks after Matrix; no other becomes a new device by mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.matrix.account import AWAY, ELSEWHERE, IN_USE, Account
from adapters.matrix.settings import MatrixSettings
from bot.contract import PlatformDown
from tests.fakes.web_host import MemoryStore

USER, SERVER = "@bot:example.org", "http://127.0.0.1:9"


def account(folder: Path, store: MemoryStore, *, new_device: bool = False) -> Account:
    settings = {
        "homeserver": SERVER,
        "user": USER,
        "password": "correct horse",
        "store_secret": "a secret of sixteen letters",
        "folder": folder,
        "new_device": new_device,
    }
    return Account(MatrixSettings.model_validate(settings).complete(), store)


async def logged_in(folder: Path) -> MemoryStore:
    """What the first owner left: its login in the store, its keys in the folder."""
    store = MemoryStore()
    login = {"homeserver": SERVER, "user": USER, "device": "DEVICE", "token": "t"}
    await store.put("login", json.dumps(login))
    folder.mkdir()
    (folder / "DEVICE.sqlite3").touch()
    return store


async def test_the_lane_stays_where_the_keys_are(tmp_path: Path) -> None:
    store = await logged_in(tmp_path / "here")
    here, elsewhere = account(tmp_path / "here", store), account(tmp_path / "elsewhere", store)
    assert await elsewhere.move_in() == ELSEWHERE
    assert await here.move_in() == ""
    await here.move_out()


async def test_keys_in_use_are_left_alone_until_their_owner_moves_out(tmp_path: Path) -> None:
    store = await logged_in(tmp_path / "keys")
    one, two = account(tmp_path / "keys", store), account(tmp_path / "keys", store)
    assert await one.move_in() == ""
    assert await two.move_in() == IN_USE
    await one.move_out()
    assert await two.move_in() == ""
    await two.move_out()


async def test_who_moved_out_opens_nothing(tmp_path: Path) -> None:
    one = account(tmp_path / "keys", await logged_in(tmp_path / "keys"))
    await one.move_in()
    await one.move_out()
    await one.move_out()
    with pytest.raises(PlatformDown, match=AWAY):
        await one.open()


async def test_lost_keys_are_given_up_only_when_told(tmp_path: Path) -> None:
    store = await logged_in(tmp_path / "lost")
    assert await account(tmp_path / "new", store).move_in() == ELSEWHERE
    told = account(tmp_path / "new", store, new_device=True)
    assert await told.move_in() == ""
    await told.move_out()
