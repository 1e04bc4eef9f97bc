"""Messages that are several on Telegram: counted as what they are, also by a server that counts strictly."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from adapters.memory import MemoryPlatform
from adapters.telegram import Telegram
from adapters.telegram.platform import LIMITS
from bot.contract import Attachment, Choice, Outgoing
from bot.delivery.model import StoredText
from bot.delivery.wire import to_wire
from bot.storage import Database
from tests.contract.harness import plain
from tests.contract.telegram_side import TelegramSide
from tests.unit.delivery.world import World

PHOTO = Attachment("image", "fest.jpg", "image/jpeg", 100, media=1)
PAPER = Attachment("document", "plan.pdf", "application/pdf", 100, media=3)
LONG, LONGEST = plain("x" * 3000).body, plain("\n".join(["Zeile mit Text"] * 400)).body
WEITER = ((Choice("Weiter", "w"),),)


@pytest.fixture(autouse=True)
def stored_files(telegram: TelegramSide) -> None:
    telegram.files.kept = {1: (b"\xff\xd8\xff", "image/jpeg"), 3: (b"%PDF-", "application/pdf")}


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (plain("kurz"), 1),
        (Outgoing(LONGEST), 2),
        (Outgoing(plain("Fest").body, attachments=(PHOTO,)), 1),
        (Outgoing(LONG, attachments=(PHOTO,)), 2),
        (Outgoing(plain("Fest").body, attachments=(PHOTO, PHOTO)), 2),
        (Outgoing(plain("Fest").body, attachments=(PHOTO, PHOTO), choices=WEITER), 3),
        (Outgoing((), attachments=(PHOTO, PAPER)), 2),
    ],
)
async def test_a_message_counts_as_what_becomes_of_it(
    telegram: TelegramSide, message: Outgoing, parts: int
) -> None:
    reader = await telegram.person()
    await telegram.platform.send(reader.address, message, "1")
    assert len(await reader.user.messages()) == parts
    assert telegram.platform.parts(message) == parts


async def test_what_can_never_be_sent_counts_as_one(telegram: TelegramSide) -> None:
    assert telegram.platform.parts(Outgoing(())) == 1


@pytest.mark.parametrize("message", [Outgoing(LONGEST), Outgoing(LONG, attachments=(PHOTO,))])
async def test_a_broadcast_in_parts_keeps_a_strict_limit(
    telegram: TelegramSide, database: Database, message: Outgoing
) -> None:
    """The server takes twenty a second and not one more; the account's limit is the same."""
    limits = replace(LIMITS, per_second=20.0)
    platform = Telegram(telegram.api.token, telegram.api.url, telegram.store, telegram.files, limits=limits)
    world = await World.make(database, cast("MemoryPlatform", platform))
    readers = [await telegram.person() for _ in range(24)]
    text = await world.publish(1, "x", [reader.address for reader in readers])
    async with world.database.write() as session:
        (await session.get_one(StoredText, text)).body = to_wire(message)
    await telegram.api.set(limiter=True, per_second=20)
    await world.deliver()
    log = await telegram.api.log()
    assert log["refused"] == []
    assert [len(await reader.user.messages()) for reader in readers] == [2] * len(readers)
    await platform.close()
