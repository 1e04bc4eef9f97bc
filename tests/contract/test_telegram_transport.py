"""The HTTP under Telegram, against servers that behave badly: nothing leaves twice, what left is not called unsent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import pytest
from telegram.error import NetworkError

from adapters.telegram import Telegram, request
from adapters.telegram.request import LostError, Request, UnsentError, make_bot
from bot.contract import Address, Attachment, Outgoing, PlatformDown, Unsure
from tests.contract.harness import Files, KeyValues, plain
from tests.contract.telegram_side import TelegramSide

SENT = b'{"ok": true, "result": {"message_id": 7}}'
Answer = Callable[["Line", bytes], Awaitable[None]]
"""What the server does with the head of a request."""


@dataclass
class Line:
    """One connection, from the server's side."""

    writer: asyncio.StreamWriter
    requests: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def says(
        self, body: bytes, status: str = "200 OK", *, promised: int | None = None, more: str = ""
    ) -> None:
        length = len(body) if promised is None else promised
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
        )
        self.writer.write(head.encode() + body)
        await self.writer.drain()

    def hangs_up(self) -> None:
        self.writer.close()


@dataclass
class Listener:
    """A server that does as it is told, and counts."""

    answer: Answer
    url: str = ""
    heads: list[bytes] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(writer)
        self.lines.append(line)
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(_length(head))
                line.requests += 1
                self.heads.append(head)
                await self.answer(line, head)
        except (asyncio.IncompleteReadError, ConnectionError):
            """The client is gone, or the test is over."""
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            line.ended.set()


@asynccontextmanager
async def listening(answer: Answer) -> AsyncIterator[Listener]:
    listener = Listener(answer)
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    listener.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield listener
    finally:
        server.close()
        for line in listener.lines:
            line.writer.transport.abort()
        for line in listener.lines:
            await line.ended.wait()


@asynccontextmanager
async def requesting(connections: int = 2) -> AsyncIterator[Request]:
    one = Request(connections=connections)
    try:
        yield one
    finally:
        await one.shutdown()


@asynccontextmanager
async def sending_to(url: str) -> AsyncIterator[Telegram]:
    platform = Telegram("1:secret", url, KeyValues(), Files())
    try:
        yield platform
    finally:
        await platform.close()


# --- a message leaves once -----------------------------------------------------------------------------------


async def test_a_kept_connection_that_closes_on_the_second_message_leaves_it_unsure() -> None:
    """A client that quietly sent it again on a new connection would have sent it twice."""

    async def answer(line: Line, head: bytes) -> None:
        if line.requests == 1:
            await line.says(SENT)
        else:
            line.hangs_up()

    async with listening(answer) as server, sending_to(server.url) as platform:
        assert await platform.send(Address("5"), plain("eins"), "1") == ("7",)
        with pytest.raises(Unsure):
            await platform.send(Address("5"), plain("zwei"), "2")
        assert (len(server.heads), len(server.lines)) == (2, 1)
        assert await platform.send(Address("5"), plain("drei"), "3") == ("7",)


async def test_an_answer_that_breaks_off_is_lost() -> None:
    async def answer(line: Line, head: bytes) -> None:
        await line.says(SENT[:10], promised=len(SENT))
        line.hangs_up()

    async with listening(answer) as server, sending_to(server.url) as platform:
        with pytest.raises(Unsure):
            await platform.send(Address("5"), plain("Hallo"), "1")
        assert len(server.heads) == 1


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
async def test_nobody_is_led_elsewhere(status: str) -> None:
    async def take(line: Line, head: bytes) -> None:
        await line.says(SENT)

    async with listening(take) as elsewhere:

        async def lead(line: Line, head: bytes) -> None:
            await line.says(b"", status, more=f"Location: {elsewhere.url}/\r\n")

        async with listening(lead) as server, sending_to(server.url) as platform:
            with pytest.raises(Unsure):
                await platform.send(Address("5"), plain("Hallo"), "1")
        assert elsewhere.heads == []


async def test_an_answer_that_doesnt_come_is_lost() -> None:
    async def answer(line: Line, head: bytes) -> None:
        """Nothing."""

    async with listening(answer) as server, requesting() as one:
        with pytest.raises(LostError):
            await one.do_request(server.url, "POST", read_timeout=0.05)


# --- what never left -----------------------------------------------------------------------------------------


async def test_who_waits_for_a_connection_in_vain_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "_TIMEOUT", aiohttp.ClientTimeout(total=None, connect=0.05))
    arrived = asyncio.Event()

    async def answer(line: Line, head: bytes) -> None:
        arrived.set()

    async with listening(answer) as server, requesting(connections=1) as one:
        first = asyncio.create_task(one.do_request(server.url, "POST"))
        await arrived.wait()
        with pytest.raises(UnsentError):
            await one.do_request(server.url, "POST")
        first.cancel()
        await asyncio.wait([first])
        assert len(server.heads) == 1


async def test_a_name_that_leads_nowhere_is_unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: object, **__: object) -> list[object]:
        raise OSError("no such host")

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)
    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", resolve)
    async with sending_to("http://telegram.invalid") as platform:
        with pytest.raises(PlatformDown):
            await platform.send(Address("5"), plain("Hallo"), "1")


async def test_after_closing_nothing_leaves() -> None:
    bot = make_bot("1:secret", "http://127.0.0.1:9", connections=1)
    await bot.hang_up()
    with pytest.raises(UnsentError):
        await bot.call("sendMessage", {"chat_id": "5", "text": "Hallo"})


# --- proxies of the environment ------------------------------------------------------------------------------


async def test_a_proxy_of_the_environment_is_used_with_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(line: Line, head: bytes) -> None:
        await line.says(SENT)

    async with listening(answer) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "http://me:word@"))
        async with sending_to("http://telegram.invalid") as platform:
            assert await platform.send(Address("5"), plain("Hallo"), "1") == ("7",)
        (head,) = proxy.heads
        assert head.startswith(b"POST http://telegram.invalid/bot1:secret/sendMessage HTTP/1.1\r\n")
        assert b"\r\nProxy-Authorization: Basic bWU6d29yZA==\r\n" in head


async def test_a_proxy_that_refuses_lets_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(line: Line, head: bytes) -> None:
        await line.says(b"", "407 Proxy Authentication Required")

    async with listening(answer) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        async with sending_to("https://telegram.invalid") as platform:
            with pytest.raises(PlatformDown):
                await platform.send(Address("5"), plain("Hallo"), "1")
        assert [head.split()[0] for head in proxy.heads] == [b"CONNECT"]


async def test_no_proxy_where_the_environment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(line: Line, head: bytes) -> None:
        await line.says(SENT)

    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with listening(answer) as server, sending_to(server.url) as platform:
        assert await platform.send(Address("5"), plain("Hallo"), "1") == ("7",)


async def test_a_proxy_of_another_kind_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:9")
    async with sending_to("http://telegram.invalid") as platform:
        with pytest.raises(PlatformDown, match="socks5"):
            await platform.send(Address("5"), plain("Hallo"), "1")


# --- files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arrives"),
    [
        ("Straße & Söhne.pdf", "Straße & Söhne.pdf"),
        ('der "Plan".pdf', 'der "Plan".pdf'),
        ("a\r\nb.pdf", "a  b.pdf"),
    ],
)
async def test_a_file_keeps_its_name(telegram: TelegramSide, name: str, arrives: str) -> None:
    telegram.files.kept = {1: (b"%PDF-", "application/pdf")}
    reader = await telegram.person()
    paper = Attachment("document", name, "application/pdf", 5, media=1)
    await telegram.platform.send(reader.address, Outgoing(plain("Hier").body, attachments=(paper,)), "1")
    assert [one.file for one in await reader.user.messages()] == [arrives]


async def test_no_failure_names_the_address() -> None:
    async with requesting() as one:
        with pytest.raises(NetworkError) as caught:
            await one.do_request("ftp://h/bot1:secret/sendMessage", "POST")
    assert (type(caught.value), "secret" in str(caught.value)) == (UnsentError, False)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
