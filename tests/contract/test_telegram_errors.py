"""What Telegram's failures become. The rule behind all of it: said to be unsent is only what surely is."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from telegram.error import NetworkError

from adapters.telegram import Telegram
from adapters.telegram.request import LostError, Request, UnsentError
from bot.contract import (
    Address,
    AddressMoved,
    LoginRefused,
    PlatformDown,
    PlatformError,
    RateLimited,
    RecipientGone,
    Rejected,
    Unsure,
)
from tests.contract.harness import Files, KeyValues, plain
from tests.contract.telegram_side import TelegramSide

FAULTS: list[tuple[str, type[PlatformError]]] = [
    ("403", RecipientGone),
    ("400", Rejected),
    ("413", Rejected),
    ("401", LoginRefused),
    ("409", PlatformDown),
    ("500", Unsure),
    ("502", Unsure),
    ("bad_json", Unsure),
    ("no_result", Unsure),
    ("drop_before", Unsure),
    ("drop_after", Unsure),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS)
async def test_each_fault_of_a_send_has_its_name(
    telegram: TelegramSide, fault: str, expected: type[PlatformError]
) -> None:
    reader = await telegram.person()
    await telegram.api.fault(fault, "sendMessage")
    with pytest.raises(expected) as caught:
        await telegram.platform.send(reader.address, plain("Hallo"), "1")
    assert type(caught.value) is expected
    assert await telegram.api.calls("sendMessage") == 1  # never a second try by itself


@pytest.mark.parametrize(("fault", "arrived"), [("drop_before", []), ("drop_after", ["Hallo"])])
async def test_both_ways_of_hanging_up_look_alike_from_here(
    telegram: TelegramSide, fault: str, arrived: list[str]
) -> None:
    reader = await telegram.person()
    await telegram.api.fault(fault, "sendMessage")
    with pytest.raises(Unsure):
        await telegram.platform.send(reader.address, plain("Hallo"), "1")
    assert await reader.sees() == arrived


@pytest.mark.parametrize("fault", ["500", "502", "bad_json", "no_result", "drop_before", "drop_after", "429"])
@pytest.mark.parametrize("method", ["editMessageText", "deleteMessage"])
async def test_a_change_that_got_lost_can_be_repeated(
    telegram: TelegramSide, fault: str, method: str
) -> None:
    reader = await telegram.person()
    ref = await telegram.platform.send(reader.address, plain("alt"), "1")
    await telegram.api.fault(fault, method)

    async def change() -> None:
        if method == "editMessageText":
            await telegram.platform.edit(reader.address, ref, plain("neu"), "1.1")
        else:
            await telegram.platform.delete(reader.address, ref, "1.1")

    with pytest.raises((Unsure, RateLimited)):
        await change()
    await change()
    assert await reader.sees() == (["neu"] if method == "editMessageText" else [])


@pytest.mark.parametrize(("said", "seconds"), [(7, 7.0), (0, 5.0)])
async def test_too_fast_says_how_long_to_wait(telegram: TelegramSide, said: int, seconds: float) -> None:
    reader = await telegram.person()
    await telegram.api.fault("429", "sendMessage", retry_after=said)
    with pytest.raises(RateLimited) as caught:
        await telegram.platform.send(reader.address, plain("Hallo"), "1")
    assert (caught.value.retry_after, caught.value.chat_only) == (seconds, False)


async def test_the_seconds_of_a_429_are_read_from_its_words_too(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    words = "Too Many Requests: retry after 12"
    await telegram.api.fault("429", "sendMessage", description=words)
    with pytest.raises(RateLimited) as caught:
        await telegram.platform.send(reader.address, plain("Hallo"), "1")
    assert caught.value.retry_after == 12.0


async def test_too_fast_in_a_group_concerns_the_group(telegram: TelegramSide) -> None:
    group = await telegram.api.group(-77)
    await telegram.api.fault("429", "sendMessage", retry_after=30)
    with pytest.raises(RateLimited) as caught:
        await telegram.platform.send(_address(group.id), plain("Hallo"), "1")
    assert caught.value.chat_only


async def test_who_blocked_us_is_gone(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    await reader.user.blocks()
    with pytest.raises(RecipientGone):
        await telegram.platform.send(reader.address, plain("Hallo"), "1")


async def test_a_group_that_grew_has_a_new_address(telegram: TelegramSide) -> None:
    group = await telegram.api.group(-77)
    await group.moves(-100777)
    with pytest.raises(AddressMoved) as caught:
        await telegram.platform.send(_address(-77), plain("Hallo"), "1")
    assert caught.value.new == "-100777"
    await telegram.platform.send(caught.value.new, plain("Hallo"), "1")


async def test_an_edit_of_what_the_reader_deleted_is_done(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    ref = await telegram.platform.send(reader.address, plain("alt"), "1")
    await telegram.platform.delete(reader.address, ref, "1.1")
    assert await telegram.platform.edit(reader.address, ref, plain("neu"), "1.2") == ref


async def test_after_48_hours_a_message_stays_and_can_still_be_edited(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    ref = await telegram.platform.send(reader.address, plain("alt"), "1")
    await telegram.api.set(ahead=49 * 3600)
    with pytest.raises(Rejected):
        await telegram.platform.delete(reader.address, ref, "1.1")
    await telegram.platform.edit(reader.address, ref, plain("zurückgenommen"), "1.2")
    assert await reader.sees() == ["zurückgenommen"]


async def test_where_nobody_listens_nothing_was_sent(store: KeyValues, files: Files) -> None:
    platform = Telegram("1:a", "http://127.0.0.1:9", store, files)
    with pytest.raises(PlatformDown):
        await platform.send(_address(5), plain("Hallo"), "1")
    await platform.close()


async def test_a_late_answer_is_not_a_loss(telegram: TelegramSide) -> None:
    """python-telegram-bot's own patience is 5 s."""
    reader = await telegram.person()
    await telegram.api.fault("slow", "sendMessage", seconds=5.5)
    assert await telegram.platform.send(reader.address, plain("Hallo"), "1") != ()


async def test_thirty_in_flight_find_a_connection_each(telegram: TelegramSide) -> None:
    readers = [await telegram.person() for _ in range(30)]
    await telegram.api.set(latency=0.3)
    sends = (telegram.platform.send(one.address, plain("Hallo"), str(key)) for key, one in enumerate(readers))
    refs = await asyncio.gather(*sends)
    assert len(set(refs)) == 30


ADDRESS = "https://api.telegram.org/bot1:secret/sendMessage"
KEY = ConnectionKey("api.telegram.org", 443, True, True, None, None, None)
GONE = OSError(111, "refused")
NEVER_LEFT: list[Exception] = [
    aiohttp.ClientConnectorError(KEY, GONE),
    aiohttp.ClientConnectorDNSError(KEY, GONE),
    aiohttp.ClientProxyConnectionError(KEY, GONE),
    aiohttp.ClientConnectorSSLError(KEY, GONE),
    aiohttp.ClientConnectorCertificateError(KEY, GONE),
    aiohttp.ConnectionTimeoutError(ADDRESS),
    aiohttp.InvalidURL(ADDRESS),
]
PERHAPS_ARRIVED: list[Exception] = [
    aiohttp.ServerDisconnectedError(ADDRESS),
    aiohttp.SocketTimeoutError(ADDRESS),
    aiohttp.ServerTimeoutError(ADDRESS),
    aiohttp.ClientOSError(104, ADDRESS),
    aiohttp.ClientConnectionResetError(ADDRESS),
    aiohttp.ClientPayloadError(ADDRESS),
    aiohttp.ClientConnectionError(ADDRESS),
    ConnectionResetError(ADDRESS),
    TimeoutError(ADDRESS),
]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [(fault, UnsentError) for fault in NEVER_LEFT] + [(fault, LostError) for fault in PERHAPS_ARRIVED],
    ids=lambda given: type(given).__name__ if isinstance(given, Exception) else given.__name__,
)
async def test_each_way_a_connection_fails_is_sorted(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, expected: type[NetworkError]
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(aiohttp.ClientSession, "_request", fail)
    request = Request(connections=1)
    with pytest.raises(NetworkError) as caught:
        await request.do_request("http://127.0.0.1:9/", "POST")
    assert (type(caught.value), caught.value.message) == (expected, type(fault).__name__)
    await request.shutdown()


def _address(id: int) -> Address:
    return Address(str(id))
