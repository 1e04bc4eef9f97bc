"""The demo's people: a staff member and a moderator with their roles, on the demo's own database.

The resident's phone starts empty: whoever looks subscribes as a newcomer would. Roles in the page exist only here.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Address, Choice, Outgoing
from bot.delivery.chats import chat_for
from bot.features import Features
from bot.language import M
from bot.people.model import Pace, Role
from bot.place import Place
from bot.storage import Database

STAFF, MODERATOR = Address("demo-staff"), Address("demo-moderator")
STAFF_AT = "kaisers"
"""The Treffpunkt of the suggestions; without it (another city's file) the first one."""


async def seed(database: Database, features: Features, place: Place, lane: int) -> None:
    """Give the demo's two phones their people and roles; again and again without doing it twice."""
    async with database.write() as session:
        places = await place.quartiere.treffpunkte(session)
        mine = next((one for one in places if one.slug == STAFF_AT), places[0])
        everywhere = [quartier.id for quartier in await place.quartiere.quartiere(session)]
        held = {
            STAFF: [(Role.STAFF, mine.id)],
            # The coordinator is the second person whom a severe alert needs.
            MODERATOR: [(Role.COORDINATOR, 0), *((Role.MODERATOR, quartier) for quartier in everywhere)],
        }
        for address, roles in held.items():
            chat = await chat_for(session, lane, address, is_room=False)
            speaker = await features.people.speaker(session, chat.id)
            if speaker is None:
                speaker = await features.people.agree(session, chat.id, place.language())
                await _greet(session, features, chat.id, place)
                await features.people.set_pace(session, speaker.person, Pace.NOW)
                await features.people.subscribe(session, speaker.person, mine.quartier_id)
            for role, scope in roles:
                await features.roles.grant(session, speaker.person, role, scope)


async def _greet(session: AsyncSession, features: Features, chat_id: int, place: Place) -> None:
    """A first message, so that the phone isn't empty and says what can be tried."""
    render = features.languages.renderer(place.language(), zone=place.zone())
    # Translators: the first message on the demo's staff and moderator phones.
    body = render.rich(M("dialogue.demo_hello"))
    choices = (
        (Choice(render.text(M("people.task.announce")), "do:announce"),),
        (Choice(render.text(M("common.menu")), "menu:"),),
    )
    message = Outgoing(body, language=place.language(), choices=choices, numbers=("", ""))
    await features.outbox.send(session, chat_id, message)
