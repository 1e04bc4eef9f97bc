"""The real house with its real page in a real browser: the stories' driver, with Chromium as everyone's device."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Frame, Page, expect

from adapters.web.platform import WebPlatform
from bot.app import House, open_house
from bot.clock import Clock, ManualClock, RandomIds
from bot.contract import Platform
from bot.demo import seed
from bot.host import Host
from bot.settings import DatabaseSettings, Settings, WebSettings
from tests.fakes.served import free_port, listening
from tests.stories.driver import Hand, Seen, Town, raise_fault
from tests.stories.preparing import prepared

_SCREEN = """() => [...document.querySelectorAll('.bubble.bot')].map(bubble => ({
    id: bubble.id.slice(1),
    text: [...bubble.querySelectorAll('.words > :not(.under)')].map(block => block.innerText).join('\\n'),
    buttons: [...bubble.querySelectorAll('.choice')].map(choice => choice.lastChild.textContent.trim()),
}))"""
_SINCE = "since => Number(document.querySelector('.log').dataset.since) >= since"


class BrowserSide:
    """The page as a side of a story."""

    name = "web"

    def __init__(self, browser: Browser, clock: Clock) -> None:
        self._browser = browser
        self._clock = clock
        self._port = free_port()
        self.platform: WebPlatform | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def build(self, host: Host) -> Platform:
        self.platform = WebPlatform(host, WebSettings(port=self._port), self._clock, RandomIds())
        return self.platform

    async def page(self, language: str) -> Page:
        context = await self._browser.new_context(locale=language, viewport={"width": 360, "height": 740})
        return await context.new_page()

    async def hand(self, name: str, language: str) -> Hand:
        return BrowserHand(self, await self.page(language))

    async def arrived(self, house: House) -> None:
        """A form is answered only once its event is stored."""

    async def newest(self, screen: Page | Frame) -> int:
        """The newest thing that was said in the chat of this device."""
        assert self.platform is not None
        path = screen.url.removeprefix(self.url).partition("?")[0]
        account = f"demo-{path.rpartition('/')[2]}" if path.startswith("/demo/") else self.account
        entries = await self.platform._site.threads.entries(account)
        return max((entry.rev for entry in entries), default=0)

    account = ""


class BrowserHand:
    """Somebody with the page open. `screen` is a tab, or one phone of the demo."""

    def __init__(self, side: BrowserSide, screen: Page | Frame) -> None:
        self._side = side
        self._screen = screen

    async def types(self, text: str) -> None:
        if text.startswith("/start") and isinstance(self._screen, Page):
            await self._starts(text.removeprefix("/start").strip())
            return
        field = self._screen.locator("textarea")
        await field.fill(text)
        await field.press("Enter")
        await expect(field).to_have_value("")

    async def taps(self, label: str) -> None:
        before = await self._screen.locator(".bubble.mine").count()
        choices = self._screen.get_by_role("log").get_by_role("button")
        await choices.filter(has_text=re.compile(rf"^\s*(\d+ )*{re.escape(label)}\s*$")).last.click()
        await expect(self._screen.locator(".bubble.mine")).to_have_count(before + 1)

    async def answers(self, text: str, to: str) -> None:
        await self._screen.locator(f"#m{to} a.reply").click()
        await expect(self._screen.locator(".replying")).to_be_visible()
        await self.types(text)

    async def sends_photo(self, content: bytes, caption: str = "") -> None:
        await self._screen.locator(".attach summary").click()
        photo = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content}
        await self._screen.locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type]  # a FilePayload
        await self._screen.locator("textarea").fill(caption)
        await self._screen.get_by_role("button", name="Senden", exact=True).last.click()
        await expect(self._screen.locator(".attach")).not_to_have_attribute("open", "")

    async def blocks(self) -> None:
        assert isinstance(self._screen, Page)
        await self._screen.goto(f"{self._side.url}/chat/end")
        await self._screen.locator("button.danger").click()

    async def unblocks(self) -> None:
        await self._starts("")

    async def seen(self) -> list[Seen]:
        """What the open page shows, live: nothing is loaded anew."""
        if await self._screen.locator(".log").count() == 0:
            return []
        await self._screen.wait_for_function(_SINCE, arg=await self._side.newest(self._screen))
        shown = await self._screen.evaluate(_SCREEN)
        return [Seen(one["text"], tuple(one["buttons"]), one["id"]) for one in shown]

    async def _starts(self, payload: str) -> None:
        assert isinstance(self._screen, Page)
        await self._screen.goto(
            f"{self._side.url}/chat?start={payload}" if payload else f"{self._side.url}/chat"
        )
        await self._screen.locator("main form button").first.click()
        await expect(self._screen.locator(".log")).to_be_visible()
        assert self._side.platform is not None
        cookies = await self._screen.context.cookies()
        cookie = next(cookie["value"] for cookie in cookies if cookie["name"] == "qb_chat")
        self._side.account = self._side.platform._site.seals.account_of(cookie)


@asynccontextmanager
async def open_page(browser: Browser, folder: Path, clock: ManualClock, *, demo: bool) -> AsyncIterator[Town]:
    """Hameln with its page on a real socket."""
    side = BrowserSide(browser, clock)
    database = DatabaseSettings(url=f"sqlite:///{folder / 'town.sqlite3'}")
    settings = Settings(database=database, demo=demo)
    await prepared(settings, clock)
    async with open_house(settings, clock=clock, ids=RandomIds(), adapters={"web": side.build}) as house:
        if demo:
            await seed(house.database, house.features, house.place, house.lanes["web"])
        running = asyncio.create_task(house.run())
        town = Town(house, clock, side)
        try:
            await listening(side.url, running)
            yield town
        finally:
            town.close()
            running.cancel()
            await asyncio.wait([running])
            raise_fault(running)
