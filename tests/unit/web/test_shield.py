"""What keeps strangers out: headers, forgery, limits, and the demo's door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.web.limits import CODES, MESSAGES, NEW_ACCOUNTS
from bot.clock import ManualClock
from bot.contract import PlatformDown
from bot.this_machine import is_loopback
from tests.fakes.web_host import SamplePages, sample_host
from tests.fakes.web_reader import Echo, ListeningPlatform, WebReader, listening

PATHS = ("/", "/chat", "/nowhere", "/static/style.css", "/healthz")


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_binds_the_browser(reader: WebReader, path: str) -> None:
    headers = (await reader.opens(path)).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_no_page_needs_an_inline_script_or_style(reader: WebReader) -> None:
    await reader.starts()
    for path in ("/", "/q/suedstadt", "/chat", "/chat/end", "/nowhere"):
        page = (await reader.opens(path)).text
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick" not in page
        assert page.count("<script") == page.count('<script src="/static/')


async def test_cookies_are_kept_from_scripts_and_over_https_from_everyone(
    clock: ManualClock, echo: Echo
) -> None:
    host = sample_host(public_url="https://quartier.example.org")
    async with WebReader(listening(host, clock, echo), base="https://quartier.example.org") as reader:
        started = await reader.starts()

    [cookie] = [line for line in started.headers.get_list("set-cookie") if "qb_chat" in line]
    assert cookie.startswith("__Host-qb_chat=")
    for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"):
        assert part in cookie


async def test_a_forged_cookie_is_nobody(reader: WebReader) -> None:
    reader.browser.cookies.set("qb_chat", "demo-staff.forged")

    assert "Chat starten" in (await reader.opens("/chat")).text


async def test_the_demos_accounts_are_closed_to_cookies(
    platform: ListeningPlatform, reader: WebReader
) -> None:
    reader.browser.cookies.set("qb_chat", platform._site.seals.account_cookie("demo-staff"))

    assert "Chat starten" in (await reader.opens("/chat")).text


@pytest.mark.parametrize("path", ["/chat/start", "/chat/say", "/chat/end"])
async def test_forms_without_the_pages_token_are_refused(reader: WebReader, echo: Echo, path: str) -> None:
    await reader.starts()
    for token in ("", "forged"):
        refused = await reader.posts(path, {"token": token, "text": "hallo", "event": "e"})
        assert refused.status_code == 403

    assert len(echo.heard) == 1


async def test_anothers_token_does_not_fit(
    platform: ListeningPlatform, reader: WebReader, echo: Echo
) -> None:
    await reader.starts()
    async with WebReader(platform) as other:
        await other.starts()
        refused = await reader.posts("/chat/say", {**other.form(), "text": "hallo"})

    assert refused.status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_forms_from_other_pages_are_refused(
    reader: WebReader, echo: Echo, headers: dict[str, str]
) -> None:
    await reader.starts()
    refused = await reader.posts("/chat/say", {**reader.form(), "text": "hallo"}, **headers)

    assert refused.status_code == 403
    assert len(echo.heard) == 1


async def test_too_many_messages_get_a_friendly_no_and_time_heals(
    reader: WebReader, echo: Echo, clock: ManualClock
) -> None:
    await reader.starts()
    form = reader.form()
    answers = [
        (
            await reader.browser.post("/chat/say", data={**form, "text": str(n)}, headers={"X-Chat": "live"})
        ).status_code
        for n in range(MESSAGES.burst)
    ]
    assert answers == [204] * (MESSAGES.burst - 1) + [429]
    refused = await reader.posts("/chat/say", {**form, "text": "noch etwas"})
    assert "Warte bitte ein paar Minuten" in refused.text

    clock.advance(timedelta(minutes=2))

    assert (await reader.posts("/chat/say", {**form, "text": "noch etwas"})).status_code == 303


async def test_new_accounts_are_limited_per_address(platform: ListeningPlatform) -> None:
    answers = []
    for _ in range(NEW_ACCOUNTS.burst + 1):
        async with WebReader(platform) as reader:
            answers.append((await reader.starts()).status_code)
    async with WebReader(platform, address="192.0.2.7") as elsewhere:
        answers.append((await elsewhere.starts()).status_code)

    assert answers == [303] * NEW_ACCOUNTS.burst + [429, 303]


async def test_codes_can_not_be_tried_out(reader: WebReader) -> None:
    await reader.starts()
    answers = [(await reader.says(f"/start r_CODE{n}")).status_code for n in range(CODES.burst)]
    await reader.opens("/chat")

    assert (await reader.says("/start r_ONEMORE")).status_code == 429
    assert answers == [303] * CODES.burst


async def test_a_proxy_is_believed_only_if_it_is_ours(clock: ManualClock, echo: Echo) -> None:
    async def status(platform: ListeningPlatform, number: int) -> int:
        async with WebReader(platform, address="10.0.0.5") as reader:
            reader.browser.headers["X-Forwarded-For"] = f"1.1.1.1, 192.0.2.{number}"
            return (await reader.starts()).status_code

    trusting = listening(sample_host(), clock, echo, {"trusted_proxies": ["10.0.0.0/8"]})
    wary = listening(sample_host(), clock, echo)
    numbers = range(NEW_ACCOUNTS.burst + 1)

    assert {await status(trusting, number) for number in numbers} == {303}
    assert [await status(wary, number) for number in numbers][-1] == 429


async def test_long_texts_and_large_bodies_are_refused_in_words(reader: WebReader, echo: Echo) -> None:
    await reader.starts()
    long = await reader.says("x" * 4001)
    assert (long.status_code, "höchstens" in long.text) == (413, True)

    await reader.opens("/chat")
    large = await reader.hands_in("film.jpg", b"\xff\xd8\xff" + bytes(21 * 1024 * 1024))
    assert (large.status_code, "höchstens 20 MB" in large.text) == (413, True)

    await reader.opens("/chat")
    stuffed = await reader.posts("/chat/end", {**reader.form(), "x": "y" * 70_000})
    assert stuffed.status_code == 413
    assert len(echo.heard) == 1


# --- the demo --------------------------------------------------------------------------------------------------


async def test_the_demo_shows_three_phones_each_with_its_own_account(clock: ManualClock, echo: Echo) -> None:
    platform = listening(sample_host(demo=True), clock, echo)
    echo.platform = platform
    async with WebReader(platform) as reader:
        page = await reader.opens("/demo")
        assert page.text.count("<iframe") == 3
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
        await reader.opens("/demo/phone/staff")
        await reader.posts("/demo/phone/staff/say", {**reader.form(), "text": "/ansage"})

    assert [(event.conversation, event.text) for event in echo.heard] == [("demo-staff", "/ansage")]
    assert platform.capabilities.roles is True
    assert reader.bubbles() == ["/ansage", "Echo: /ansage"]


@pytest.mark.parametrize("language", ["de", "de-simple", "en", "ar"])
def test_the_demo_names_the_staffs_button_as_their_phone_shows_it(language: str) -> None:
    pages = SamplePages()

    assert pages.text("de", "posts.button.send") in pages.text(language, "web.demo.announce")
    assert pages.text("de", "moderation.step.hide") in pages.text(language, "web.demo.moderate")
    assert pages.text(language, "posts.button.report") in pages.text(language, "web.demo.moderate")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "quartier.example.org"},
        {"Host": "192.168.1.5:8080"},
        {"Host": "127.0.0.1.evil.example"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
    ],
)
@pytest.mark.parametrize("path", ["/demo", "/demo/phone/staff", "/demo/phone/staff/events", "/"])
async def test_the_demo_answers_only_at_this_machine(
    clock: ManualClock, echo: Echo, headers: dict[str, str], path: str
) -> None:
    async with WebReader(listening(sample_host(demo=True), clock, echo)) as reader:
        assert (await reader.opens(path, **headers)).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "Via",
        "X-Real-IP",
        "CF-Connecting-IP",
        "True-Client-IP",
        "X-Client-IP",
        "Client-IP",
        "X-Cluster-Client-IP",
        "X-Original-Host",
        "X-Original-Forwarded-For",
        "X-ProxyUser-Ip",
        "X-Proxied-For",
        "Forwarded-For",
        "Fly-Client-IP",
        "Remote-Addr",
    ],
)
async def test_whatever_a_proxy_writes_closes_the_demo(clock: ManualClock, echo: Echo, name: str) -> None:
    async with WebReader(listening(sample_host(demo=True), clock, echo)) as reader:
        assert (await reader.opens("/demo", **{name: "127.0.0.1"})).status_code == 403


async def test_what_a_browser_writes_does_not_close_the_demo(clock: ManualClock, echo: Echo) -> None:
    usual = (
        "User-Agent",
        "Accept",
        "Sec-CH-UA-Platform",
        "Sec-Fetch-Site",
        "Upgrade-Insecure-Requests",
        "DNT",
    )
    async with WebReader(listening(sample_host(demo=True), clock, echo)) as reader:
        assert (await reader.opens("/demo", **dict.fromkeys(usual, "1"))).status_code == 200


@pytest.mark.parametrize(
    "path", ["/demo", "/demo/phone/staff", "/demo/phone/staff/say", "/demo/phone/stranger"]
)
async def test_there_is_no_demo_outside_demo_mode(reader: WebReader, path: str) -> None:
    assert (await reader.opens(path)).status_code == 404


async def test_the_demo_does_not_start_where_others_can_reach_it(clock: ManualClock, echo: Echo) -> None:
    platform = listening(sample_host(demo=True), clock, echo, {"host": "192.0.2.1"})

    with pytest.raises(PlatformDown, match="QUARTIERBOTE_WEB__HOST"):
        await platform.check()
    with pytest.raises(PlatformDown, match="QUARTIERBOTE_WEB__HOST"):
        await platform.run(echo.receive, None)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("[::1]", True),
        ("127.1.2.3", True),
        ("192.0.2.1", False),
        ("", False),
    ],
)
def test_loopback(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected
