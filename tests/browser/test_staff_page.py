"""The page on which staff see how a broadcast goes: on a phone, in the dark, from right to left, without a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import func, insert, literal, null, select, update

from adapters.web import seeing
from bot.clock import ManualClock
from bot.delivery.chats import lane_for
from bot.delivery.model import Chat, Delivery, Lane, Priority, State, StoredText
from bot.people.model import Role
from bot.seeing.staff_page import KEPT
from bot.storage import UTCDateTime
from tests.browser.house import BrowserSide, open_page
from tests.stories.driver import START, Town

pytestmark = pytest.mark.browser

CAKE = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts"
PEOPLE, REACHED = 1200, 480


async def under_way(town: Town) -> tuple[int, int]:
    """A post of which 480 of 1200 copies arrived within the last 16 seconds; its author, and its item."""
    house = town.house
    now = house.clock.now()
    async with house.database.write() as session:
        [staff] = [one for one in await house.features.roles.all(session) if one.role is Role.STAFF]
        draft = await house.features.posts.drafts.draft(session, staff.person, staff.scope, CAKE, "de")
        item, revision = draft.id, draft.item.revision
    async with house.database.write() as session:
        await house.features.posts.publishing.send(session, staff.person, item, revision=revision)
    async with house.database.write() as session:
        lane = (await lane_for(session, "telegram")).id
        text = StoredText(item=item, language="de", body={})
        session.add(text)
        await session.flush()
        # Rooms: other chats in which nobody agreed are forgotten as soon as nothing waits for them.
        chats = [{"lane_id": lane, "address": str(number), "is_room": True} for number in range(PEOPLE)]
        await session.execute(insert(Chat), chats)
        copies = select(
            literal(item), Chat.id, literal(lane), literal(int(Priority.ANNOUNCEMENT)), literal(1),
            literal(now, UTCDateTime), literal(text.id), null(), literal(State.PENDING),
            literal(0), literal(0),
        ).where(Chat.lane_id == lane)  # fmt: skip
        columns = ["item", "chat_id", "lane_id", "priority", "quartier", "due_at", "wanted_text", "held_at",
                   "state", "attempts", "changes"]  # fmt: skip
        await session.execute(insert(Delivery).from_select(columns, copies))
    await arrive(town, item, REACHED)
    return staff.person, item


async def arrive(town: Town, item: int, up_to: int) -> None:
    async with town.house.database.write() as session:
        # The demo's own people have theirs in the page's chat.
        mine = (Delivery.item == item) & Delivery.lane_id.in_(
            select(Lane.id).where(Lane.platform == "telegram")
        )
        first = select(func.min(Delivery.id)).where(mine).scalar_subquery()
        held = update(Delivery).where(mine, Delivery.id < first + up_to)
        await session.execute(
            held.values(state=State.HELD, held_text=Delivery.wanted_text, held_at=town.house.clock.now())
        )


async def test_it_follows_a_broadcast_on_a_phone_without_a_script(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeing, "SOON", 1)
    clock = ManualClock(START)
    async with open_page(browser, tmp_path, clock, demo=True) as town:
        side = town.side
        assert isinstance(side, BrowserSide)
        person, item = await under_way(town)
        address = f"{side.url}/deliveries/{town.house.features.passes.make(person)}"
        clock.advance(timedelta(seconds=16))
        async with opened(browser, f"{address}?lang=de") as page:
            await expect(page.locator("progress")).to_have_attribute("value", str(REACHED))
            await expect(page.get_by_text("480 Menschen haben es.")).to_be_visible()
            await arrive(town, item, 780)
            clock.advance(KEPT)
            await expect(page.get_by_text("780 Menschen haben es.")).to_be_visible()
            await page.get_by_role("link", name="Nicht mehr von selbst erneuern").click()
            await expect(page.get_by_role("link", name="Wieder von selbst erneuern")).to_be_visible()
            assert await page.locator("meta[http-equiv=refresh]").count() == 0
        async with opened(browser, f"{address}?lang=ar", color_scheme="dark") as page:
            await expect(page.locator("html")).to_have_attribute("dir", "rtl")
            await expect(page.locator("progress")).to_have_attribute("value", "780")


@asynccontextmanager
async def opened(
    browser: Browser, address: str, color_scheme: Literal["dark", "light"] = "light"
) -> AsyncIterator[Page]:
    """The page on a phone that runs no script; never wider than the screen."""
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False, color_scheme=color_scheme
    )
    page = await context.new_page()
    await page.goto(address)
    yield page
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await context.close()
