"""Messages that can't be read yet: kept until their key comes, never lost, and said to be unreadable once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import quote

import pytest
from nio import SyncResponse

from adapters.matrix.errors import LostError
from adapters.matrix.sealed import Read, Sealed
from bot.clock import ManualClock
from bot.contract import Happened, Inbound
from tests.contract.harness import Inbox, running
from tests.contract.matrix_side import MatrixSide
from tests.fakes.matrix_person import MatrixPerson
from tests.stories.driver import START


async def test_a_message_whose_key_comes_late_is_read_then(matrix_encrypted: MatrixSide) -> None:
    anna, inbox = await matrix_encrypted.person(), Inbox()
    key = withheld_key(anna.matrix)
    async with running(matrix_encrypted.platform, inbox):
        await anna.types("Kommt später")
        await until_sealed(matrix_encrypted)
        assert inbox.events == []
        await hand_over(anna.matrix, key)
        (event,) = await inbox.has(1)
    assert (event.what, event.text) == (Happened.TEXT, "Kommt später")


async def test_a_late_key_is_not_lost_with_a_sync_that_failed(
    matrix_encrypted: MatrixSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = matrix_encrypted
    anna, inbox = await side.person(), Inbox()
    listener = side.platform._listener
    failures: list[int] = []
    opened = listener._sealed.opened

    async def fails_once(response: SyncResponse, read: Read) -> list[Inbound]:
        events = await opened(response, read)
        if events and not failures:
            failures.append(len(events))
            raise LostError("the line went dead")
        return events

    monkeypatch.setattr(listener._sealed, "opened", fails_once)
    key = withheld_key(anna.matrix)
    async with running(side.platform, inbox):
        await anna.types("Kommt später")
        await until_sealed(side)
        await hand_over(anna.matrix, key)
        (event,) = await inbox.has(1)
    assert (failures, event.text) == ([1], "Kommt später")


async def test_a_strangers_name_for_a_session_stops_nobody(
    matrix_encrypted: MatrixSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = matrix_encrypted
    anna, inbox = await side.person(), Inbox()
    put_new = side.store.put_new

    async def as_a_database(key: str, value: str) -> bool:
        if len(key) > 255 or "\0" in key:
            raise SystemError("too long for its column")
        return await put_new(key, value)

    monkeypatch.setattr(side.store, "put_new", as_a_database)
    await puts_sealed(anna.matrix, sealed_as("x:" * 400), "a")
    await puts_sealed(anna.matrix, {"algorithm": 7, "session_id": ["\0"]}, "b")
    async with running(side.platform, inbox):
        await anna.types("Hört ihr mich?")
        (event,) = await inbox.has(1)
    assert event.text == "Hört ihr mich?"


async def puts_sealed(person: MatrixPerson, content: dict[str, object], key: str) -> None:
    path = f"/_matrix/client/v3/rooms/{quote(person.room, safe='')}/send/m.room.encrypted/{key}"
    await asyncio.to_thread(person.server.call, "PUT", path, content, person.token)


def sealed_as(session: str) -> dict[str, object]:
    return {
        "algorithm": "m.megolm.v1.aes-sha2",
        "ciphertext": "AwgA",
        "device_id": "DEVICE",
        "sender_key": "key",
        "session_id": session,
    }


async def test_who_wrote_what_we_cannot_read_is_told_once(matrix_encrypted: MatrixSide) -> None:
    anna, clock, inbox = await matrix_encrypted.person(), ManualClock(START), Inbox()
    side = matrix_encrypted
    side.platform._listener._sealed = side.platform._sealed = Sealed(side.platform.account, side.store, clock)
    withheld_key(anna.matrix)
    async with running(side.platform, inbox):
        said = await anna.matrix.types("eins")
        await anna.types("zwei")
        await until_sealed(side, 2)
        clock.advance(timedelta(minutes=1))
        await anna.matrix.reacts(said, "👋")  # something else happens
        events = await inbox.has(2)
    assert sorted(event.what for event in events) == [Happened.REACTION, Happened.UNREADABLE]


def withheld_key(person: MatrixPerson) -> dict[str, str]:
    """The key of what this person writes next, which nobody gets."""
    olm = person.client.olm
    olm.create_outbound_group_session(person.room)
    session = olm.outbound_group_sessions[person.room]
    session.shared = True
    return {
        "algorithm": "m.megolm.v1.aes-sha2",
        "room_id": person.room,
        "session_id": session.id,
        "session_key": session.session_key,
    }


async def hand_over(person: MatrixPerson, key: dict[str, str]) -> None:
    """Give the bot's device the key after all."""
    client = person.client
    if missing := client.get_missing_sessions(person.room):
        await client.keys_claim(missing)
    (device,) = client.device_store.active_user_devices(person.bot)
    session = client.olm.session_store.get(device.curve25519)
    sealed = client.olm._olm_encrypt(session, device, "m.room_key", key)
    path = "/_matrix/client/v3/sendToDevice/m.room.encrypted/late-key"
    body = {"messages": {person.bot: {device.id: sealed}}}
    await asyncio.to_thread(person.server.call, "PUT", path, body, person.token)


async def until_sealed(side: MatrixSide, count: int = 1) -> None:
    async with asyncio.timeout(20):
        while sum(name.startswith("sealed:") for name in side.store.rows) < count:
            await asyncio.sleep(0.01)
