"""The port of a process without a page: two paths, for this machine or for whoever knows the token."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import httpx
import pytest

from bot.prepare import NotReadyError
from bot.seeing.port import figures_port
from tests.fakes.served import free_port

TOKEN = "a-word-of-these-tests"


async def metrics(accept: str) -> tuple[bytes, str]:
    if accept == "broken":
        raise RuntimeError("secret detail")
    return b"quartierbote_database_up 1.0\n", "text/plain; version=0.0.4; charset=utf-8"


async def well() -> dict[str, object]:
    return {"ok": True}


async def unwell() -> dict[str, object]:
    return {"ok": False}


async def test_it_answers_two_paths_and_no_more() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with figures_port("127.0.0.1", port, "", metrics, well), httpx.AsyncClient() as browser:
        shown = await browser.get(f"{url}/metrics")
        assert (shown.status_code, shown.text) == (200, "quartierbote_database_up 1.0\n")
        assert shown.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert (await browser.get(f"{url}/healthz")).json() == {"ok": True}
        assert (await browser.get(f"{url}/deliveries/x")).status_code == 404
        assert (await browser.post(f"{url}/metrics")).status_code == 400
        broken = await browser.get(f"{url}/metrics", headers={"Accept": "broken"})
        assert broken.status_code == 500
        assert "secret" not in broken.text
    async with httpx.AsyncClient() as browser:
        with pytest.raises(httpx.ConnectError):
            await browser.get(f"{url}/metrics")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "192.0.2.7"},
        {"Forwarded": "for=192.0.2.7"},
        {"X-Real-IP": "192.0.2.7"},
        {"Via": "1.1 proxy"},
        {"Host": "quartier.example.org"},
        {"Host": ""},
    ],
)
async def test_what_a_proxy_carries_or_another_name_leads_here_is_refused(headers: dict[str, str]) -> None:
    port = free_port()
    async with figures_port("127.0.0.1", port, "", metrics, well), httpx.AsyncClient() as browser:
        for path in ("metrics", "healthz"):
            refused = await browser.get(f"http://127.0.0.1:{port}/{path}", headers=headers)
            assert (refused.status_code, "ok" in refused.text) == (403, False)
        here = await browser.get(f"http://127.0.0.1:{port}/healthz", headers={"Host": f"localhost:{port}"})
        assert here.status_code == 200


async def test_with_a_token_only_whoever_knows_it() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with figures_port("127.0.0.1", port, TOKEN, metrics, unwell), httpx.AsyncClient() as browser:
        assert (await browser.get(f"{url}/metrics")).status_code == 401
        for given, status in ((f"Bearer {TOKEN}", 503), (f"Bearer {TOKEN}x", 401), (f"Basic {TOKEN}", 401)):
            answer = await browser.get(f"{url}/healthz", headers={"Authorization": given})
            assert answer.status_code == status


async def test_nonsense_ends_the_connection_and_nothing_else() -> None:
    port = free_port()
    async with figures_port("127.0.0.1", port, "", metrics, well):
        for sent in (b"\x00\xff\r\n\r\n", b"GET " + b"x" * 40_000, b"\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            with suppress(ConnectionError):
                assert b"200" not in await asyncio.wait_for(reader.read(), 10)
            writer.close()
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200


async def test_a_taken_port_is_a_sentence_and_none_is_none() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NotReadyError, match=f"can't be shown on port {port}"):
            async with figures_port("127.0.0.1", port, "", metrics, well):
                pass
    async with figures_port("127.0.0.1", 0, "", metrics, well):
        pass
