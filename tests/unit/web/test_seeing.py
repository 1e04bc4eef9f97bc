"""Who sees how delivery goes: staff by a pass, machines by their place or their token, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.clock import ManualClock
from bot.settings import Settings, WebSettings
from bot.settings.showing import shown
from bot.sights import PostSight, StaffSight
from tests.fakes.web_host import sample_host
from tests.fakes.web_reader import Echo, WebReader, listening

TOKEN = "a-word-of-these-tests"


class SampleSights:
    """One pass, "good", of somebody who reads Arabic; one figure."""

    def __init__(self) -> None:
        self.moving = True
        self.head = "Kaffee und Kuchen, gesendet: 15 Uhr."

    async def metrics(self, accept: str) -> tuple[bytes, str]:
        return b"quartierbote_database_up 1.0\n", "text/plain; version=0.0.4; charset=utf-8"

    async def staff_language(self, token: str) -> str | None:
        return "ar" if token == "good" else None

    async def staff(self, token: str, language: str) -> StaffSight | None:
        post = PostSight(self.head, ("30 von 31 haben es.",), 30, 31)
        return StaffSight(f"Ansagen ({language})", "Bis 20 Uhr.", (post,), "nichts", self.moving)


@asynccontextmanager
async def reading(
    clock: ManualClock, *, address: str = "127.0.0.1", token: str = "", sights: SampleSights | None = None
) -> AsyncIterator[WebReader]:
    host = sample_host(sights=sights or SampleSights())
    platform = listening(host, clock, Echo(), {"metrics_token": token})
    async with WebReader(platform, address=address) as reader:
        yield reader


# --- metrics -------------------------------------------------------------------------------------------------


async def test_metrics_are_shown_at_this_machine(clock: ManualClock) -> None:
    async with reading(clock) as reader:
        page = await reader.opens("/metrics")
    assert (page.status_code, page.text) == (200, "quartierbote_database_up 1.0\n")
    assert page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.0.2.7", {}),
        ("10.0.0.5", {"Authorization": f"Bearer {TOKEN}"}),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}),
        ("127.0.0.1", {"Host": "quartier.example.org"}),
    ],
)
async def test_metrics_are_refused_to_the_world(
    clock: ManualClock, address: str, headers: dict[str, str]
) -> None:
    async with reading(clock, address=address) as reader:
        page = await reader.opens("/metrics", **headers)
    assert page.status_code == 403
    assert "quartierbote_" not in page.text


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        ("", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer", 401),
    ],
)
async def test_where_there_is_a_token_whoever_knows_it_may_read(
    clock: ManualClock, given: str, status: int
) -> None:
    for address in ("192.0.2.7", "127.0.0.1"):
        async with reading(clock, address=address, token=TOKEN) as reader:
            page = await reader.opens("/metrics", **({"Authorization": given} if given else {}))
        assert page.status_code == status
        assert ("quartierbote_" in page.text) is (status == 200)


def test_the_token_is_shown_nowhere() -> None:
    settings = Settings(web=WebSettings(metrics_token=TOKEN))
    assert TOKEN in settings.secrets()
    assert "web.metrics_token = (set, not shown)" in list(shown(settings))
    assert TOKEN not in repr(settings)
    with pytest.raises(ValueError, match="metrics_token"):
        WebSettings(metrics_token="short")


# --- the page for staff --------------------------------------------------------------------------------------


async def test_a_pass_opens_the_page_in_the_language_of_its_holder(clock: ManualClock) -> None:
    async with reading(clock) as reader:
        page = await reader.opens("/deliveries/good", **{"Accept-Language": "en"})
        chosen = await reader.opens("/deliveries/good?lang=de")
    assert page.status_code == 200
    assert '<html lang="ar" dir="rtl">' in page.text
    assert "30 von 31 haben es." in page.text
    assert '<progress max="31" value="30"' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "Ansagen (de)" in chosen.text


async def test_it_renews_itself_soon_while_something_moves_and_stops_when_told(clock: ManualClock) -> None:
    sights = SampleSights()
    async with reading(clock, sights=sights) as reader:
        moving = (await reader.opens("/deliveries/good?lang=de")).text
        sights.moving = False
        resting = (await reader.opens("/deliveries/good?lang=de")).text
        still = (await reader.opens("/deliveries/good?still=1&lang=de")).text
    assert '<meta http-equiv="refresh" content="5">' in moving
    assert '<meta http-equiv="refresh" content="60">' in resting
    assert "refresh" not in still
    assert 'href="/deliveries/good?still=1&amp;lang=de">Nicht mehr von selbst erneuern<' in moving
    assert 'href="/deliveries/good?lang=de">Wieder von selbst erneuern<' in still


@pytest.mark.parametrize("token", ["old", "good.", "Good", "%00", "..%2f..%2fhealthz", "a" * 3000])
async def test_a_pass_that_opens_nothing_says_how_to_get_another(clock: ManualClock, token: str) -> None:
    async with reading(clock) as reader:
        page = await reader.opens(f"/deliveries/{token}")
    assert page.status_code == 404
    assert "Kaffee" not in page.text
    assert "Dieser Link gilt nicht mehr." in page.text or "Diese Seite gibt es" in page.text


async def test_hostile_titles_stay_words(clock: ManualClock) -> None:
    sights = SampleSights()
    sights.head = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    async with reading(clock, sights=sights) as reader:
        page = (await reader.opens("/deliveries/good")).text
    assert "<script>" not in page
    assert "<img src=x" not in page


async def test_where_the_house_shows_nothing_there_is_nothing(reader: WebReader) -> None:
    assert (await reader.opens("/metrics")).status_code == 404
    assert (await reader.opens("/deliveries/good")).status_code == 404
