"""What every platform must do, whatever it is made of."""

from __future__ import annotations

import io
from datetime import UTC

import pytest
from PIL import Image

from bot.contract import (
    Attachment,
    Bullets,
    Choice,
    Facts,
    Happened,
    Outgoing,
    Paragraph,
    PlatformError,
    RecipientGone,
    Text,
)
from tests.contract.harness import Files, Inbox, Side, plain, running

PDF = b"%PDF-1.4\n%%EOF\n"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return out.getvalue()


NORTH_SOUTH = ((Choice("Nordstadt", "q:nord"),), (Choice("Südstadt", "q:sued"),))


# --- what goes out -------------------------------------------------------------------------------------------


async def test_a_message_arrives_and_has_a_ref(side: Side) -> None:
    reader = await side.person()
    ref = await side.platform.send(reader.address, plain("Guten Morgen"), "1")
    assert await reader.sees() == ["Guten Morgen"]
    assert ref != ()


async def test_messages_stand_in_the_order_they_were_sent(side: Side) -> None:
    reader = await side.person()
    for number in range(5):
        await side.platform.send(reader.address, plain(f"Nummer {number}"), str(number))
    assert await reader.sees() == [f"Nummer {number}" for number in range(5)]


async def test_only_the_recipient_sees_it(side: Side) -> None:
    anna, ben = await side.person(), await side.person()
    await side.platform.send(anna.address, plain("Nur für Anna"), "1")
    assert await ben.sees() == []


async def test_signs_that_mean_something_elsewhere_arrive_as_typed(side: Side) -> None:
    reader = await side.person()
    said = "a < b & c > d \"e\" 'f' &amp; <b>kein Fett</b> *x* _y_ 😀 ﷽"
    await side.platform.send(reader.address, plain(said), "1")
    assert await reader.sees() == [said]


async def test_every_kind_of_block_arrives(side: Side) -> None:
    reader = await side.person()
    body = (
        Paragraph(
            (
                (Text("Herbstfest", bold=True),),
                (Text("mit "), Text("Musik", url="https://example.org/?a=1&b=2")),
            )
        ),
        Facts((((Text("Wann"),), (Text("Samstag"),)), ((Text("Wo"),), (Text("Kaisers"),)))),
        Bullets(((Text("Kuchen"),), (Text("Kaffee"),))),
    )
    await side.platform.send(reader.address, Outgoing(body), "1")
    (seen,) = await reader.sees()
    places = [
        seen.index(word) for word in ("Herbstfest", "Musik", "Wann", "Samstag", "Wo", "Kuchen", "Kaffee")
    ]
    assert places == sorted(places)


async def test_a_long_text_arrives_whole(side: Side) -> None:
    reader = await side.person()
    lines = [f"Zeile {number} 😀 mit etwas Text dahinter" for number in range(400)]
    body = tuple(
        Paragraph(tuple((Text(line),) for line in lines[start : start + 20])) for start in range(0, 400, 20)
    )
    await side.platform.send(reader.address, Outgoing(body), "1")
    assert "\n".join(await reader.sees()).replace("\n\n", "\n").split("\n") == lines


async def test_an_edit_changes_the_copy_in_its_place(side: Side) -> None:
    reader = await side.person()
    ref = await side.platform.send(reader.address, plain("Um 15 Uhr"), "1")
    await side.platform.send(reader.address, plain("Danach"), "2")
    now = await side.platform.edit(reader.address, ref, plain("Um 16 Uhr"), "1.1")
    assert await reader.sees() == ["Um 16 Uhr", "Danach"]
    assert now == ref


async def test_the_same_edit_twice_is_no_failure(side: Side) -> None:
    reader = await side.person()
    ref = await side.platform.send(reader.address, plain("alt"), "1")
    for _ in range(2):
        await side.platform.edit(reader.address, ref, plain("neu"), "1.1")
    assert await reader.sees() == ["neu"]


async def test_an_edit_puts_other_choices_under_it_or_none(side: Side) -> None:
    reader = await side.person()
    ref = await side.platform.send(reader.address, Outgoing(plain("Wo?").body, choices=NORTH_SOUTH), "1")
    other = Outgoing(plain("Wo?").body, choices=((Choice("Weststadt", "q:west"),),))
    await side.platform.edit(reader.address, ref, other, "1.1")
    assert await reader.is_offered() == ["Weststadt"]
    await side.platform.edit(reader.address, ref, plain("Gut."), "1.2")
    assert await reader.is_offered() == []


async def test_a_text_can_be_edited_longer_and_shorter_again(side: Side) -> None:
    reader = await side.person()
    long = "\n".join(f"Zeile {number} mit einigem Text" for number in range(300))
    ref = await side.platform.send(reader.address, plain("kurz"), "1")
    ref = await side.platform.edit(reader.address, ref, plain(long), "1.1")
    assert "\n".join(await reader.sees()) == long
    ref = await side.platform.edit(reader.address, ref, plain("wieder kurz"), "1.2")
    assert await reader.sees() == ["wieder kurz"]
    await side.platform.delete(reader.address, ref, "1.3")
    assert await reader.sees() == []


async def test_a_deleted_copy_is_gone_and_deleting_again_is_no_failure(side: Side) -> None:
    reader = await side.person()
    ref = await side.platform.send(reader.address, plain("weg damit"), "1")
    await side.platform.send(reader.address, plain("bleibt"), "2")
    for _ in range(2):
        await side.platform.delete(reader.address, ref, "1.1")
    assert await reader.sees() == ["bleibt"]


async def test_a_key_arrives_once_where_the_platform_knows_keys(side: Side) -> None:
    reader = await side.person()
    first = await side.platform.send(reader.address, plain("einmal"), "1")
    second = await side.platform.send(reader.address, plain("einmal"), "1")
    once = side.platform.capabilities.idempotent_sends
    assert await reader.sees() == ["einmal"] * (1 if once else 2)
    assert (first == second) == once


async def test_what_was_taken_back_is_given_back_under_another_key(side: Side) -> None:
    reader = await side.person()
    ref = await side.platform.send(reader.address, plain("zurück"), "1")
    await side.platform.delete(reader.address, ref, "1.1")
    again = await side.platform.send(reader.address, plain("zurück"), "1~1")
    assert await reader.sees() == ["zurück"]
    assert again != ref


async def test_nobody_there_is_said_as_gone(side: Side) -> None:
    with pytest.raises(RecipientGone):
        await side.platform.send(side.nobody(), plain("Hallo?"), "1")


async def test_every_failure_is_of_the_one_tree(side: Side) -> None:
    reader = await side.person()
    missing = Attachment("image", "x.jpg", "image/jpeg", 10, media=404)
    try:
        await side.platform.send(reader.address, Outgoing(plain("Bild").body, attachments=(missing,)), "1")
    except PlatformError as error:
        assert not isinstance(error, RecipientGone)  # noqa: PT017 - a platform may also show it without its file


# --- files ---------------------------------------------------------------------------------------------------


async def test_a_picture_and_a_file_arrive_with_their_words(side: Side, files: Files) -> None:
    reader = await side.person()
    files.kept = {1: (picture(), "image/jpeg"), 2: (PDF, "application/pdf")}
    image = Attachment("image", "fest.jpg", "image/jpeg", len(picture()), media=1, alt="Ein grünes Bild")
    paper = Attachment("document", "plan.pdf", "application/pdf", len(PDF), media=2)
    await side.platform.send(reader.address, Outgoing(plain("Das Bild").body, attachments=(image,)), "1")
    await side.platform.send(reader.address, Outgoing(plain("Der Plan").body, attachments=(paper,)), "2")
    await side.platform.send(reader.address, Outgoing(plain("Beides").body, attachments=(paper, image)), "3")
    assert [text for text in await reader.sees() if text] == ["Das Bild", "Der Plan", "Beides"]


async def test_the_words_of_a_picture_can_be_edited_and_all_of_it_deleted(side: Side, files: Files) -> None:
    reader = await side.person()
    files.kept = {1: (picture(), "image/jpeg")}
    image = (Attachment("image", "fest.jpg", "image/jpeg", len(picture()), media=1),)
    ref = await side.platform.send(reader.address, Outgoing(plain("alt").body, attachments=image), "1")
    ref = await side.platform.edit(reader.address, ref, Outgoing(plain("neu").body, attachments=image), "1.1")
    assert await reader.sees() == ["neu"]
    await side.platform.delete(reader.address, ref, "1.2")
    assert await reader.sees() == []


# --- what comes in -------------------------------------------------------------------------------------------


async def test_words_come_in_in_order_with_their_conversation(side: Side) -> None:
    inbox, reader = Inbox(), await side.person()
    async with running(side.platform, inbox):
        for number in range(5):
            await reader.types(f"Wort {number}")
        events = await inbox.has(5)
    assert [event.text for event in events] == [f"Wort {number}" for number in range(5)]
    assert {event.conversation for event in events} == {reader.address}
    assert {event.what for event in events} == {Happened.TEXT}
    assert len({event.event_id for event in events}) == 5
    assert all(event.at.utcoffset() is not None and event.at.astimezone(UTC) for event in events)
    assert not any(event.is_room for event in events)


async def test_a_start_payload_comes_in_unchanged(side: Side) -> None:
    inbox, reader = Inbox(), await side.person()
    async with running(side.platform, inbox):
        await reader.types("/start r_ABC-123_x")
        (event,) = await inbox.has(1)
    assert event.text == "/start r_ABC-123_x"


async def test_a_choice_goes_out_and_comes_back(side: Side) -> None:
    inbox, reader = Inbox(), await side.person()
    question = Outgoing(plain("Wo wohnst du?").body, choices=NORTH_SOUTH, numbers=("1", "2"))
    async with running(side.platform, inbox):
        ref = await side.platform.send(reader.address, question, "1")
        assert await reader.is_offered() == ["Nordstadt", "Südstadt"]
        await reader.taps("Südstadt")
        (event,) = await inbox.has(1)
    if side.platform.capabilities.buttons:
        assert (event.what, event.choice) == (Happened.CHOICE, "q:sued")
        assert set(event.reply_to) <= set(ref)
    else:
        assert (event.what, event.text) == (Happened.TEXT, "2")


async def test_a_file_comes_in_and_can_be_fetched(side: Side) -> None:
    inbox, reader = Inbox(), await side.person()
    async with running(side.platform, inbox):
        await reader.hands_in(picture(), "foto.jpg", "image/jpeg", "Unser Fest")
        (event,) = await inbox.has(1)
        (attachment,) = event.attachments
        content = await fetch(side, attachment)
    assert (event.what, event.text, attachment.kind) == (Happened.ATTACHMENT, "Unser Fest", "image")
    assert content == picture()


async def fetch(side: Side, attachment: Attachment) -> bytes:
    fetching = getattr(side.platform, "fetch", None)
    assert fetching is not None
    content = await fetching(attachment)
    assert isinstance(content, bytes)
    return content


async def test_it_knows_itself(side: Side) -> None:
    assert side.platform.name
    assert await side.platform.check()
    link = side.platform.start_link("r_ABC")
    assert link == "" or "r_ABC" in link
