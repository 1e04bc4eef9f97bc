"""The phones of the pages for each role: one short story in the demo, told once in German and once in English.

A resident comes in, staff announce, the resident proposes something, staff release it; somebody asks rudely, staff
report it, a moderator decides, its author reads why; the coordinator looks at figures (of invented months); at last
the resident reports that somebody is in danger.
"""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import Browser, Frame, Locator, Page

from bot.language import Languages

ARRIVAL = 60_000
"""Milliseconds until an announcement must be there: 30 s to undo, and some for a slow machine."""
ZONE = "Europe/Berlin"
WIDTH = 400
LIMIT = 120_000
"""Bytes of a phone's picture."""
EDGE = 9
"""Pixels of the phone's frame."""

Keep = Callable[[Image.Image, str, int], None]
"""Keeps a picture under a name; at most so many bytes."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the people of the story type."""

    announcement: str
    arrived: str
    """Something of the announcement by which it is known to have arrived."""
    proposal: str
    rude: str


WORDS = {
    "de": Words(
        "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts, bitte eigene Tasse mitbringen",
        "Kaffee und Kuchen",
        "Ich verleihe meine Bohrmaschine, gern auch mit Hilfe beim ersten Loch.",
        "Euer Kuchen ist genauso dumm wie ihr. Wer backt denn so was?",
    ),
    "en": Words(
        "Coffee and cake at KAISERS on Thursday at 3 pm, free of charge, please bring your own cup",
        "Coffee and cake",
        "I lend my drill to neighbours, with help for the first hole if you like.",
        "Your cake is as stupid as you are. Who bakes such a thing?",
    ),
}


def labelled(tag: str, message: str, place: int = 0) -> str:
    """What a choice is called now: its words may change."""
    languages = Languages.load(Languages.find())
    words = languages.catalogue(tag).forms(message)[place]
    return words.replace("{language}", languages[tag].own_name)


def command(tag: str, message: str) -> str:
    """What is typed for a command."""
    return "/" + labelled(tag, message).split(",")[0]


async def tap(frame: Frame, label: str) -> None:
    """Tap the newest choice of this name."""
    numbered = re.compile(rf"^\s*(\d+ )*{re.escape(label)}\s*$")
    choice = frame.locator(".choices").get_by_role("button").filter(has_text=numbered).last
    await choice.wait_for()
    await choice.click()


class Phone:
    """One of the demo's phones, full screen."""

    def __init__(self, page: Page, tag: str) -> None:
        self.page = page
        self.tag = tag

    @classmethod
    async def open(cls, browser: Browser, address: str, who: str, tag: str) -> Phone:
        page = await browser.new_page(
            viewport={"width": WIDTH, "height": 800}, locale=f"{tag}-DE", timezone_id=ZONE
        )
        await page.goto(f"{address}/demo/phone/{who}?lang={tag}")
        return cls(page, tag)

    async def say(self, words: str) -> None:
        """Type and send; waits until it stands in the chat and was answered."""
        before = await self.page.locator(".bubble.bot").count()
        await self.page.fill("#text", words)
        await self.page.click("#write .send")
        await self._answered(before)

    async def order(self, message: str) -> None:
        """Type a command in the phone's language."""
        await self.say(command(self.tag, message))

    async def tap(self, message: str, place: int = 0) -> None:
        before = await self.page.locator(".bubble.bot").count()
        await tap(self.page.main_frame, labelled(self.tag, message, place))
        await self._answered(before)

    async def tap_first(self, place: int = 0) -> None:
        """Tap a choice of the last message by its place."""
        before = await self.page.locator(".bubble.bot").count()
        await self.page.locator(".bubble.bot").last.locator(".choices button").nth(place).click()
        await self._answered(before)

    async def _answered(self, before: int) -> None:
        await self.page.locator(".bubble.bot").nth(before).wait_for(state="attached")
        await self.page.wait_for_timeout(400)

    def bubble(self, words: str) -> Locator:
        return self.page.locator(".bubble.bot", has_text=words)

    async def clear(self) -> None:
        """Begin a picture here: hide what was said before."""
        await self.page.evaluate(
            "document.querySelectorAll('.bubble').forEach(one => { one.style.display = 'none'; one.hidden = true })"
        )

    async def keep_last(self, count: int) -> None:
        """Begin a picture so many messages before the end."""
        await self.page.evaluate(
            "count => [...document.querySelectorAll('.bubble')].slice(0, -count)"
            ".forEach(one => { one.style.display = 'none'; one.hidden = true })",
            count,
        )

    async def hide(self, words: str) -> None:
        """Hide what was brought up to date meanwhile, and so is shown again."""
        await self.bubble(words).last.evaluate("one => { one.style.display = 'none'; one.hidden = true }")

    async def show_all(self) -> None:
        await self.page.evaluate(
            "document.querySelectorAll('.bubble').forEach(one => { one.style.display = ''; one.hidden = false })"
        )

    async def picture(self) -> Image.Image:
        """What is seen, as high as it needs, in a phone's frame."""
        await self.page.mouse.move(1, 1)
        await self.page.evaluate("document.activeElement.blur()")
        await self.page.set_viewport_size({"width": WIDTH, "height": 500})
        await self.page.wait_for_timeout(200)
        needs = await self.page.evaluate(
            "(() => { const log = document.querySelector('.log');"
            " const last = [...log.querySelectorAll('.bubble:not([hidden])')].at(-1).getBoundingClientRect();"
            " const top = log.querySelector('.bubble:not([hidden])').getBoundingClientRect().top;"
            " return Math.ceil(last.bottom - top + 24 + innerHeight - log.clientHeight); })()"
        )
        await self.page.set_viewport_size({"width": WIDTH, "height": max(500, int(needs))})
        await self.page.evaluate("document.querySelector('.log').scrollTop = 1e6")
        await self.page.wait_for_timeout(300)
        return framed(Image.open(io.BytesIO(await self.page.screenshot())).convert("RGB"))


def framed(shot: Image.Image) -> Image.Image:
    """In a phone's dark, rounded frame, on white."""
    width, height = shot.width + 2 * EDGE, shot.height + 2 * EDGE
    picture = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(picture).rounded_rectangle((0, 0, width - 1, height - 1), 28, fill="#2b2622")
    mask = Image.new("L", shot.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, shot.width - 1, shot.height - 1), 20, fill=255)
    picture.paste(shot, (EDGE, EDGE), mask)
    return picture


def invent_figures(database: Path) -> None:
    """Four weeks of daily totals, as a city might have them; some of them too small to be told."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    months = {"posts": (3, 9, 14, 27, 21), "questions": (0, 2, 8, 19, 16), "cases": (0, 0, 1, 6, 5)}
    readers = (57, 41, 86, 212, 174)
    with sqlite3.connect(database, timeout=30) as base:
        places = [0, *(row[0] for row in base.execute("SELECT id FROM quartier WHERE id > 0 ORDER BY id"))]
        put = "INSERT OR REPLACE INTO daily_total (day, quartier, kind, count) VALUES (?, ?, ?, ?)"
        for back in range(28):
            day = (yesterday - timedelta(days=back)).isoformat()
            for place, (quartier, reading) in enumerate(zip(places, readers, strict=True)):
                base.execute(put, (day, quartier, "subscribers", reading))
                for kind, counts in months.items():
                    base.execute(
                        put, (day, quartier, kind, counts[place] // 28 + (back < counts[place] % 28))
                    )


async def tell(browser: Browser, address: str, database: Path, tag: str, keep: Keep) -> None:
    """The story in one language, with its pictures."""
    resident, staff, moderator = [
        await Phone.open(browser, address, who, tag) for who in ("resident", "staff", "moderator")
    ]

    async def taken(phone: Phone, name: str) -> None:
        keep(await phone.picture(), f"phone-{name}-{tag}", LIMIT)

    words = WORDS[tag]
    for phone in (staff, moderator):
        await phone.say(f"{command('en', 'people.command.language')} {tag}")
        await phone.clear()
    await resident.say("/start q_suedstadt")
    await resident.tap("people.button.agree")
    await taken(resident, "welcome")
    await resident.tap("people.button.oftener")
    await resident.tap("people.pace.now")
    await _announces(staff, words)
    await taken(staff, "staff")
    await staff.tap("posts.button.send")
    await resident.clear()
    await resident.bubble(words.arrived).first.wait_for(timeout=ARRIVAL)
    await staff.bubble("/posts").last.wait_for(timeout=ARRIVAL)
    await resident.order("agenda.command.today")
    await taken(resident, "resident")
    await _proposes(resident, words)
    await taken(resident, "proposal")
    await staff.clear()
    await staff.order("proposals.command.review")
    await staff.tap_first()
    await staff.tap("proposals.button.release")
    await taken(staff, "review")
    await moderator.clear()
    await _is_reported(resident, staff, words)
    await moderator.bubble(words.rude).last.wait_for(timeout=ARRIVAL)
    await taken(moderator, "moderator")
    await _decides(moderator, words)
    await taken(moderator, "decision")
    await resident.page.wait_for_timeout(2000)
    await taken(resident, "statement")
    invent_figures(database)
    await moderator.clear()
    await moderator.order("insights.command")
    await taken(moderator, "coordinator")
    await resident.show_all()
    await moderator.clear()
    await _says_danger(resident)
    await taken(resident, "danger")
    await moderator.page.wait_for_timeout(2000)
    await taken(moderator, "case")
    for phone in (resident, staff, moderator):
        await phone.page.close()


async def _announces(staff: Phone, words: Words) -> None:
    await staff.order("posts.command.announce")
    await staff.say(words.announcement)


async def _proposes(resident: Phone, words: Words) -> None:
    await resident.clear()
    await resident.order("proposals.command.suggest")
    await resident.tap("posts.kind.lent")
    await resident.say(words.proposal)
    await resident.tap("proposals.button.send")


async def _is_reported(resident: Phone, staff: Phone, words: Words) -> None:
    """A rude question reaches the staff, who report it."""
    await resident.show_all()
    await resident.tap("questions.ask_button")
    await resident.clear()
    await resident.say(words.rude)
    await staff.bubble(words.rude).last.wait_for(timeout=ARRIVAL)
    await staff.tap("posts.button.report")
    await staff.tap("moderation.reason.insult")
    await resident.clear()


async def _says_danger(resident: Phone) -> None:
    """The resident reports the announcement once more: somebody is in danger."""
    await resident.tap("posts.button.report")
    await resident.tap("moderation.reason.danger")
    await resident.keep_last(3)


async def _decides(moderator: Phone, words: Words) -> None:
    """Typed, as one does without buttons: a warning, then the second house rule."""
    warn = moderator.bubble(words.rude).last.get_by_role(
        "button", name=labelled(moderator.tag, "moderation.step.warn")
    )
    number = (await warn.locator(".number").inner_text()).strip()
    await moderator.clear()
    await moderator.say(number)
    await moderator.tap_first(1)
    await moderator.hide(words.rude)
