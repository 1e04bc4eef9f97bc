"""What Telegram tells, in the contract's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.contract import Address, Happened, Inbound
from tests.contract.harness import Inbox, plain, running
from tests.contract.telegram_side import TelegramPerson, TelegramSide

Doing = Callable[[TelegramPerson], Awaitable[object]]


async def _told(telegram: TelegramSide, person: TelegramPerson, *doings: Doing) -> list[Inbound]:
    inbox = Inbox()
    async with running(telegram.platform, inbox):
        for doing in doings:
            await doing(person)
        return await inbox.has(len(doings))


async def test_the_platforms_hint_of_the_language(telegram: TelegramSide) -> None:
    person = await telegram.person(language="ar")
    (event,) = await _told(telegram, person, lambda p: p.types("مرحبا"))
    assert (event.language, event.text) == ("ar", "مرحبا")


async def test_when_it_happened(telegram: TelegramSide) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    (event,) = await _told(telegram, await telegram.person(), lambda p: p.types("jetzt"))
    assert before <= event.at <= datetime.now(UTC)


async def test_an_edit_names_the_message(telegram: TelegramSide) -> None:
    person, inbox = await telegram.person(), Inbox()
    async with running(telegram.platform, inbox):
        message = await person.user.types("Um 3")
        await person.user.edits(message, "Um 4")
        said, edited = await inbox.has(2)
    assert (said.what, edited.what) == (Happened.TEXT, Happened.EDITED)
    assert (edited.text, edited.ref) == ("Um 4", (str(message),))
    assert said.ref == edited.ref
    assert said.event_id != edited.event_id


async def test_an_answer_names_what_it_answers(telegram: TelegramSide) -> None:
    person = await telegram.person()
    ref = await telegram.platform.send(person.address, plain("Morgen ist Fest"), "1")
    (event,) = await _told(telegram, person, lambda p: p.user.types("Wann?", reply_to=int(ref[0])))
    assert event.reply_to == ref


async def test_blocked_and_let_in_again(telegram: TelegramSide) -> None:
    person = await telegram.person()
    gone, back = await _told(telegram, person, lambda p: p.user.blocks(), lambda p: p.user.unblocks())
    assert (gone.what, back.what) == (Happened.BLOCKED, Happened.JOINED)
    assert gone.conversation == back.conversation == person.address


async def test_new_rights_in_a_group_are_neither_coming_nor_going(telegram: TelegramSide) -> None:
    bot = {"id": 4242, "is_bot": True, "first_name": "B"}
    who = {"id": 9, "is_bot": False, "first_name": "A"}
    change = {
        "chat": {"id": -77, "type": "group", "title": "G"},
        "from": who,
        "date": 1_700_000_000,
        "old_chat_member": {"status": "left", "user": bot},
        "new_chat_member": {"status": "member", "user": bot},
    }
    rights = {**change, "old_chat_member": change["new_chat_member"]}
    inbox = Inbox()
    async with running(telegram.platform, inbox):
        await telegram.api.push({"my_chat_member": change})
        await telegram.api.push({"my_chat_member": rights})
        await (await telegram.person()).types("weiter")
        events = await inbox.has(2)
    assert [event.what for event in events] == [Happened.JOINED, Happened.TEXT]
    assert (events[0].conversation, events[0].is_room) == (Address("-77"), True)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("/help@quartier_test_bot", "/help"),
        ("/help@Quartier_Test_Bot jetzt", "/help jetzt"),
        ("/help@other_bot", "/help@other_bot"),
        ("mail an a@quartier_test_bot", "mail an a@quartier_test_bot"),
    ],
)
async def test_in_a_group_a_command_may_name_us(telegram: TelegramSide, typed: str, read: str) -> None:
    await telegram.person()
    group, inbox = await telegram.api.group(-77), Inbox()
    async with running(telegram.platform, inbox):
        await group.types(typed, sender=501)
        (event,) = await inbox.has(1)
    assert (event.text, event.is_room, event.conversation) == (read, True, Address("-77"))


async def test_a_picture_comes_in_its_largest_size(telegram: TelegramSide) -> None:
    person = await telegram.person()
    (event,) = await _told(telegram, person, lambda p: p.user.sends_photo(b"12345", caption="Schau"))
    (picture,) = event.attachments
    assert (event.what, event.text) == (Happened.ATTACHMENT, "Schau")
    assert (picture.kind, picture.mime, picture.size) == ("image", "image/jpeg", 5)
    assert await telegram.platform.fetch(picture) == b"12345"


async def test_a_file_comes_with_name_and_kind(telegram: TelegramSide) -> None:
    person = await telegram.person()
    (event,) = await _told(telegram, person, lambda p: p.user.sends_document(b"%PDF-", name="plan.pdf"))
    (paper,) = event.attachments
    assert (paper.kind, paper.mime, paper.name, paper.size) == ("document", "application/pdf", "plan.pdf", 5)


@pytest.mark.parametrize(
    ("content", "text", "what"),
    [
        ({"sticker": {"file_id": "S", "file_unique_id": "S", "width": 1, "height": 1, "is_animated": False,
                      "is_video": False, "type": "regular", "emoji": "👍"}}, "👍", Happened.TEXT),
        ({"location": {"latitude": 52.1, "longitude": 9.3}}, "", Happened.TEXT),
        ({"voice": {"file_id": "V", "file_unique_id": "V", "duration": 3, "mime_type": "audio/ogg"}}, "",
         Happened.ATTACHMENT),
    ],
)  # fmt: skip
async def test_what_has_no_words_is_told_too(
    telegram: TelegramSide, content: dict[str, object], text: str, what: Happened
) -> None:
    """Silence is never an answer: the house must hear of it to say what it understands."""
    event = await _pushed(telegram, content)
    assert (event.what, event.text) == (what, text)


async def test_coming_and_going_in_a_group_is_not_something_said(telegram: TelegramSide) -> None:
    inbox = Inbox()
    who = {"id": 9, "is_bot": False, "first_name": "A"}
    async with running(telegram.platform, inbox):
        await telegram.api.push({"message": _message({"new_chat_members": [who]})})
        await telegram.api.push({"message": _message({"migrate_to_chat_id": -100})})
        await telegram.api.push({"message": _message({"text": "Hallo"})})
        events = await inbox.has(1)
    assert [event.text for event in events] == ["Hallo"]


async def test_a_tap_on_a_message_too_old_to_be_shown_still_counts(telegram: TelegramSide) -> None:
    chat = {"id": 9, "type": "private", "first_name": "A"}
    old = {"chat": chat, "message_id": 17, "date": 0}
    who = {"id": 9, "is_bot": False, "first_name": "A"}
    tap = {"id": "1", "from": who, "chat_instance": "1", "data": "q:nord", "message": old}
    inbox = Inbox()
    async with running(telegram.platform, inbox):
        await telegram.api.push({"callback_query": tap})
        (event,) = await inbox.has(1)
    assert (event.conversation, event.choice, event.reply_to) == (Address("9"), "q:nord", ("17",))


async def _pushed(telegram: TelegramSide, content: dict[str, object]) -> Inbound:
    inbox = Inbox()
    async with running(telegram.platform, inbox):
        await telegram.api.push({"message": _message(content)})
        (event,) = await inbox.has(1)
    return event


def _message(content: dict[str, object]) -> dict[str, object]:
    chat = {"id": 9, "type": "private", "first_name": "A"}
    who = {"id": 9, "is_bot": False, "first_name": "A"}
    return {"message_id": 5, "date": 1_700_000_000, "chat": chat, "from": who, **content}
