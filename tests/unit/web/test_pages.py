"""What anyone may read, in their language."""

from __future__ import annotations

import pytest

from bot.clock import ManualClock
from tests.fakes.web_host import MemoryMedia, SamplePages, sample_host
from tests.fakes.web_reader import Echo, ListeningPlatform, WebReader, listening


@pytest.mark.parametrize(
    ("path", "header", "expected"),
    [
        ("/", "de-AT,en;q=0.3", '<html lang="de" dir="ltr">'),
        ("/", "xx,ar-SY;q=0.9,de;q=0.1", '<html lang="ar" dir="rtl">'),
        ("/?lang=de-simple", "en", '<html lang="de-simple" dir="ltr">'),
        ("/?lang=nonsense", "en", '<html lang="en" dir="ltr">'),
        ("/", "q=;;,,;q=x", '<html lang="de" dir="ltr">'),
    ],
)
async def test_language_by_address_then_by_browser(
    reader: WebReader, path: str, header: str, expected: str
) -> None:
    page = await reader.opens(path, **{"Accept-Language": header})

    assert expected in page.text


async def test_a_chosen_language_stays(reader: WebReader) -> None:
    await reader.opens("/?lang=ar")

    assert '<html lang="ar" dir="rtl">' in (await reader.opens("/q/suedstadt")).text


async def test_a_quartier_leads_to_the_chat_with_its_code_and_to_the_imprint(reader: WebReader) -> None:
    page = await reader.opens("/q/suedstadt")

    assert 'href="/chat?start=q_suedstadt"' in page.text
    assert 'href="/imprint"' in page.text
    assert "Heute ist nichts." in page.text


async def test_announcements_say_when_they_were_made(reader: WebReader) -> None:
    page = await reader.opens("/q/suedstadt")

    assert '<time datetime="2026-11-20T09:00:00+00:00">Angesagt am 20.11. 10:00</time>' in page.text


async def test_a_quartier_is_found_however_its_address_was_typed(reader: WebReader) -> None:
    page = await reader.opens("/q/NordStadt?lang=en")

    assert (page.status_code, page.headers["location"]) == (301, "/q/nordstadt?lang=en")


async def test_switching_language_keeps_the_posters_code(reader: WebReader) -> None:
    assert 'href="?start=q_altstadt&amp;lang=ar"' in (await reader.opens("/chat?start=q_altstadt")).text


@pytest.mark.parametrize(
    ("path", "german", "name"),
    [
        ("/imprint", "/impressum", "imprint"),
        ("/privacy", "/datenschutz", "privacy"),
        ("/rules", "/regeln", "rules"),
        ("/accessibility", "/barrierefreiheit", "accessibility"),
    ],
)
async def test_fixed_pages_have_two_names(reader: WebReader, path: str, german: str, name: str) -> None:
    assert f"This is the {name}." in (await reader.opens(path)).text
    assert f"This is the {name}." in (await reader.opens(german)).text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/q/nowhere", "/media/1", "/media/1?s=x", "/media/99?s=x", "/demo"]
)
async def test_what_is_not_there_is_said_in_the_readers_language(reader: WebReader, path: str) -> None:
    page = await reader.opens(path, **{"Accept-Language": "en"})

    assert page.status_code == 404
    assert "There is no such page here." in page.text


async def test_hostile_names_stay_words(clock: ManualClock, echo: Echo) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    async with WebReader(listening(sample_host(pages=SamplePages(hostile)), clock, echo)) as reader:
        page = await reader.opens("/q/suedstadt")

    assert "<script>" not in page.text
    assert "<img src=x" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


async def test_hostile_words_in_the_chat_stay_words(reader: WebReader) -> None:
    await reader.starts()
    await reader.says('<script>alert(1)</script><a href="javascript:x">')

    assert "<script>alert" not in reader.page
    assert 'href="javascript' not in reader.page
    assert reader.bubbles()[-2] == '<script>alert(1)</script><a href="javascript:x">'


async def test_pictures_of_posts_open_only_by_the_pages_own_links(clock: ManualClock, echo: Echo) -> None:
    media = MemoryMedia({1: (b"\xff\xd8\xffx", "image/jpeg"), 2: (b"<script>", "text/html")})
    platform = listening(sample_host(media=media), clock, echo)
    async with WebReader(platform) as reader:
        picture = await reader.opens(platform._site.seals.media_path(1))
        other = await reader.opens(platform._site.seals.media_path(2))

    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert other.headers["content-type"] == "application/octet-stream"
    assert other.headers["content-disposition"].startswith("attachment")


async def test_a_fault_of_ours_shows_no_traceback(clock: ManualClock, echo: Echo) -> None:
    class Broken(SamplePages):
        async def city(self, language: str) -> object:  # type: ignore[override]  # breaks on purpose
            raise RuntimeError("secret detail")

    async with WebReader(listening(sample_host(pages=Broken()), clock, echo)) as reader:
        page = await reader.opens("/")

    assert page.status_code == 500
    assert "secret detail" not in page.text
    assert "Da ist bei uns etwas schiefgegangen." in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_health(clock: ManualClock, echo: Echo) -> None:
    async def unwell() -> dict[str, object]:
        return {"ok": False, "database": "gone"}

    async with WebReader(listening(sample_host(), clock, echo)) as reader:
        assert (await reader.opens("/healthz")).json() == {"ok": True}
    async with WebReader(listening(sample_host(health=unwell), clock, echo)) as reader:
        assert (await reader.opens("/healthz")).status_code == 503


async def test_the_platform_waits_for_its_reader_and_keeps_its_keys(platform: ListeningPlatform) -> None:
    capabilities = platform.capabilities

    assert (capabilities.pushes, capabilities.roles, capabilities.idempotent_sends) == (False, False, True)
    assert platform.start_link("q_altstadt") == "http://127.0.0.1:8080/chat?start=q_altstadt"
