"""Receiving from Telegram: nothing lost, nothing stuck, and never a storm."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.telegram import Telegram
from bot.contract import Happened, Inbound, PlatformDown
from tests.contract.harness import PATIENCE, Inbox, plain, running
from tests.contract.telegram_side import TelegramSide

UNREADABLE: list[dict[str, Any]] = [
    {"message": {"message_id": "no number"}},
    {"message": "no object"},
    {"callback_query": {"id": "1"}},
    {"my_chat_member": {"chat": {}}},
    {"something_new": {"secret words": 1}},
]


@dataclass
class Pauses:
    """Remembers how long the poller wanted to wait; waits not at all, and after `enough` pauses for ever."""

    enough: int = 10_000
    lengths: list[float] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.lengths.append(seconds)
        if len(self.lengths) >= self.enough:
            self.reached.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def patient(telegram: TelegramSide, pauses: Pauses) -> AsyncIterator[Telegram]:
    """The platform, its pauses in our hands."""
    api, store, files = telegram.api, telegram.store, telegram.files
    platform = Telegram(api.token, api.url, store, files, sleep=pauses.sleep)
    yield platform
    await platform.close()


# --- nothing is lost -----------------------------------------------------------------------------------------


async def test_what_came_while_we_were_away_comes_once(telegram: TelegramSide) -> None:
    reader, inbox = await telegram.person(), Inbox()
    await reader.types("eins")
    async with running(telegram.platform, inbox):
        await inbox.has(1)
    await reader.types("zwei")
    async with running(telegram.platform, inbox, inbox.cursor):
        await reader.types("drei")
        await inbox.has(3)
    assert [event.text for event in inbox.events] == ["eins", "zwei", "drei"]


async def test_what_could_not_be_stored_comes_again(telegram: TelegramSide) -> None:
    reader, inbox = await telegram.person(), Inbox()
    await reader.types("wichtig")

    async def broken(events: Sequence[Inbound], cursor: str | None) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        await telegram.platform.run(broken, None)
    async with running(telegram.platform, inbox):
        assert [event.text for event in await inbox.has(1)] == ["wichtig"]


async def test_a_tap_is_answered_only_once_it_is_stored(telegram: TelegramSide) -> None:
    reader, inbox = await telegram.person(), Inbox()
    answered_before: list[str] = []

    async def store_slowly(events: Sequence[Inbound], cursor: str | None) -> None:
        answered_before.extend((await telegram.api.state())["answered"])
        await inbox.receive(events, cursor)

    await telegram.api.push(_tap(reader.user.id))
    task = asyncio.create_task(telegram.platform.run(store_slowly, None))
    await inbox.has(1)
    await _until(telegram, "answerCallbackQuery", 1)
    task.cancel()
    assert (answered_before, inbox.events[0].choice) == ([], "q:nord")


async def test_a_tap_that_cannot_be_answered_stops_nothing(telegram: TelegramSide) -> None:
    reader, inbox = await telegram.person(), Inbox()
    await telegram.api.fault("400", "answerCallbackQuery")
    await telegram.api.fault("drop_before", "answerCallbackQuery")
    async with running(telegram.platform, inbox):
        await telegram.api.push(_tap(reader.user.id))
        await telegram.api.push(_tap(reader.user.id))
        await reader.types("weiter")
        await inbox.has(3)
        await _until(telegram, "answerCallbackQuery", 2)


# --- nothing gets stuck --------------------------------------------------------------------------------------


async def test_an_update_that_cannot_be_parsed_is_left_out_by_itself(
    telegram: TelegramSide, caplog: pytest.LogCaptureFixture
) -> None:
    reader, inbox = await telegram.person(), Inbox()
    await reader.types("davor")
    for update in UNREADABLE:
        await telegram.api.push(update)
    await reader.types("danach")
    async with running(telegram.platform, inbox):
        await inbox.has(2)
        for update in UNREADABLE:
            await telegram.api.push(update)
        await reader.types("zuletzt")
        await inbox.has(3)
        assert await telegram.api.calls("getUpdates") <= 10  # as shipped, the library asks 950 times a second
    assert [event.text for event in inbox.events] == ["davor", "danach", "zuletzt"]
    assert "left out a message from Telegram" in caplog.text
    assert "secret words" not in caplog.text
    assert "no number" not in caplog.text


async def test_only_unreadable_updates_still_move_the_cursor_on(telegram: TelegramSide) -> None:
    inbox = Inbox()
    await telegram.api.push(UNREADABLE[0])
    async with running(telegram.platform, inbox):
        await _until(telegram, "getUpdates", 2)
    assert (inbox.events, inbox.cursor) == ([], "7002")


async def test_a_webhook_that_somebody_set_is_removed_first(telegram: TelegramSide) -> None:
    reader, inbox = await telegram.person(), Inbox()
    await telegram.api.set(webhook="https://elsewhere.example.org")
    await reader.types("Hallo")
    async with running(telegram.platform, inbox):
        await inbox.has(1)


async def test_what_we_want_to_hear_is_said_with_every_poll(telegram: TelegramSide) -> None:
    """Left out, the server keeps what an earlier program wanted."""
    reader, inbox = await telegram.person(), Inbox()
    await telegram.api.order("set")
    async with running(telegram.platform, inbox):
        await _until(telegram, "getUpdates", 1)
        await reader.user.blocks()
        (event,) = await inbox.has(1)
    assert event.what is Happened.BLOCKED
    wanted = ["callback_query", "edited_message", "message", "my_chat_member"]
    assert (await telegram.api.state())["allowed"] == wanted


# --- never a storm -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["500", "502", "bad_json", "no_result", "drop_before", "409", "400"])
async def test_failures_are_waited_out_longer_each_time(
    telegram: TelegramSide, patient: Telegram, pauses: Pauses, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    reader, inbox = await telegram.person(), Inbox()
    await telegram.api.fault(fault, "getUpdates", count=7)
    async with running(patient, inbox):
        await _until(telegram, "getUpdates", 8)
        await reader.types("doch noch")
        await inbox.has(1)
    assert pauses.lengths == [1, 2, 4, 8, 16, 30, 30]
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


async def test_a_429_of_polling_is_obeyed(telegram: TelegramSide, patient: Telegram, pauses: Pauses) -> None:
    await telegram.api.fault("429", "getUpdates", retry_after=17)
    async with running(patient, Inbox()):
        await _until(telegram, "getUpdates", 2)
    assert pauses.lengths == [17.0]


async def test_a_start_without_a_network_waits_for_it(
    telegram: TelegramSide, patient: Telegram, pauses: Pauses
) -> None:
    reader, inbox = await telegram.person(), Inbox()
    await telegram.api.fault("drop_before", "getMe", count=2)
    await telegram.api.fault("502", "deleteWebhook")
    async with running(patient, inbox):
        await reader.types("Hallo")
        await inbox.has(1)
    assert pauses.lengths == [1, 2, 4]


async def test_updates_without_ids_do_not_become_a_storm(
    telegram: TelegramSide, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses.enough = 3
    api = telegram.api
    platform = Telegram(api.token, api.url, telegram.store, telegram.files, sleep=pauses.sleep)

    async def nameless(*_: object) -> list[dict[str, object]]:
        return [{"message": {}}]

    monkeypatch.setattr("adapters.telegram.request.RawBot.raw_updates", nameless)
    async with running(platform, Inbox()), asyncio.timeout(PATIENCE):
        await pauses.reached.wait()
    await platform.close()
    assert pauses.lengths == [1, 2, 4]


async def test_a_line_that_is_not_held_is_not_asked_without_end(
    telegram: TelegramSide, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses.enough = 3
    api = telegram.api
    platform = Telegram(api.token, api.url, telegram.store, telegram.files, sleep=pauses.sleep)

    async def nothing(*_: object) -> list[dict[str, object]]:
        return []

    monkeypatch.setattr("adapters.telegram.request.RawBot.raw_updates", nothing)
    async with running(platform, Inbox()), asyncio.timeout(PATIENCE):
        await pauses.reached.wait()
    await platform.close()
    assert pauses.lengths == [1, 1, 1]


async def test_a_dead_token_is_said_plainly(telegram: TelegramSide) -> None:
    platform = Telegram("4242:another", telegram.api.url, telegram.store, telegram.files)
    with pytest.raises(PlatformDown, match="refuses the bot token"):
        await platform.run(Inbox().receive, None)
    with pytest.raises(PlatformDown, match="refuses the bot token"):
        await platform.check()
    await platform.close()


async def test_a_second_program_with_the_token_is_named(
    telegram: TelegramSide, patient: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(telegram.platform, Inbox()):
        await _until(telegram, "getUpdates", 1)
        async with running(patient, Inbox()):
            await _until(telegram, "getUpdates", 4)
    assert "Only one may run with one token" in caplog.text


async def test_sending_goes_on_while_receiving_waits(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    async with running(telegram.platform, Inbox()):
        await _until(telegram, "getUpdates", 1)
        await telegram.platform.send(reader.address, plain("Hallo"), "1")
    assert await reader.sees() == ["Hallo"]


def _tap(person: int) -> dict[str, object]:
    who = {"id": person, "is_bot": False, "first_name": "A", "language_code": "ar"}
    return {"callback_query": {"id": "T1", "from": who, "chat_instance": "1", "data": "q:nord"}}


async def _until(telegram: TelegramSide, method: str, times: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await telegram.api.calls(method) < times:
            await asyncio.sleep(0.01)
