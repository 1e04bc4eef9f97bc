"""Somebody wrote what can't be read: they don't wait in vain, and what they were in the middle of stays."""

from __future__ import annotations

from sqlalchemy import select

from bot.contract import Happened
from bot.dialogue import Turn
from bot.dialogue.model import Conversation
from bot.storage import Database
from tests.unit.dialogue.desk import Desk, echo, event

AGAIN = "Deine letzte Nachricht kam verschlüsselt an, und mir fehlt der Schlüssel dazu. Bitte schreib sie noch einmal."


async def asks(turn: Turn) -> None:
    await echo(turn)
    turn.expect("some.step", word=turn.text)


async def test_they_are_asked_to_write_it_again_and_the_open_form_stays(database: Database) -> None:
    desk = await Desk.make(database)
    desk.handler = asks
    await desk.handled(event("1", "mina", "hallo"), event("2", "mina", what=Happened.UNREADABLE))
    assert await desk.said() == {"mina": ["hallo", AGAIN]}
    async with database.read() as session:
        conversation = (await session.execute(select(Conversation))).scalar_one()
    assert (conversation.step, conversation.data) == ("some.step", {"word": "hallo"})


async def test_in_a_room_nothing_is_said(database: Database) -> None:
    desk = await Desk.make(database)
    await desk.handled(event("1", "room", what=Happened.UNREADABLE, is_room=True))
    assert await desk.said() == {}
