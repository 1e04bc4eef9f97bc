"""`quartierbote check`: is everything there that the program needs, one plain line each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from bot.app import House, open_house
from bot.contract import PlatformError
from bot.host import Build
from bot.language import CatalogueError, Languages
from bot.prepare import NotReadyError, opened
from bot.settings import Settings
from bot.storage import schema
from bot.storage.schema import Standing

PATIENCE = 15.0
"""Seconds a platform has to answer."""
SOURCE = "de"

_DUTIES = {
    "imprint": "[imprint], who answers for this",
    "privacy": "[privacy], whom to ask about one's data",
    "rules": "[[rules]], the rules of the house",
}
_STANDINGS = {
    Standing.EMPTY: "has no tables yet. Run: quartierbote migrate",
    Standing.BEHIND: "has the tables of an older version. Make a backup, then: quartierbote migrate",
    Standing.HALF: "holds a backup that was not put back whole. Run quartierbote restore again",
    Standing.AHEAD: "was used by a newer version of Quartierbote. Install that version",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    good: bool
    words: str

    def __str__(self) -> str:
        return f"{'✓ good ' if self.good else '✗ wrong'}  {self.about}: {self.words}"


async def check(settings: Settings, adapters: Mapping[str, Build] | None = None) -> AsyncIterator[Finding]:
    """Look at everything, from the ground up. Changes no table; stops where nothing more can be said."""
    mode = "the demo" if settings.demo else "a city"
    yield Finding(
        "settings",
        good=True,
        words=f"they can be read; this is {mode}, with its page on {settings.web.address}",
    )
    for finding in catalogues():
        yield finding
    ready = True
    async for finding in _database(settings):
        ready = ready and finding.good
        yield finding
    if ready:
        async with open_house(settings, adapters=adapters) as house:
            async for finding in _city(house):
                yield finding
            async for finding in _platforms(house):
                yield finding


def catalogues() -> Iterator[Finding]:
    """Every language has every text."""
    try:
        languages = Languages.load(Languages.find())
    except CatalogueError as error:
        yield Finding("languages", good=False, words=str(error))
        return
    wanted = languages.catalogue(SOURCE).ids()
    gaps = [
        f"{tag} lacks {len(missing)}"
        for tag in languages.tags()
        if (missing := wanted - languages.catalogue(tag).ids())
    ]
    words = (
        f"some texts are missing: {', '.join(gaps)}"
        if gaps
        else f"{', '.join(languages.tags())}, all texts there"
    )
    yield Finding("languages", good=not gaps, words=words)


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    try:
        async with opened(settings) as database:
            standing = await schema.standing(database)
            integrity = await schema.integrity(database)
    except NotReadyError as error:
        yield Finding("database", good=False, words=str(error))
        return
    kind = settings.database_url.get_backend_name()
    if standing is not Standing.CURRENT:
        yield Finding("database", good=False, words=f"{kind} answers, but it {_STANDINGS[standing]}")
    elif integrity != "ok":
        yield Finding("database", good=False, words=f"{kind} is damaged. Restore a backup")
    else:
        yield Finding("database", good=True, words=f"{kind} answers, is up to date and undamaged")


async def _city(house: House) -> AsyncIterator[Finding]:
    if not house.place.is_loaded:
        yield Finding("city", good=False, words="none is loaded. Run: quartierbote city load city.toml")
        return
    city = house.place.city
    sample = (
        " (the sample: copy cities/hameln.toml and make it yours)"
        if city.sample and not house.settings.demo
        else ""
    )
    yield Finding("city", good=True, words=f"{city.name}{sample}")
    missing = await house.place.missing_duties()
    if missing:
        parts = "; ".join(_DUTIES[name] for name in missing)
        yield Finding("duties", good=False, words=f"no messenger starts while the city's file lacks {parts}")
    else:
        yield Finding("duties", good=True, words="imprint, privacy contact and rules are there")


async def _platforms(house: House) -> AsyncIterator[Finding]:
    for platform in house.platforms.values():
        try:
            async with asyncio.timeout(PATIENCE):
                words = await platform.check()
        except PlatformError as error:
            yield Finding(platform.name, good=False, words=str(error) or "it refuses our login")
        except TimeoutError:
            yield Finding(
                platform.name,
                good=False,
                words=f"no answer within {PATIENCE:.0f} s. Is it reachable from here?",
            )
        else:
            yield Finding(platform.name, good=True, words=words)
