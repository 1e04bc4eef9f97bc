"""The page in a real browser: live with a script, whole without one, mirrored in Arabic, never too wide."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from bot.contract import Address, Outgoing
from tests.browser.conftest import missing_browser
from tests.fakes.served import Served
from tests.fakes.web_reader import words

pytestmark = pytest.mark.browser

PHONE, DESK = (360, 740), (1280, 900)
RESIDENT = Address("demo-resident")


@asynccontextmanager
async def tab(
    browser: Browser, size: tuple[int, int] = PHONE, *, script: bool = True, language: str = "de"
) -> AsyncIterator[Page]:
    """A fresh browser window; what it complains about fails the test."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, java_script_enabled=script, locale=language
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()
    assert complaints == []


async def test_a_conversation_live(browser: Browser, page_served: Served) -> None:
    async with tab(browser) as page:
        await page.goto(f"{page_served.url}/q/suedstadt")
        await page.get_by_role("link", name="Nachrichten bekommen").click()
        await page.get_by_role("button", name="Nachrichten aus Südstadt bekommen").click()
        log = page.get_by_role("log", name="Nachrichten")
        await expect(log.get_by_text("Echo: /start q_suedstadt")).to_be_visible()
        address = page.url

        await page.get_by_label("Schreib etwas …").fill("Was ist los?")
        await page.keyboard.press("Enter")
        await expect(log.get_by_text("Echo: Was ist los?")).to_be_visible()
        await expect(page.get_by_label("Schreib etwas …")).to_have_value("")
        await log.get_by_role("button", name="1 Ja", exact=True).last.click()
        await expect(log.get_by_text("Echo: yes:1")).to_be_visible()

        account = page_served.echo.heard[0].conversation
        ref = await page_served.platform.send(account, Outgoing(words("Kaffee um 15 Uhr")), "n1")
        await expect(log.get_by_text("Kaffee um 15 Uhr")).to_be_visible()
        await page_served.platform.edit(account, ref, Outgoing(words("Kaffee um 16 Uhr")), "n2")
        await expect(log.get_by_text("Kaffee um 16 Uhr")).to_be_visible()
        await expect(log.get_by_text("Kaffee um 15 Uhr")).to_have_count(0)
        await page_served.platform.delete(account, ref, "n3")
        await expect(log.get_by_text("Kaffee um 16 Uhr")).to_have_count(0)
        assert page.url == address
        assert await log.locator("li").count() == 6

        await page.reload()
        await expect(page.get_by_role("log").get_by_text("Echo: Was ist los?")).to_be_visible()


async def test_a_page_that_can_not_be_live_says_so(browser: Browser, page_served: Served) -> None:
    site = page_served.platform._site
    while site.streams.enter(site.seals.blurred("127.0.0.1")):
        pass
    async with tab(browser) as page:
        await page.goto(f"{page_served.url}/chat")
        await page.get_by_role("button", name="Chat starten").click()
        await expect(
            page.get_by_text("An deinem Anschluss sind gerade sehr viele Chats offen.")
        ).to_be_visible()


async def test_a_photo_is_handed_in_live(browser: Browser, page_served: Served) -> None:
    async with tab(browser) as page:
        await page.goto(f"{page_served.url}/chat")
        await page.get_by_role("button", name="Chat starten").click()
        await page.get_by_text("Foto oder PDF anhängen").click()
        photo = {"name": "tasse.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xffcup"}
        await page.get_by_label("Foto oder PDF anhängen").set_input_files(photo)  # type: ignore[arg-type]  # a FilePayload
        await page.get_by_role("button", name="Senden").click()
        await expect(page.get_by_role("log").get_by_text("tasse.jpg")).to_be_visible()

    assert [file.name for file in page_served.echo.heard[-1].attachments] == ["tasse.jpg"]


async def test_all_of_it_without_a_script(browser: Browser, page_served: Served) -> None:
    async with tab(browser, script=False) as page:
        await page.goto(page_served.url)
        await expect(page.get_by_role("heading", name="Kaffee und Kuchen")).to_have_count(0)
        await expect(page.get_by_text("Kaffee und Kuchen")).to_be_visible()
        await page.get_by_text("Sprache").click()
        await page.get_by_role("link", name="English").click()
        await page.get_by_role("link", name="Get the news").click()
        await page.get_by_role("button", name="Start the chat").click()
        await expect(page.get_by_text("Echo: /start")).to_be_visible()
        await page.get_by_label("Write something …").fill("hello")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("Echo: hello")).to_be_in_viewport()
        await page.get_by_role("button", name="1 Ja", exact=True).last.click()
        await expect(page.get_by_text("Echo: yes:1")).to_be_in_viewport()
        await page.get_by_role("link", name="End on this device").click()
        await page.get_by_role("button", name="Yes, end and delete").click()
        await expect(page.get_by_role("heading", name="The chat has ended")).to_be_visible()


async def test_the_imprint_is_two_taps_away_at_most(browser: Browser, page_served: Served) -> None:
    async with tab(browser) as page:
        await page.goto(f"{page_served.url}/chat")
        await page.get_by_role("button", name="Chat starten").click()
        await page.get_by_role("link", name="Impressum").click()
        await expect(page).to_have_url(re.compile("/imprint"))


@pytest.mark.parametrize("language", ["de", "de-simple", "en", "ar"])
async def test_the_chats_legal_links_stand_together(
    browser: Browser, page_served: Served, language: str
) -> None:
    async with tab(browser, language=language) as page:
        await page.goto(f"{page_served.url}/chat?lang={language}")
        await page.locator("main form button").click()
        privacy, imprint = [await link.bounding_box() for link in await page.locator(".legal a").all()]
        assert privacy is not None
        assert imprint is not None
        assert (imprint["y"], imprint["height"]) == (privacy["y"], privacy["height"])


async def test_arabic_is_mirrored(browser: Browser, page_served: Served) -> None:
    async with tab(browser, language="ar") as page:
        await page.goto(f"{page_served.url}/chat")
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        await page.get_by_role("button", name="بدء المحادثة").click()
        own = page.locator(".bubble.mine .words").first
        await expect(own).to_be_visible()
        box = await own.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] / 2 < PHONE[0] / 2


async def test_the_way_by_keyboard_begins_with_the_skip_link(browser: Browser, page_served: Served) -> None:
    async with tab(browser, DESK) as page:
        await page.goto(page_served.url)
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Direkt zum Inhalt")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("main")).to_be_focused()
        await expect(page.get_by_role("navigation", name="Quartiere")).to_be_visible()
        await expect(page.get_by_role("contentinfo")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESK])
@pytest.mark.parametrize("language", ["de", "de-simple", "ar"])
async def test_nothing_is_wider_than_the_screen(
    browser: Browser, demo_served: Served, size: tuple[int, int], language: str
) -> None:
    async with tab(browser, size) as page:
        wide = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
        await demo_served.platform.send(RESIDENT, Outgoing(words(wide)), "k")
        for path in ("/", "/q/suedstadt", "/imprint", "/chat", "/demo", "/demo/phone/resident"):
            await page.goto(f"{demo_served.url}{path}?lang={language}")
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert (path, width) == (path, size[0])


async def test_the_demos_suggestions_type_into_the_phones(browser: Browser, demo_served: Served) -> None:
    async with tab(browser, DESK) as page:
        await page.goto(demo_served.url)
        await page.get_by_role("link", name="Zur Vorführung mit drei Telefonen").click()
        await page.get_by_role("button", name="Ansage schreiben").click()
        staff = page.frame_locator("iframe[name=phone-staff]")
        await expect(staff.get_by_text("Echo: Am Donnerstag 15 Uhr")).to_be_visible()
        resident = page.frame_locator("iframe[name=phone-resident]")
        await demo_served.platform.send(RESIDENT, Outgoing(words("Kaffee und Kuchen")), "k")
        await expect(resident.get_by_text("Kaffee und Kuchen")).to_be_visible()

    assert demo_served.echo.heard[0].text == "/ansage"
    assert {event.conversation for event in demo_served.echo.heard} == {"demo-staff"}


@pytest.mark.parametrize("value", ["true", "1"])
def test_a_missing_browser_fails_in_ci(value: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="no Chromium"):
        missing_browser({"CI": value})
    with pytest.raises(pytest.skip.Exception, match="no Chromium"):
        missing_browser({})
