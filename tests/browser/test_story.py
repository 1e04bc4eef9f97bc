"""A resident's way in and out, in the browser, on the real house."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from bot.clock import ManualClock
from tests.browser.house import open_page
from tests.stories.driver import START

pytestmark = pytest.mark.browser


async def test_a_resident_comes_in_from_a_poster_and_leaves(browser: Browser, tmp_path: Path) -> None:
    async with open_page(browser, tmp_path, ManualClock(START), demo=False) as town:
        mina = await town.newcomer("Mina")
        await mina.says("/start q_nordstadt")
        await mina.sees("Ich bin der Quartierbote für Hameln")
        await mina.taps("Weiter auf Deutsch")
        await mina.sees("Nordstadt", "Das kommt als Nächstes:", "bis du wiederkommst")
        await mina.says("stopp")
        await mina.sees("/start")
