"""What goes out to Telegram: files, albums, parts of long texts, and the small print."""

from __future__ import annotations

import asyncio
import json

import pytest

from adapters.telegram import Telegram
from bot.contract import (
    Address,
    Attachment,
    Choice,
    Outgoing,
    PlatformDown,
    RateLimited,
    Rejected,
    Unsure,
)
from tests.contract.harness import plain
from tests.contract.telegram_side import TelegramSide

LONG = "\n".join(f"Zeile {number} mit einigem Text dahinter" for number in range(300))
BIG = b"\xff\xd8\xff" + bytes(3 * 1024 * 1024)
PHOTO = Attachment("image", "fest.jpg", "image/jpeg", 100, media=1)
OTHER_PHOTO = Attachment("image", "saal.jpg", "image/jpeg", 100, media=2)
PAPER = Attachment("document", "plan.pdf", "application/pdf", 100, media=3)


@pytest.fixture(autouse=True)
def stored_files(telegram: TelegramSide) -> None:
    telegram.files.kept = {1: (BIG, "image/jpeg"), 2: (b"2", "image/jpeg"), 3: (b"%PDF-", "application/pdf")}


# --- files ---------------------------------------------------------------------------------------------------


async def test_a_picture_is_uploaded_once_however_many_leave_side_by_side(telegram: TelegramSide) -> None:
    readers = [await telegram.person() for _ in range(30)]
    message = Outgoing(plain("Fest").body, attachments=(PHOTO,))
    await asyncio.gather(*(telegram.platform.send(one.address, message, one.address) for one in readers))
    assert [await one.sees() for one in readers] == [["Fest"]] * 30
    assert (await telegram.api.state())["files"] == 1
    assert telegram.files.loads == [1]


async def test_a_known_picture_is_known_after_a_restart(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    message = Outgoing(plain("Fest").body, attachments=(PHOTO,))
    await telegram.platform.send(reader.address, message, "1")
    again = type(telegram.platform)(telegram.api.token, telegram.api.url, telegram.store, telegram.files)
    await again.send(reader.address, message, "2")
    await again.close()
    assert telegram.files.loads == [1]


async def test_an_upload_that_failed_leaves_the_way_free(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    message = Outgoing(plain("Fest").body, attachments=(PHOTO,))
    await telegram.api.fault("502", "sendPhoto")
    with pytest.raises(Unsure):
        await telegram.platform.send(reader.address, message, "1")
    await telegram.platform.send(reader.address, message, "2")
    assert await reader.sees() == ["Fest"]


async def test_several_pictures_are_an_album_with_the_words_below_the_first(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    message = Outgoing(plain("Fest").body, attachments=(PHOTO, OTHER_PHOTO))
    ref = await telegram.platform.send(reader.address, message, "1")
    seen = await reader.user.messages()
    assert [(one.text, one.file) for one in seen] == [("Fest", "fest.jpg"), ("", "saal.jpg")]
    assert seen[0].album == seen[1].album is not None
    assert set(ref) > {str(one.id) for one in seen}


async def test_pictures_and_files_are_never_in_one_album(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    message = Outgoing(plain("Fest").body, attachments=(PAPER, PHOTO, OTHER_PHOTO))
    await telegram.platform.send(reader.address, message, "1")
    assert [one.kind for one in await reader.user.messages()] == ["photo", "photo", "document", "text"]


async def test_choices_of_an_album_are_under_the_words_after_it(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    choices = ((Choice("Ich komme", "c:1"),),)
    message = Outgoing(plain("Fest").body, attachments=(PHOTO, OTHER_PHOTO), choices=choices)
    await telegram.platform.send(reader.address, message, "1")
    assert [one.text for one in await reader.user.messages()] == ["", "", "Fest"]
    assert await reader.is_offered() == ["Ich komme"]


async def test_words_too_long_for_a_caption_follow_the_picture(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    for key, length in (("1", 1024), ("2", 1025)):
        words = "😀" * (length // 2) + "x" * (length % 2)
        await telegram.platform.send(reader.address, Outgoing(plain(words).body, attachments=(PHOTO,)), key)
    assert [(one.kind, len(one.text)) for one in await reader.user.messages()] == [
        ("photo", 512),
        ("photo", 0),
        ("text", 513),
    ]


async def test_an_edit_brings_another_picture_and_lets_the_words_grow_out_of_the_caption(
    telegram: TelegramSide,
) -> None:
    reader = await telegram.person()
    ref = await telegram.platform.send(reader.address, Outgoing(plain("alt").body, attachments=(PHOTO,)), "1")
    other = Outgoing(plain("neu").body, attachments=(OTHER_PHOTO,))
    ref = await telegram.platform.edit(reader.address, ref, other, "1.1")
    assert [(one.file, one.text) for one in await reader.user.messages()] == [("saal.jpg", "neu")]
    longer = Outgoing(plain("x" * 2000).body, attachments=(OTHER_PHOTO,))
    ref = await telegram.platform.edit(reader.address, ref, longer, "1.2")
    assert [(one.file, len(one.text)) for one in await reader.user.messages()] == [
        ("saal.jpg", 0),
        ("", 2000),
    ]
    await telegram.platform.delete(reader.address, ref, "1.3")
    assert await reader.user.messages() == []


async def test_a_notice_in_place_of_a_picture_message_stands_in_its_caption(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    ref = await telegram.platform.send(reader.address, Outgoing(plain("alt").body, attachments=(PHOTO,)), "1")
    await telegram.platform.edit(reader.address, ref, plain("Zurückgenommen."), "1.1")
    assert await reader.sees() == ["Zurückgenommen."]


async def test_a_file_that_is_no_longer_stored_is_refused_before_anything_is_sent(
    telegram: TelegramSide,
) -> None:
    reader = await telegram.person()
    lost = Attachment("image", "x.jpg", "image/jpeg", 100, media=99)
    with pytest.raises(Rejected):
        await telegram.platform.send(reader.address, Outgoing(plain("Fest").body, attachments=(lost,)), "1")
    assert await reader.sees() == []


# --- parts ---------------------------------------------------------------------------------------------------


async def test_buttons_are_on_the_last_part_and_only_the_first_makes_a_sound(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    message = Outgoing(plain(LONG).body, choices=((Choice("Weiter", "w"),),))
    ref = await telegram.platform.send(reader.address, message, "1")
    seen = await reader.user.messages()
    assert [str(one.id) for one in seen] == list(ref)
    assert [bool(one.buttons) for one in seen] == [False] * (len(seen) - 1) + [True]
    assert [one.silent for one in seen] == [False] + [True] * (len(seen) - 1)


@pytest.mark.parametrize("fault", ["429", "drop_after", "drop_before"])
async def test_a_second_attempt_goes_on_where_the_first_stopped(telegram: TelegramSide, fault: str) -> None:
    reader = await telegram.person()
    await telegram.api.fault("slow", "sendMessage")  # lets the first part through
    await telegram.api.fault(fault, "sendMessage")
    with pytest.raises((RateLimited, Unsure)):
        await telegram.platform.send(reader.address, plain(LONG), "1")
    ref = await telegram.platform.send(reader.address, plain(LONG), "1")
    seen = await reader.sees()
    doubled = 1 if fault == "drop_after" else 0
    assert (len(seen) - doubled, seen.count(seen[0])) == (len(ref), 1)
    assert telegram.store.rows == {}


async def test_a_second_attempt_that_says_something_else_takes_the_first_back(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    await telegram.api.fault("slow", "sendMessage")
    await telegram.api.fault("429", "sendMessage")
    with pytest.raises(RateLimited):
        await telegram.platform.send(reader.address, plain(LONG), "1")
    await telegram.platform.send(reader.address, plain(LONG.upper()), "1")
    assert "\n".join(await reader.sees()) == LONG.upper()


async def test_an_edit_that_stopped_halfway_sends_no_part_twice(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    ref = await telegram.platform.send(reader.address, plain("kurz"), "1")
    await telegram.api.fault("slow", "sendMessage")
    await telegram.api.fault("429", "sendMessage")
    with pytest.raises(RateLimited):
        await telegram.platform.edit(reader.address, ref, plain(LONG), "1.1")
    await telegram.platform.edit(reader.address, ref, plain(LONG), "1.1")
    assert "\n".join(await reader.sees()) == LONG


async def test_nothing_of_the_words_is_kept_in_the_store(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    await telegram.api.fault("slow", "sendMessage")
    await telegram.api.fault("429", "sendMessage")
    with pytest.raises(RateLimited):
        await telegram.platform.send(reader.address, plain(LONG), "1")
    assert "Zeile" not in json.dumps(telegram.store.rows)


async def test_a_surplus_part_too_old_to_delete_says_nothing_any_more(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    ref = await telegram.platform.send(reader.address, plain(LONG), "1")
    await telegram.api.set(ahead=49 * 3600)
    await telegram.platform.edit(reader.address, ref, plain("kurz"), "1.1")
    assert await reader.sees() == ["kurz"] + ["…"] * (len(ref) - 1)


# --- small print ---------------------------------------------------------------------------------------------


async def test_an_answer_stands_under_what_it_answers_also_if_that_is_gone(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    question = await reader.user.types("Wann?")
    await telegram.platform.send(reader.address, Outgoing(plain("Um 3").body, reply_to=(str(question),)), "1")
    await telegram.platform.send(reader.address, Outgoing(plain("Um 4").body, reply_to=("999999",)), "2")
    assert [one.reply_to for one in await reader.user.messages()] == [question, None]


async def test_a_quiet_message_makes_no_sound(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    await telegram.platform.send(reader.address, Outgoing(plain("leise").body, silent=True), "1")
    assert [one.silent for one in await reader.user.messages()] == [True]


async def test_a_link_opens_and_does_not_come_back(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    choices = ((Choice("Karte", "", url="https://example.org/karte"),),)
    await telegram.platform.send(reader.address, Outgoing(plain("Wo?").body, choices=choices), "1")
    assert await reader.user.taps("Karte") == {"url": "https://example.org/karte"}


@pytest.mark.parametrize(("value", "fits"), [("ü" * 32, True), ("ü" * 32 + "x", False), ("", False)])
async def test_a_choice_has_at_most_64_bytes(telegram: TelegramSide, value: str, fits: bool) -> None:
    reader = await telegram.person()
    message = Outgoing(plain("Wo?").body, choices=((Choice("Da", value),),))
    if fits:
        await telegram.platform.send(reader.address, message, "1")
    else:
        with pytest.raises(Rejected):
            await telegram.platform.send(reader.address, message, "1")
    assert await telegram.api.calls("sendMessage") == int(fits)


async def test_what_is_not_for_buttons_is_not_shown(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    message = Outgoing(
        plain("Wo?").body, choices=((Choice("Da", "d"),),), numbers=("1",), notice="Schreib die Zahl."
    )
    await telegram.platform.send(reader.address, message, "1")
    assert await reader.sees() == ["Wo?"]


async def test_menus_are_per_language_and_per_chat(telegram: TelegramSide) -> None:
    reader = await telegram.person()
    await telegram.platform.set_menu("", [("help", "Hilfe")])
    await telegram.platform.set_menu("en", [("help", "Help")])
    await telegram.platform.set_menu("de-simple", [("help", "Einfache Hilfe")])
    await telegram.platform.set_menu("ar", [("help", "مساعدة")], to=reader.address)
    commands = (await telegram.api.state())["commands"]
    assert {place: menu[0]["description"] for place, menu in commands.items()} == {
        "default/": "Hilfe",
        "default/en": "Help",
        f"chat:{reader.address}/": "مساعدة",
    }


async def test_the_start_link_is_known_after_the_login(telegram: TelegramSide) -> None:
    assert telegram.platform.start_link("r_1") == ""
    assert await telegram.platform.check() == "@quartier_test_bot"
    assert telegram.platform.start_link("r_1") == "https://t.me/quartier_test_bot?start=r_1"
    assert telegram.platform.start_link("so nicht") == ""


async def test_a_file_that_is_too_large_is_not_fetched(telegram: TelegramSide) -> None:
    large = Attachment("document", "film.mp4", "video/mp4", 21 * 1024 * 1024, source="FILE1")
    with pytest.raises(Rejected):
        await telegram.platform.fetch(large)
    assert await telegram.api.calls("getFile") == 0


async def test_a_file_that_cannot_be_fetched_now_may_be_fetched_later(telegram: TelegramSide) -> None:
    await telegram.api.fault("502", "getFile")
    with pytest.raises(PlatformDown):
        await telegram.platform.fetch(Attachment("image", source="FILE1"))


async def test_nobody_by_that_address_is_no_crash(telegram: TelegramSide) -> None:
    with pytest.raises(Rejected):
        await telegram.platform.send(Address("501"), Outgoing(()), "1")


# --- paid broadcasts -----------------------------------------------------------------------------------------


async def test_who_pays_is_let_through_beyond_what_is_free(telegram: TelegramSide) -> None:
    paying = Telegram(telegram.api.token, telegram.api.url, telegram.store, telegram.files, pays=True)
    await telegram.api.set(limiter=True, per_second=1)
    messages = [
        plain("Fest"),
        Outgoing(plain("Foto").body, attachments=(PHOTO,)),
        Outgoing(plain("Plan").body, attachments=(PAPER,)),
        Outgoing(plain("Album").body, attachments=(PHOTO, OTHER_PHOTO)),
    ]
    readers = [await telegram.person() for _ in messages]
    for reader, message in zip(readers, messages, strict=True):
        await paying.send(reader.address, message, reader.address)
    await paying.close()
    other = await telegram.person()
    with pytest.raises(RateLimited):
        await telegram.platform.send(other.address, plain("Fest"), "1")
