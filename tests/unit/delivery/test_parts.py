"""A message that the platform makes several of counts as several."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.memory import MemoryPlatform
from bot.contract import Attachment, Outgoing
from bot.delivery.pace import Pace, Sent
from bot.ports import Splits
from bot.storage import Database
from tests.unit.delivery.world import World, message


class Telling(MemoryPlatform):
    """A messenger that says as how many messages it counts one of ours: here, how many letters it has."""

    def parts(self, message: Outgoing) -> int:
        return len(str(message.body[0].lines[0][0].text))  # type: ignore[union-attr]  # one line of text


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The parts of each message that left."""
    heard: list[int] = []
    spend: Callable[..., Sent] = Pace.spend

    def listening(pace: Pace, now: float, chat: int, *, is_room: bool, parts: int) -> Sent:
        heard.append(parts)
        return spend(pace, now, chat, is_room=is_room, parts=parts)

    monkeypatch.setattr(Pace, "spend", listening)
    return heard


async def test_the_platform_says_what_a_message_counts_as(database: Database, spent: list[int]) -> None:
    platform = Telling()
    assert isinstance(platform, Splits)
    world = await World.make(database, platform)
    text = await world.publish(1, "abc", ["anna"])
    await world.deliver()
    await world.correct(1, text, "ab")
    await world.deliver()
    assert spent == [3, 2]
    assert world.sees("anna") == ["ab"]


async def test_elsewhere_an_album_counts_its_files(world: World, spent: list[int]) -> None:
    files = (Attachment("image", media=1), Attachment("image", media=2))
    chat = await world.chat("anna")
    async with world.database.write() as session:
        await world.outbox.send(session, chat, Outgoing(message("Fest").body, attachments=files))
    await world.answer("ben", "Gern!")
    await world.deliver()
    assert sorted(spent) == [1, 2]
