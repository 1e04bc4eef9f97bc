"""Makes the pictures of the documentation anew: `.venv/bin/python docs/pictures/make.py`.

It starts the demo on an empty database, lets a resident subscribe and staff announce, and looks. It needs a Chromium
(CHROMIUM names another) and about a minute, because an announcement leaves 30 seconds after the tap.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Frame, Page, async_playwright

from bot.language import Languages

HERE = Path(__file__).resolve().parent
LARGEST = 200_000
"""Bytes of one picture."""
ZONE = "Europe/Berlin"
ARRIVAL = 60_000
"""Milliseconds until an announcement must be there: 30 s to undo, and some for a slow machine."""


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """The running demo; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("QUARTIERBOTE_")},
            "QUARTIERBOTE_DATA__FOLDER": folder,
            "QUARTIERBOTE_WEB__PORT": str(port),
        }
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=HERE.parents[1], env=environment,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await _until_up(program)
            yield f"http://127.0.0.1:{port}"
        finally:
            program.terminate()
            await program.wait()


async def _until_up(program: asyncio.subprocess.Process) -> None:
    if program.stdout is None:
        raise RuntimeError("the program has no output")
    async with asyncio.timeout(60):
        while line := await program.stdout.readline():
            if b"Ctrl-C" in line:
                return
    raise RuntimeError("the demo did not start; its reason stands above")


async def announced(page: Page, address: str) -> None:
    """The demo's own suggestions, walked through: the resident reads English, staff write German."""
    await page.goto(f"{address}/demo?lang=en")
    resident, staff = phone(page, "resident"), phone(page, "staff")
    await page.locator(".suggestions button").nth(0).click()
    for choice in ("people.button.agree", "people.button.oftener", "people.pace.now"):
        await tap(resident, labelled("en", choice))
    await page.locator(".suggestions button").nth(1).click()
    await tap(staff, labelled("de", "posts.button.send"))
    await resident.locator(".bubble", has_text="Kaffee und Kuchen").first.wait_for(timeout=ARRIVAL)
    await staff.locator(".bubble", has_text="/posts").first.wait_for(timeout=ARRIVAL)
    await page.wait_for_timeout(1000)


def labelled(tag: str, message: str) -> str:
    """What a choice is called now: its words may change."""
    languages = Languages.load(Languages.find())
    (words,) = languages.catalogue(tag).forms(message)
    return words.replace("{language}", languages[tag].own_name)


def phone(page: Page, who: str) -> Frame:
    frame = page.frame(name=f"phone-{who}")
    if frame is None:
        raise LookupError(f"the demo has no phone {who}")
    return frame


async def tap(frame: Frame, label: str) -> None:
    """Tap the newest choice of this name."""
    numbered = re.compile(rf"^\s*(\d+ )*{re.escape(label)}\s*$")
    choice = frame.locator(".choices").get_by_role("button").filter(has_text=numbered).last
    await choice.wait_for()
    await choice.click()


async def keep(page: Page, name: str) -> None:
    """The page as a small PNG."""
    shot = Image.open(io.BytesIO(await page.screenshot(full_page=True)))
    path = HERE / f"{name}.png"
    shot.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, {LARGEST} at most")


async def take(browser: Browser, address: str) -> None:
    page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id=ZONE)
    await announced(page, address)
    await keep(page, "demo")
    narrow = await browser.new_page(viewport={"width": 360, "height": 740}, locale="ar", timezone_id=ZONE)
    await narrow.goto(f"{address}/q/suedstadt?lang=ar")
    await keep(narrow, "page-ar")


async def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise SystemExit("There is no Chromium here: apt-get install chromium, or set CHROMIUM to its path.")
    async with demo() as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await take(browser, address)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
