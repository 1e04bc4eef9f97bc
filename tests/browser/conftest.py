"""A real Chromium. Where there is none the tests are skipped, but never in CI: a missing browser fails there."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.fakes.served import Served, served


def chromium() -> str:
    """The browser's path; "" if there is none."""
    return (
        os.environ.get("CHROMIUM", "") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
    )


def missing_browser(environment: dict[str, str]) -> None:
    """Skip at home, fail in CI."""
    sentence = "there is no Chromium here: apt-get install chromium, or set CHROMIUM to its path"
    if environment.get("CI", "").lower() in ("1", "true"):
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if not path:
        missing_browser(dict(os.environ))
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        await started.close()


@pytest.fixture
async def page_served() -> AsyncIterator[Served]:
    async with served() as page:
        yield page


@pytest.fixture
async def demo_served() -> AsyncIterator[Served]:
    async with served(demo=True) as page:
        yield page
