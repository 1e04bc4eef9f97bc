"""Roles are taken up by a one-time code; the coordinator invites, lists and takes back in the chat."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.people.model import Role
from bot.people.roles import MAX_TRIES
from tests.stories.driver import Neighbour, Town


async def code_shown_to(somebody: Neighbour) -> str:
    text = "\n".join(one.text for one in await somebody.new())
    found = re.search(r"/rolle ([A-Z2-9]{10})", text)
    assert found, text
    return found[1]


async def test_the_coordinator_invites_and_takes_back(town: Town) -> None:
    karin = await town.staff("Karin", role=Role.COORDINATOR)
    await karin.sees("Willkommen! Du bist jetzt dabei: Koordination")
    await karin.says("/einladen")
    await karin.taps("Team eines Treffpunkts")
    await karin.taps("KAISERS")
    code = await code_shown_to(karin)

    petra = await town.resident("Petra")
    await petra.says(f"/rolle {code}")
    await petra.sees("Team KAISERS", "/ansage")

    sven = await town.resident("Sven")
    await sven.says(f"/rolle {code}")
    await sven.sees("Dieser Code stimmt nicht, ist schon benutzt oder zu alt")

    await petra.looks_away()
    await karin.says("/rollen")
    await karin.taps("Nummer 2 zurücknehmen: Team KAISERS")
    await karin.taps("Ja")
    await karin.sees("Zurückgenommen: Team KAISERS")
    await petra.sees("Deine Rolle ist zu Ende: Team KAISERS")


async def test_a_role_by_its_link_on_the_very_first_message(town: Town) -> None:
    if not town.has_buttons:
        return  # a link needs a platform that opens it; and typed numbers carry no code
    async with town.house.database.write() as session:
        code = await town.house.features.roles.invite(session, Role.COORDINATOR, 0)
    karin = await town.newcomer("Karin")
    await karin.says(f"/start r_{code}")
    await karin.taps("Weiter auf Deutsch")
    await karin.sees("Koordination")


async def test_codes_cannot_be_guessed(town: Town) -> None:
    mallory = await town.resident("Mallory")
    for number in range(MAX_TRIES):
        await mallory.says(f"/rolle FALSCH{number}")
        await mallory.sees("Dieser Code stimmt nicht")
    async with town.house.database.write() as session:
        code = await town.house.features.roles.invite(session, Role.COORDINATOR, 0)
    await mallory.says(f"/rolle {code}")
    await mallory.sees("zu viele falsche Codes")
    await town.later(timedelta(minutes=61))
    await mallory.says(f"/rolle {code}")
    await mallory.sees("Koordination")


async def test_who_has_no_role_is_told_so(town: Town) -> None:
    mina = await town.resident("Mina")
    for command in ("/rollen", "/einladen"):
        await mina.says(command)
        await mina.sees("Das kann nur die Koordination")


async def test_codes_expire(town: Town) -> None:
    async with town.house.database.write() as session:
        code = await town.house.features.roles.invite(session, Role.COORDINATOR, 0)
    karin = await town.resident("Karin")
    await town.later(timedelta(days=7, minutes=1))
    await karin.says(f"/rolle {code}")
    await karin.sees("zu alt")
