"""The Bot API server of the tests is itself tested: one that lets everything pass would prove nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.botapi.client import BotApi
from tests.fakes.botapi.html import parse, units
from tests.fakes.botapi.state import ApiError


@pytest.fixture
async def api(bot_api_port: int) -> AsyncIterator[BotApi]:
    async with BotApi.at(bot_api_port) as api:
        yield api


async def ask(api: BotApi, method: str, *, token: str = "", **values: Any) -> dict[str, Any]:
    address = f"{api.url}/bot{token or api.token}/{method}"
    async with aiohttp.ClientSession() as session, session.post(address, json=values) as answer:
        told: dict[str, Any] = await answer.json()
    assert told["ok"] is (answer.status == 200)
    return told


@pytest.mark.parametrize(
    "source",
    [
        "a < b",
        "<b>open",
        "close</b>",
        "<b><i>crossed</b></i>",
        "<div>x</div>",
        "<br>",
        "<script>x</script>",
        "</>",
    ],
)
def test_html_it_refuses(source: str) -> None:
    with pytest.raises(ApiError, match="can't parse entities"):
        parse(source)


def test_html_it_takes() -> None:
    text, entities = parse(
        '😀 <b>fett <i>und</i></b> &lt;x&gt; &amp; &nbsp; <a href="https://e.org/?a=1&amp;b=2">da</a>'
    )
    assert text == "😀 fett und <x> & &nbsp; da"
    assert entities == [
        {"type": "italic", "offset": 8, "length": 3},
        {"type": "bold", "offset": 3, "length": 8},
        {"type": "text_link", "offset": 25, "length": 2, "url": "https://e.org/?a=1&b=2"},
    ]


async def test_lengths_count_in_utf16_after_entities(api: BotApi) -> None:
    await api.user(5)
    fits, not_fits = "<b>" + "😀" * 2048 + "</b>", "😀" * 2048 + "x"
    assert units("😀") == 2
    assert (await ask(api, "sendMessage", chat_id=5, text=fits, parse_mode="HTML"))["ok"]
    refused = await ask(api, "sendMessage", chat_id=5, text=not_fits)
    assert refused["description"] == "Bad Request: message is too long"


async def test_another_token_is_refused(api: BotApi) -> None:
    assert (await ask(api, "getMe", token="1:x"))["error_code"] == 401
    assert (await ask(api, "noSuchMethod"))["error_code"] == 404


async def test_the_limiter_counts_an_album_by_its_parts_and_each_chat(api: BotApi) -> None:
    await api.users(range(1, 60))
    await api.set(limiter=True)
    answers = [await ask(api, "sendMessage", chat_id=chat, text="x") for chat in range(1, 41)]
    refused = [answer for answer in answers if not answer["ok"]]
    assert len(answers) - len(refused) >= 30
    again = await ask(api, "sendMessage", chat_id=1, text="x")
    assert again["parameters"] == {"retry_after": 1} or again["ok"]
    await api.set(limiter=False)
    assert (await ask(api, "sendMessage", chat_id=1, text="x"))["ok"]


async def test_its_limits_can_be_changed_while_it_runs_and_it_notes_what_it_refused(api: BotApi) -> None:
    await api.users(range(1, 60))
    await api.set(limiter=True, model="bucket", per_second=3)
    answers = [await ask(api, "sendMessage", chat_id=chat, text="x") for chat in range(1, 11)]
    let_through = sum(answer["ok"] for answer in answers)
    assert 3 <= let_through < 10
    log = await api.log(clear=True)
    assert [len(log["accepted"]), len(log["refused"])] == [let_through, 10 - let_through]
    await api.set(per_second=100_000)
    assert all([(await ask(api, "sendMessage", chat_id=chat, text="x"))["ok"] for chat in range(20, 31)])
    assert not (await api.log())["refused"]


async def test_a_send_is_under_way_from_its_request_to_its_answer(api: BotApi) -> None:
    await api.user(1)
    await api.set(latency=0.05)
    await ask(api, "sendMessage", chat_id=1, text="x")
    await ask(api, "getMe")
    [(came, answered)], [(accepted, _, _)] = await api.spans(), (await api.log())["accepted"]
    assert came + 0.05 <= accepted <= answered


async def test_a_group_takes_twenty_a_minute(api: BotApi) -> None:
    await api.group(-5)
    await api.set(limiter=True)
    answers = [await ask(api, "sendMessage", chat_id=-5, text="x") for _ in range(21)]
    assert [answer["ok"] for answer in answers] == [True] * 20 + [False]
    assert answers[-1]["parameters"]["retry_after"] > 30


async def test_it_counts_what_was_accepted(api: BotApi) -> None:
    await api.users([5, 6])
    await api.fault("drop_after", "sendMessage", chat=5)
    with pytest.raises(aiohttp.ClientError):
        await ask(api, "sendMessage", chat_id=5, text="angekommen")
    await api.fault("drop_before", "sendMessage", chat=5)
    with pytest.raises(aiohttp.ClientError):
        await ask(api, "sendMessage", chat_id=5, text="verloren")
    await ask(api, "sendMessage", chat_id=6, text="auch da")
    assert await api.sends() == {5: ["angekommen"], 6: ["auch da"]}


async def test_a_kind_nobody_asked_for_is_not_delivered_later(api: BotApi) -> None:
    user = await api.user(5)
    await ask(api, "getUpdates", allowed_updates=["message"])
    await user.blocks()
    await user.unblocks()
    await user.types("Hallo")
    updates = (await ask(api, "getUpdates", allowed_updates=[]))["result"]
    assert [sorted(update) for update in updates] == [["message", "update_id"]]


async def test_a_button_that_is_not_there_cannot_be_tapped(api: BotApi) -> None:
    user = await api.user(5)
    with pytest.raises(LookupError, match="no button 'Nordstadt'"):
        await user.taps("Nordstadt")


async def test_a_slow_answer_comes_after_all(api: BotApi) -> None:
    await api.user(5)
    await api.fault("slow", "sendMessage", seconds=0.05)
    assert (await ask(api, "sendMessage", chat_id=5, text="x"))["ok"]
