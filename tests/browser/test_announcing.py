"""The main job in the browser, on the real house: a resident subscribes, staff announce, it arrives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Frame, Page, expect

from bot.clock import ManualClock
from tests.browser.house import BrowserHand, BrowserSide, open_page
from tests.stories.driver import START, Neighbour, Town

pytestmark = pytest.mark.browser


async def test_staff_announce_and_the_resident_has_it(browser: Browser, tmp_path: Path) -> None:
    async with open_page(browser, tmp_path, ManualClock(START), demo=True) as town:
        side = town.side
        assert isinstance(side, BrowserSide)
        desk = await side.page("de")
        await desk.set_viewport_size({"width": 1280, "height": 1300})
        await desk.goto(f"{side.url}/demo")
        await desk.get_by_role("button", name="Südstadt mitlesen").click()
        await _settled(town, desk, "resident", 1)
        resident = await _at(town, side, desk, "resident")
        await resident.taps("Weiter auf Deutsch")
        await resident.taps("Öfter")
        await resident.taps("Sofort")

        await desk.get_by_role("button", name="Ansage schreiben").click()
        await _settled(town, desk, "staff", 2)
        staff = await _at(town, side, desk, "staff")
        await staff.taps("Senden")
        await town.later(timedelta(seconds=31))

        await resident.sees("Kaffee und Kuchen", "Donnerstag, 26. November", "KAISERS")
        reader = await side.page("de")
        await reader.goto(f"{side.url}/q/suedstadt")
        shown = await reader.get_by_role("main").inner_text()
        assert "Kaffee und Kuchen" in shown
        assert "Angesagt am Montag, 23. November, 12 Uhr" in shown
        await _moderated(town, side, desk, resident)
        await desk.goto(f"{side.url}/q/suedstadt")
        shown = await desk.get_by_role("main").inner_text()
        assert "Kaffee und Kuchen" not in shown


async def _moderated(town: Town, side: BrowserSide, desk: Page, resident: Neighbour) -> None:
    """The resident reports it; the third phone gets the case and hides it."""
    await resident.taps("Melden")
    await resident.taps("Werbung oder Betrug")
    await resident.sees("Das ist Fall")
    moderator = await _at(town, side, desk, "moderator")
    await moderator.sees("Kaffee und Kuchen", "Werbung oder Betrug")
    await moderator.taps("Ausblenden")
    await moderator.taps("Werbung nur nach Absprache (Regel 6)")
    await moderator.sees("ist entschieden: Ausblenden")


async def _at(town: Town, side: BrowserSide, desk: Page, who: str) -> Neighbour:
    frame = desk.frame(name=f"phone-{who}")
    assert isinstance(frame, Frame)
    return Neighbour(town, BrowserHand(side, frame), who)


async def _settled(town: Town, desk: Page, who: str, said: int) -> None:
    """A suggestion types several things, each after the answer to the one before; its phone then shows them all."""
    await expect(desk.frame_locator(f"iframe[name=phone-{who}]").locator(".bubble.mine")).to_have_count(said)
    await town.settled()
