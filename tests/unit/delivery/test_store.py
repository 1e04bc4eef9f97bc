"""The adapters' drawer, the files, and the lanes and chats they belong to."""

from __future__ import annotations

import pytest

from bot.delivery.chats import chat_for, lane_for
from bot.delivery.store import LaneStore, MediaReader, MediaStore
from tests.unit.delivery.world import World


async def test_what_is_put_is_there_and_what_is_deleted_is_not(world: World) -> None:
    store = LaneStore(world.database, world.lane)
    await store.put("a", "1")
    await store.put("a", "2")
    assert await store.get("a") == "2"
    await store.delete("a")
    assert await store.get("a") is None


async def test_put_new_is_won_once(world: World) -> None:
    store = LaneStore(world.database, world.lane)
    assert await store.put_new("a", "1")
    assert not await store.put_new("a", "2")
    assert await store.get("a") == "1"


async def test_a_listing_goes_on_after_a_key_and_tells_letters_and_signs_apart(world: World) -> None:
    store = LaneStore(world.database, world.lane)
    for key in ("m:1", "m:2", "m:3", "M:1", "m%1", "n:1"):
        await store.put(key, key)
    assert [key for key, _ in await store.listing("m:")] == ["m:1", "m:2", "m:3"]
    assert [key for key, _ in await store.listing("m:", after="m:1", limit=1)] == ["m:2"]


async def test_lanes_do_not_see_into_each_others_drawers(world: World) -> None:
    async with world.database.write() as session:
        other = (await lane_for(session, "other")).id
    await LaneStore(world.database, world.lane).put("a", "1")
    assert await LaneStore(world.database, other).get("a") is None


async def test_lanes_and_chats_are_made_once(world: World) -> None:
    async with world.database.write() as session:
        lanes = [(await lane_for(session, "memory")).id for _ in range(2)]
        chats = [(await chat_for(session, world.lane, "room", is_room=True)).id for _ in range(2)]
    assert lanes == [world.lane] * 2
    assert chats[0] == chats[1]


async def test_files_are_kept_and_an_unknown_one_says_so(world: World) -> None:
    async with world.database.write() as session:
        media = await MediaStore(world.clock).save(session, "image/png", "bild.png", b"png")
    reader = MediaReader(world.database)
    assert await reader.load(media) == (b"png", "image/png")
    with pytest.raises(KeyError):
        await reader.load(media + 1)
