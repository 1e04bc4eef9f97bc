"""A message in parts that broke off in the middle: what is out can be taken back, or completed, and no note stays."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from sqlalchemy import update

from adapters.memory import MemoryPlatform
from bot.contract import Attachment, Outgoing, RateLimited
from bot.delivery.model import Delivery, State, StoredText
from bot.delivery.wire import from_wire, to_wire
from bot.storage import Database
from tests.contract.harness import plain
from tests.contract.telegram_side import TelegramPerson, TelegramSide
from tests.unit.delivery.world import World, message

ITEM = 1
PHOTO = Attachment("image", "fest.jpg", "image/jpeg", 100, media=1)
LONG = "\n".join(f"Zeile {number} mit einigem Text dahinter" for number in range(150))
MESSAGES = [Outgoing(plain("x" * 3000).body, attachments=(PHOTO,)), plain(LONG)]


@pytest.fixture
async def world(telegram: TelegramSide, database: Database) -> World:
    telegram.files.kept = {1: (b"\xff\xd8\xff", "image/jpeg")}
    return await World.make(database, cast("MemoryPlatform", telegram.platform))


@pytest.fixture(params=MESSAGES, ids=["picture", "words"])
async def text(request: pytest.FixtureRequest, world: World, reader: TelegramPerson) -> int:
    """The text of a post that is published and not sent yet."""
    text = await world.publish(ITEM, "x", [reader.address])
    async with world.database.write() as session:
        (await session.get_one(StoredText, text)).body = to_wire(request.param)
    return text


@pytest.fixture
async def reader(telegram: TelegramSide) -> TelegramPerson:
    return await telegram.person()


async def let_the_second_fail(telegram: TelegramSide, world: World, text: int, fault: str) -> Outgoing:
    async with world.database.read() as session:
        message = from_wire((await session.get_one(StoredText, text)).body)
    if not message.attachments:
        await telegram.api.fault("slow", "sendMessage")  # lets the first part through
    await telegram.api.fault(fault, "sendMessage", retry_after=60)
    return message


async def broken_off(world: World) -> Delivery:
    """Deliver until it has failed. What its row says then."""
    async with world.running():
        while not (row := (await world.rows())[0]).ref:
            await asyncio.sleep(0.005)
    return row


def notes(telegram: TelegramSide) -> list[str]:
    """Keys of the store; what it knows of files is no note."""
    return [key for key in telegram.store.rows if not key.startswith("file:")]


@pytest.mark.parametrize(
    ("fault", "state"),
    [("400", "rejected"), ("403", "gone"), ("drop_before", "unsure"), ("429", "pending")],
)
async def test_it_is_taken_back(
    telegram: TelegramSide, world: World, reader: TelegramPerson, text: int, fault: str, state: str
) -> None:
    await let_the_second_fail(telegram, world, text, fault)
    assert (await broken_off(world)).state == state
    assert len(await reader.user.messages()) == 1
    assert notes(telegram) == []
    await telegram.api.calm()
    await world.correct(ITEM, text, None)
    back = ["Willkommen zurück!"] if state == "gone" else []
    for words in back:
        await world.answer(reader.address, words)
    await world.deliver()
    assert await reader.sees() == back
    # Where the second part got lost it may be there: that stays in doubt.
    assert [one.state for one in await world.rows()] == ["unsure" if state == "unsure" else "dropped"]


async def test_it_is_completed_and_no_part_comes_twice(
    telegram: TelegramSide, world: World, reader: TelegramPerson, text: int
) -> None:
    await let_the_second_fail(telegram, world, text, "429")
    before = await broken_off(world)
    await telegram.api.calm()
    await world.deliver()
    seen = await reader.user.messages()
    (row,) = await world.rows()
    assert (row.state, row.held_text) == (State.HELD, text)
    assert [str(one.id) for one in seen] == [one for one in row.ref or () if one.isdecimal()]
    assert len(seen) == 2
    assert before.ref is not None
    assert before.ref[0] == str(seen[0].id)
    assert notes(telegram) == []


async def test_after_a_crash_between_its_parts_it_is_taken_back(
    telegram: TelegramSide, world: World, reader: TelegramPerson, text: int
) -> None:
    (row,) = await world.rows()
    async with world.database.write() as session:
        await session.execute(update(Delivery).values(state=State.SENDING, sending_text=text))
    said = await let_the_second_fail(telegram, world, text, "429")
    with pytest.raises(RateLimited):  # the owner died before it heard so
        await telegram.platform.send(reader.address, said, str(row.id))
    out = await telegram.platform.remains(str(row.id))
    assert out != ()
    assert await telegram.platform.all_remains() == {str(row.id): out}
    assert notes(telegram) != []  # asked as often as need be, until it is stored
    await telegram.api.calm()
    await world.deliver()
    assert [one.state for one in await world.rows()] == ["unsure"]
    assert notes(telegram) == []
    await world.correct(ITEM, text, None)
    await world.deliver()
    assert await reader.sees() == []


async def test_what_was_missed_stays_missed_when_somebody_comes_back(
    telegram: TelegramSide, world: World, reader: TelegramPerson, text: int
) -> None:
    await let_the_second_fail(telegram, world, text, "403")
    await broken_off(world)
    await telegram.api.calm()
    await world.answer(reader.address, "Willkommen zurück!")
    await world.deliver()
    assert len(await reader.user.messages()) == 2
    assert [one.state for one in await world.rows()] == ["gone"]


async def test_an_edit_that_broke_off_goes_on_under_another_key(
    telegram: TelegramSide, world: World, reader: TelegramPerson
) -> None:
    """Each attempt has a key of its own, so what the first sent anew must be known from the row."""
    longest, other = "\n".join([LONG] * 2), await telegram.person()
    await telegram.platform.send(other.address, message(longest), "other")
    old = await world.publish(ITEM, "kurz", [reader.address])
    await world.deliver()
    await world.correct(ITEM, old, longest)
    await telegram.api.fault("slow", "sendMessage")
    await telegram.api.fault("drop_before", "sendMessage")
    await world.deliver()
    assert await reader.sees() == await other.sees()
    assert len(await reader.sees()) > 2
    assert notes(telegram) == []
