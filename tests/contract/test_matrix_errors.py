"""What a homeserver's bad days become: each failure in the contract's words, one request a try, never a storm."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from adapters.matrix import Matrix, MatrixSettings
from bot.contract import (
    Address,
    LoginRefused,
    PlatformDown,
    PlatformError,
    RateLimited,
    RecipientGone,
    Rejected,
    Unsure,
)
from tests.contract.harness import Files, Inbox, KeyValues, plain
from tests.fakes.broken_homeserver import ROOM, USER, Answer, Broken, broken_homeserver, error, hang_up, page

HERE = Address(ROOM)


@dataclass
class Pauses:
    """Remembers how long the loop wanted to wait; waits not at all, and after `enough` pauses for ever."""

    enough: int = 8
    lengths: list[float] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.lengths.append(seconds)
        if len(self.lengths) >= self.enough:
            self.reached.set()
            await asyncio.Event().wait()


@pytest.fixture
async def broken() -> AsyncIterator[Broken]:
    async with broken_homeserver() as server:
        yield server


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def matrix(broken: Broken, pauses: Pauses, tmp_path: Path) -> AsyncIterator[Matrix]:
    settings = MatrixSettings(
        homeserver=broken.url,
        user=USER,
        password=SecretStr("a long password"),
        store_secret=SecretStr("a secret that is long enough"),
        folder=tmp_path / "matrix",
    )
    platform = Matrix(settings, KeyValues(), Files(), sleep=pauses.sleep)
    yield platform
    await platform.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error(429, "M_LIMIT_EXCEEDED", retry_after_ms=1500), RateLimited),
        (error(403, "M_FORBIDDEN"), RecipientGone),
        (error(404, "M_NOT_FOUND"), RecipientGone),
        (error(404, "M_UNRECOGNIZED"), PlatformDown),
        (error(403, "M_USER_SUSPENDED"), PlatformDown),
        (page(403), PlatformDown),
        (page(404), PlatformDown),
        (page(413), Rejected),
        (error(413, "M_TOO_LARGE"), Rejected),
        (error(400, "M_BAD_JSON"), Rejected),
        (error(401, "M_UNKNOWN_TOKEN"), LoginRefused),
        (error(500, "M_UNKNOWN"), Unsure),
        (page(504), Unsure),
        (page(502), Unsure),
        (page(503), Unsure),
        (hang_up, Unsure),
    ],
)
async def test_a_failure_is_said_in_the_contracts_words(
    broken: Broken, matrix: Matrix, answer: Answer, expected: type[PlatformError]
) -> None:
    broken.answers["send"] = answer
    with pytest.raises(PlatformError) as raised:
        await matrix.send(HERE, plain("Hallo"), "1")
    assert type(raised.value) is expected
    assert broken.asked["send"] == most(answer, 1)
    assert "words of the server" not in str(raised.value)
    assert "the-secret-token" not in str(raised.value)


def most(answer: Answer, tries: int) -> int:
    """Requests for so many tries. On a line that went dead while it rested, HTTP itself asks again, once."""
    return 2 * tries if answer is hang_up else tries


async def test_too_fast_concerns_the_whole_account_and_says_for_how_long(
    broken: Broken, matrix: Matrix
) -> None:
    broken.answers["send"] = error(429, "M_LIMIT_EXCEEDED", retry_after_ms=1500)
    with pytest.raises(RateLimited) as raised:
        await matrix.send(HERE, plain("Hallo"), "1")
    assert (raised.value.retry_after, raised.value.chat_only) == (1.5, False)


async def test_a_server_that_is_not_there_is_down(matrix: Matrix, broken: Broken) -> None:
    await matrix.check()
    matrix.account.wire.client.homeserver = "http://127.0.0.1:1"
    with pytest.raises(PlatformDown):
        await matrix.send(HERE, plain("Hallo"), "1")


@pytest.mark.parametrize(
    "answer", [page(502), hang_up, error(500, "M_UNKNOWN"), error(429, "M_LIMIT_EXCEEDED")]
)
async def test_a_sync_that_fails_is_no_storm(
    broken: Broken, matrix: Matrix, pauses: Pauses, answer: Answer
) -> None:
    await matrix.check()
    broken.answers["sync"] = answer
    before = broken.asked["sync"]
    task = asyncio.create_task(matrix.run(Inbox().receive, "s0"))
    await asyncio.wait_for(pauses.reached.wait(), 20)
    task.cancel()
    await asyncio.wait([task])
    assert broken.asked["sync"] - before == most(answer, pauses.enough)
    assert pauses.lengths == sorted(pauses.lengths)
    assert (pauses.lengths[0], pauses.lengths[-1]) == (1.0, 60.0)


async def test_keys_that_cannot_be_tended_are_a_bad_day_like_another(
    broken: Broken, matrix: Matrix, pauses: Pauses
) -> None:
    await matrix.check()
    broken.answers["keys/upload"] = hang_up
    matrix.account.client.olm.account.shared = False
    task = asyncio.create_task(matrix.run(Inbox().receive, "s0"))
    pauses.enough = 2
    await asyncio.wait_for(pauses.reached.wait(), 60)
    task.cancel()
    await asyncio.wait([task])
    assert pauses.lengths == [1.0, 2.0]


async def test_a_dead_login_ends_the_listening_and_is_told(broken: Broken, matrix: Matrix) -> None:
    await matrix.check()
    broken.answers["sync"] = error(401, "M_UNKNOWN_TOKEN", soft_logout=False)
    with pytest.raises(LoginRefused, match="QUARTIERBOTE_MATRIX__PASSWORD"):
        await asyncio.wait_for(matrix.run(Inbox().receive, "s0"), 20)


async def test_a_wrong_password_names_its_setting(broken: Broken, matrix: Matrix) -> None:
    broken.answers["login"] = error(403, "M_FORBIDDEN")
    with pytest.raises(LoginRefused, match="QUARTIERBOTE_MATRIX__PASSWORD"):
        await matrix.check()


async def test_what_is_logged_holds_no_id_no_text_and_no_token(
    broken: Broken, matrix: Matrix, pauses: Pauses, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="adapters")
    event = {
        "type": "m.room.message",
        "sender": "@anna:hameln.test",
        "event_id": "$said",
        "origin_server_ts": "no number",
        "content": {"msgtype": "m.text", "body": "Geheimes"},
    }
    joined = {"timeline": {"events": [event], "limited": False, "prev_batch": "p"}}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"next_batch": "s9", "rooms": {"join": {ROOM: joined}}})

    await matrix.check()
    broken.answers["sync"] = answer
    broken.answers["keys/upload"] = page(502)
    inbox = Inbox()
    task = asyncio.create_task(matrix.run(inbox.receive, "s0"))
    await asyncio.wait_for(pauses.reached.wait(), 20)
    task.cancel()
    await asyncio.wait([task])
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("adapters"))
    assert said
    for private in ("Geheimes", ROOM, "@anna", "$said", "the-secret-token", "a long password"):
        assert private not in said
