"""The chat as its reader sees it, without a script."""

from __future__ import annotations

import html
import re

from bot.contract import Address, Choice, Happened, Outgoing
from tests.fakes.web_reader import Echo, ListeningPlatform, WebReader, words


def pushed(text: str) -> Outgoing:
    """As an announcement comes: with a number of its own before the numbers of its choices."""
    return Outgoing(words(text), choices=((Choice("Frage stellen", "ask:1"),),), numbers=("12 1",))


def typed(page: str) -> str:
    """What stands in the text field, as a browser reads it: the first line break does not count."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def problem(page: str) -> str:
    found = re.search(r'<p class="status"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


async def test_no_account_before_start_is_pressed(reader: WebReader, echo: Echo) -> None:
    page = await reader.opens("/chat?start=q_suedstadt")

    assert page.status_code == 200
    assert "Nachrichten aus Südstadt bekommen" in page.text
    assert "wartet hier" in page.text
    assert "qb_chat" not in reader.browser.cookies
    assert echo.heard == []


async def test_start_says_hello_with_the_posters_code_and_the_answer_is_there(
    reader: WebReader, echo: Echo
) -> None:
    await reader.starts("q_suedstadt")

    assert [event.text for event in echo.heard] == ["/start q_suedstadt"]
    assert reader.bubbles() == ["/start q_suedstadt", "Echo: /start q_suedstadt"]


async def test_the_house_gets_the_page_language_as_a_hint(platform: ListeningPlatform, echo: Echo) -> None:
    async with WebReader(platform) as reader:
        reader.browser.headers["Accept-Language"] = "ar-SY,de;q=0.5"
        await reader.starts()

    assert echo.heard[0].language == "ar"


async def test_typing_and_tapping(reader: WebReader, echo: Echo) -> None:
    await reader.starts()
    await reader.says("Was ist los?")
    await reader.taps("Ja")

    assert [(event.what, event.text, event.choice) for event in echo.heard[1:]] == [
        (Happened.TEXT, "Was ist los?", ""),
        (Happened.CHOICE, "", "yes:1"),
    ]
    assert echo.heard[2].reply_to != ()
    assert reader.bubbles()[-2:] == ["Ja", "Echo: yes:1"]


async def test_a_double_click_counts_once_and_a_new_page_counts_anew(reader: WebReader, echo: Echo) -> None:
    await reader.starts()
    form = {**reader.form(), "text": "hallo"}
    await reader.posts("/chat/say", form)
    await reader.posts("/chat/say", form)
    assert [event.text for event in echo.heard] == ["/start", "hallo"]

    await reader.posts("/chat/say", form | {"text": "etwas anderes"})
    await reader.says("hallo")

    assert [event.text for event in echo.heard] == ["/start", "hallo", "etwas anderes", "hallo"]
    assert len(reader.bubbles()) == 8


async def test_what_to_type_for_a_choice_is_read_out_too(reader: WebReader) -> None:
    await reader.starts()

    assert '<span class="number">1 </span>Ja</button>' in reader.page


async def test_times_are_the_citys_and_need_no_script(reader: WebReader) -> None:
    await reader.starts()

    assert '<time datetime="2026-11-23T12:00:00+00:00">13:00</time>' in reader.page


async def test_only_what_was_offered_can_be_tapped(reader: WebReader, echo: Echo) -> None:
    await reader.starts()
    for tap in ("1.0", "999999.0", f"{echo.heard[0].ref[0]}.0", "x", "1.99"):
        refused = await reader.posts("/chat/say", {**reader.form(), "tap": tap})
        assert refused.status_code == 409
        await reader.opens("/chat")

    assert len(echo.heard) == 1


async def test_an_answer_to_what_was_pushed_carries_its_reference(
    reader: WebReader, echo: Echo, platform: ListeningPlatform
) -> None:
    await reader.starts()
    assert "reply=" not in reader.page
    await platform.send(echo.heard[0].conversation, pushed("Kaffee und Kuchen"), "n1")
    await reader.opens("/chat")
    number = reader.page.split("reply=")[1].split('"')[0]
    page = await reader.opens(f"/chat?reply={number}")
    assert "Deine Antwort auf:" in page.text

    await reader.posts("/chat/say", {**reader.form(), "text": "Gibt es Tee?", "reply": number})

    assert echo.heard[-1].reply_to == (number,)
    assert "Kaffee und Kuchen Gibt es Tee?" in reader.bubbles()


async def test_ending_asks_first_then_forgets_and_the_cookie_opens_nothing(
    reader: WebReader, echo: Echo, platform: ListeningPlatform
) -> None:
    await reader.starts()
    account = echo.heard[0].conversation
    cookie = reader.browser.cookies["qb_chat"]
    asked = await reader.opens("/chat/end")
    assert "Chat auf diesem Gerät beenden?" in asked.text
    assert len(echo.heard) == 1

    ended = await reader.posts("/chat/end", reader.form())

    assert "Der Chat ist beendet" in ended.text
    assert echo.heard[-1].what is Happened.LEFT
    assert "qb_chat" not in reader.browser.cookies
    reader.browser.cookies.set("qb_chat", cookie)
    assert "Chat starten" in (await reader.opens("/chat")).text
    assert account not in " ".join(getattr(platform._host.store, "rows"))  # noqa: B009


async def test_a_forgotten_chat_leaves_nothing_and_one_can_start_anew(
    reader: WebReader, echo: Echo, platform: ListeningPlatform
) -> None:
    await reader.starts()
    await platform.forget(echo.heard[0].conversation)

    assert getattr(platform._host.store, "rows") == {}  # noqa: B009
    assert "Chat starten" in (await reader.opens("/chat")).text
    await reader.starts()
    assert reader.bubbles() == ["/start", "Echo: /start"]


async def test_the_chrome_follows_the_language_the_bot_answers_in(
    reader: WebReader, echo: Echo, platform: ListeningPlatform
) -> None:
    echo.platform = None
    await reader.starts()
    await platform.send(echo.heard[0].conversation, Outgoing(words("مرحبًا"), language="ar", rtl=True), "k1")

    page = await reader.opens("/chat")

    assert '<html lang="ar" dir="rtl">' in page.text
    assert '<div class="words" lang="ar" dir="rtl">' in page.text


async def test_photos_and_pdfs_come_in_and_can_be_fetched(
    reader: WebReader, echo: Echo, platform: ListeningPlatform
) -> None:
    photo = b"\xff\xd8\xff" + bytes(range(256)) * 4000
    await reader.starts()
    await reader.hands_in("tasse.jpg", photo, text="Seht her")

    event = echo.heard[-1]
    [attachment] = event.attachments
    assert (event.what, event.text) == (Happened.ATTACHMENT, "Seht her")
    assert (attachment.kind, attachment.mime, attachment.size) == ("image", "image/jpeg", len(photo))
    assert await platform.fetch(attachment) == photo
    assert "tasse.jpg Seht her" in reader.bubbles()


async def test_what_is_neither_photo_nor_pdf_is_refused_with_a_way_on(reader: WebReader, echo: Echo) -> None:
    await reader.starts()
    refused = await reader.hands_in("tasse.jpg", b"MZ this is a program")

    assert refused.status_code == 415
    assert "Schick bitte ein Foto oder ein PDF." in refused.text
    assert len(echo.heard) == 1


async def test_what_was_typed_stays_in_the_field_when_it_is_refused(reader: WebReader, echo: Echo) -> None:
    await reader.starts()
    long = "\nVorne <ist> ein Zeilenumbruch" + "x" * 4000
    refused = await reader.says(long)
    assert (refused.status_code, typed(refused.text)) == (413, long)
    assert "höchstens 4000 Zeichen" in problem(refused.text)
    assert 'href="/chat?lang=en"' in refused.text

    reader.page = refused.text
    refused = await reader.hands_in("tasse.jpg", b"MZ this is a program", text="Seht her")
    assert (refused.status_code, typed(refused.text)) == (415, "Seht her")
    assert "Schick bitte ein Foto oder ein PDF." in problem(refused.text)

    reader.page = refused.text
    await reader.says("Seht her")
    assert [event.text for event in echo.heard[1:]] == ["Seht her"]
    assert typed(reader.page) == problem(reader.page) == ""


async def test_a_choice_that_is_gone_leaves_the_chat_on_the_screen(reader: WebReader) -> None:
    await reader.starts()
    refused = await reader.posts("/chat/say", {**reader.form(), "tap": "1.0"})

    assert "Diese Auswahl gibt es nicht mehr." in problem(refused.text)
    assert "Echo: /start" in refused.text


async def test_uploads_are_erased_after_a_day(
    reader: WebReader, echo: Echo, platform: ListeningPlatform, clock: object
) -> None:
    from datetime import timedelta

    from bot.clock import ManualClock

    assert isinstance(clock, ManualClock)
    await reader.starts()
    await reader.hands_in("plan.pdf", b"%PDF-1.7 plan")
    clock.advance(timedelta(hours=25))

    assert await platform._site.uploads.sweep() == 1
    assert [key for key in getattr(platform._host.store, "rows") if key[:2] in ("u/", "p/")] == []  # noqa: B009


async def test_sending_to_an_ended_account_says_so(platform: ListeningPlatform) -> None:
    import pytest

    from bot.contract import RecipientGone

    with pytest.raises(RecipientGone):
        await platform.send(Address("NOBODY"), Outgoing(words("hallo")), "k")
