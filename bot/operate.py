"""What operators do from the command line, as use cases: load a city, invite, list and revoke roles.

Each may run beside the program: one short write, then it is done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import House, open_house
from bot.clock import SystemClock
from bot.contract import PlatformError
from bot.host import Build
from bot.moderation.audit import latest, line_of, verify
from bot.people.model import Role
from bot.people.roles import CODE_LIFE
from bot.prepare import NotReadyError, opened
from bot.quartiere.cityfile import read
from bot.quartiere.load import LoadReport
from bot.quartiere.model import Organisation, Quartier, Treffpunkt
from bot.quartiere.service import Quartiere
from bot.settings import Settings
from bot.storage.notify import PLACE, tell

log = logging.getLogger(__name__)

LOGIN_PATIENCE = 5.0
"""Seconds to wait for a platform to say who we are there: an invitation works without its link, too."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time code, and links that open the bot with it."""

    code: str
    role: str
    """In words: "staff of KAISERS"."""
    links: tuple[str, ...]
    unreachable: tuple[str, ...]
    """Platforms that didn't answer, so that they have no link here."""


@dataclass(frozen=True, slots=True)
class GrantedRole:
    """One row of the list of roles; people have no names here."""

    number: int
    role: str


async def load_city(settings: Settings, path: Path) -> LoadReport:
    """Apply a city's file. Raises `CityFileError`."""
    file = read(path)
    async with opened(settings) as database, database.write() as session:
        tell(session, PLACE)
        return await Quartiere(SystemClock()).load(session, file)


async def invite(
    settings: Settings,
    role: Role,
    scope: str | None,
    life: timedelta = CODE_LIFE,
    adapters: Mapping[str, Build] | None = None,
) -> Invitation:
    """A new code for `role` at the Treffpunkt or in the Quartier with the slug `scope`. Raises `NotReadyError`."""
    async with open_house(settings, adapters=adapters) as house:
        async with house.database.write() as session:
            scope_id, named = await _scope(house, session, role, scope)
            code = await house.features.roles.invite(session, role, scope_id, life=life)
        unreachable = await _log_in(house)
        links = tuple(house.start_links(f"r_{code}"))
    return Invitation(code, named, links, unreachable)


async def roles(settings: Settings) -> Sequence[GrantedRole]:
    """Every role held, by its number."""
    async with open_house(settings, connect=False) as house, house.database.read() as session:
        names = await _scope_names(house, session)
        held = await house.features.roles.all(session)
    return [
        GrantedRole(each.grant, _in_words(each.role, names[each.role].get(each.scope, "?"))) for each in held
    ]


async def revoke(settings: Settings, number: int) -> bool:
    """Take a role back; False if nobody held it."""
    async with open_house(settings, connect=False) as house, house.database.write() as session:
        return await house.features.roles.revoke(session, number)


@dataclass(frozen=True, slots=True)
class Log:
    """The last steps of moderation, and whether the whole log is as it was written."""

    lines: tuple[str, ...]
    entries: int
    broken_at: int | None


async def audit(settings: Settings, limit: int) -> Log:
    """Check the log of moderation from its first entry to the last, and give the last `limit` ones."""
    async with opened(settings) as database, database.read() as session:
        entries = await latest(session, limit)
        lines = tuple(line_of(entry) for entry in entries)
        verdict = await verify(session)
    return Log(lines, verdict.entries, verdict.broken_at)


async def _scope(house: House, session: AsyncSession, role: Role, slug: str | None) -> tuple[int, str]:
    """Id and words of a scope. Raises `NotReadyError` naming the slugs there are."""
    if role is Role.COORDINATOR:
        return 0, _in_words(role, "")
    quartiere = house.place.quartiere
    places: Sequence[Treffpunkt | Quartier | Organisation]
    match role:
        case Role.STAFF:
            option, places = "--treffpunkt", await quartiere.treffpunkte(session)
        case Role.ORGANISATION:
            option, places = "--organisation", await quartiere.organisations(session)
        case _:
            option, places = "--quartier", await quartiere.quartiere(session)
    found = next((place for place in places if place.slug == slug), None)
    if found is None:
        if not places:
            raise NotReadyError(f"The city's file names nothing that {option} could be. See docs/city.md")
        known = ", ".join(place.slug for place in places)
        raise NotReadyError(f"{option} must be one of: {known}. Example: {option} {places[0].slug}")
    return found.id, _in_words(role, found.name)


async def _scope_names(house: House, session: AsyncSession) -> dict[Role, dict[int, str]]:
    quartiere = house.place.quartiere
    return {
        Role.STAFF: {place.id: place.name for place in await quartiere.treffpunkte(session)},
        Role.MODERATOR: {place.id: place.name for place in await quartiere.quartiere(session)},
        Role.COORDINATOR: {0: ""},
        Role.ORGANISATION: {one.id: one.name for one in await quartiere.organisations(session)},
    }


def _in_words(role: Role, place: str) -> str:
    return f"{role} of {place}" if place else f"{role} of the city"


async def _log_in(house: House) -> tuple[str, ...]:
    """A link needs the name we have on its platform. Returns those that didn't tell it in time."""
    silent = []
    for platform in house.platforms.values():
        try:
            async with asyncio.timeout(LOGIN_PATIENCE):
                await platform.check()
        except (PlatformError, TimeoutError):
            silent.append(platform.name)
        except Exception as fault:
            # An adapter's own fault: the code is made by now, and is worth nothing unless it is told.
            log.exception("%s broke: %s", platform.name, type(fault).__name__)
            silent.append(platform.name)
    return tuple(silent)
