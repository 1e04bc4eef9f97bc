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
        await _suggested(town, desk, "Südstadt mitlesen", "resident", 1)
        resident = await _at(town, side, desk, "resident")
        assert len(await _heights_of_numbers(desk, "resident")) == 1, "a number is broken over two lines"
        await resident.taps("Weiter auf Deutsch")
        await resident.taps("Öfter")
        await resident.taps("Sofort")

        await _suggested(town, desk, "Ansage schreiben", "staff", 2)
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


def _phone(desk: Page, who: str) -> Frame:
    frame = desk.frame(name=f"phone-{who}")
    assert isinstance(frame, Frame)
    return frame


async def _at(town: Town, side: BrowserSide, desk: Page, who: str) -> Neighbour:
    return Neighbour(town, BrowserHand(side, _phone(desk, who)), who)


async def _heights_of_numbers(desk: Page, who: str) -> set[float]:
    numbers = _phone(desk, who).locator(".choice .number")
    return set(await numbers.evaluate_all("shown => shown.map(one => one.offsetHeight)"))


async def _suggested(town: Town, desk: Page, button: str, who: str, said: int) -> None:
    """A suggestion types several things, each after the answer to the one before; its phone shows them live, and
    at last comes anew: whoever taps before that taps into a page that is about to go."""
    phone = _phone(desk, who)
    async with desk.expect_event("framenavigated", lambda frame: frame == phone):
        await desk.get_by_role("button", name=button).click()
    await phone.wait_for_load_state()
    await expect(phone.locator(".bubble.mine")).to_have_count(said)
    await town.settled()
