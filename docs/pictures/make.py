"""Makes the pictures of the documentation anew: `.venv/bin/python docs/pictures/make.py`.

It starts the demo on an empty database, lets a resident subscribe and staff announce, and looks; then it has a story
told on the three phones, in German and in English (phones.py). It needs a Chromium (CHROMIUM names another) and about
five minutes, because whatever staff send leaves 30 seconds after the tap.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from phones import ARRIVAL, WORDS, ZONE, labelled, tap, tell
from PIL import Image
from playwright.async_api import Browser, Frame, Page, async_playwright

HERE = Path(__file__).resolve().parent
LARGEST = 200_000
"""Bytes of one picture."""


@asynccontextmanager
async def demo() -> AsyncIterator[tuple[str, Path]]:
    """The running demo; gives its address and its database."""
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
            yield f"http://127.0.0.1:{port}", Path(folder) / "demo.sqlite3"
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


def phone(page: Page, who: str) -> Frame:
    frame = page.frame(name=f"phone-{who}")
    if frame is None:
        raise LookupError(f"the demo has no phone {who}")
    return frame


def keep(picture: Image.Image, name: str, limit: int = LARGEST) -> None:
    """The picture as a small PNG."""
    path = HERE / f"{name}.png"
    picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > limit:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, {limit} at most")


async def shot(page: Page) -> Image.Image:
    """The whole page, with the mouse out of the way."""
    await page.mouse.move(1, 1)
    await page.wait_for_timeout(500)
    return Image.open(io.BytesIO(await page.screenshot(full_page=True)))


async def take(browser: Browser, address: str) -> None:
    page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id=ZONE)
    await announced(page, address)
    keep(await shot(page), "demo")
    narrow = await browser.new_page(viewport={"width": 360, "height": 740}, locale="ar", timezone_id=ZONE)
    await narrow.goto(f"{address}/q/suedstadt?lang=ar")
    keep(await shot(narrow), "page-ar")


async def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise SystemExit("There is no Chromium here: apt-get install chromium, or set CHROMIUM to its path.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        async with demo() as (address, _):
            await take(browser, address)
        for tag in WORDS:
            async with demo() as (address, database):
                await tell(browser, address, database, tag, keep)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
