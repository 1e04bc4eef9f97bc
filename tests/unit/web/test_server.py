"""The page on a real socket: it streams, it stops when told, and it says why it can't start."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import httpx
import pytest

from adapters.web.limits import OPEN_STREAMS
from adapters.web.platform import WebPlatform
from bot.clock import RandomIds, SystemClock
from bot.contract import Address, Outgoing, PlatformDown
from bot.settings import WebSettings
from tests.fakes.served import served
from tests.fakes.web_host import sample_host
from tests.fakes.web_reader import Echo, words

RESIDENT = Address("demo-resident")


async def test_an_open_page_hears_what_is_sent_changed_and_taken_back() -> None:
    async with (
        served(demo=True) as page,
        httpx.AsyncClient() as browser,
        browser.stream("GET", f"{page.url}/demo/phone/resident/events?since=0") as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        data = (json.loads(line[6:]) async for line in stream.aiter_lines() if line.startswith("data: {"))

        ref = await page.platform.send(RESIDENT, Outgoing(words("Kaffee <b>")), "k1")
        sent = await anext(data)
        await page.platform.edit(RESIDENT, ref, Outgoing(words("Tee")), "k2")
        changed = await anext(data)
        await page.platform.delete(RESIDENT, ref, "k3")
        taken_back = await anext(data)

    assert str(sent["id"]) == ref[0]
    assert '<p dir="auto">Kaffee &lt;b&gt;</p>' in sent["html"]
    assert (changed["id"], '<p dir="auto">Tee</p>' in changed["html"]) == (sent["id"], True)
    assert taken_back == {"id": sent["id"], "html": ""}


async def test_a_returning_page_hears_only_what_it_missed() -> None:
    async with served(demo=True) as page, httpx.AsyncClient() as browser:
        [first] = await page.platform.send(RESIDENT, Outgoing(words("alt")), "k1")
        await page.platform.send(RESIDENT, Outgoing(words("neu")), "k2")
        url = f"{page.url}/demo/phone/resident/events?since=0"
        async with browser.stream("GET", url, headers={"Last-Event-ID": first}) as stream:
            line = await anext(line async for line in stream.aiter_lines() if line.startswith("data: {"))

    assert '<p dir="auto">neu</p>' in json.loads(line[6:])["html"]


async def test_an_address_keeps_only_so_many_pages_live_and_a_closed_one_makes_room() -> None:
    async with served(demo=True) as page, httpx.AsyncClient() as browser, AsyncExitStack() as tabs:
        url = f"{page.url}/demo/phone/resident/events?lang=en"

        async def opened(tab: AsyncExitStack) -> AsyncIterator[str]:
            stream = await tab.enter_async_context(browser.stream("GET", url))
            return stream.aiter_lines()

        closing = AsyncExitStack()
        held = [await opened(tab) for tab in [closing] + [tabs] * (OPEN_STREAMS - 1)]
        assert [await anext(lines) for lines in held] == ["retry: 2000"] * OPEN_STREAMS
        refused = [line async for line in await opened(tabs)]
        assert refused[0] == "event: refused"
        assert "A great many chats are open" in refused[2]

        await closing.aclose()
        async with asyncio.timeout(5):
            while await anext(await opened(tabs)) == "event: refused":
                await asyncio.sleep(0.02)


async def test_it_stops_while_a_page_is_listening_and_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with served(demo=True) as page, httpx.AsyncClient(timeout=10) as browser:
        assert signal.getsignal(signal.SIGTERM) is before
        async with browser.stream("GET", f"{page.url}/demo/phone/resident/events") as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == "retry: 2000"
            page.running.cancel()
            done, _ = await asyncio.wait([page.running], timeout=4)
            assert done == {page.running}
            with suppress(httpx.RemoteProtocolError):
                assert [line async for line in lines if line.startswith("data:")] == []


async def test_a_port_in_use_is_named_with_the_setting_to_change() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        platform = WebPlatform(sample_host(), WebSettings(port=port), SystemClock(), RandomIds())

        with pytest.raises(PlatformDown, match=rf"port {port}.*QUARTIERBOTE_WEB__PORT"):
            await platform.run(Echo().receive, None)


async def test_an_address_of_another_machine_is_named_too() -> None:
    platform = WebPlatform(sample_host(), WebSettings(host="192.0.2.1"), SystemClock(), RandomIds())

    with pytest.raises(PlatformDown, match=r"192\.0\.2\.1"):
        await platform.run(Echo().receive, None)
