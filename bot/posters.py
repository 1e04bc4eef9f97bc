"""`quartierbote link`: for each Quartier and messenger the link that begins there, and its code to print on posters."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import segno

from bot.app import LOCAL_PAGE, open_house
from bot.contract import PlatformError
from bot.host import Build
from bot.prepare import NotReadyError
from bot.settings import Settings

LOGIN_PATIENCE = 15.0
"""Seconds to wait for a platform to say who we are there: without its name there is no link."""
QUIET_ZONE = 4
"""Modules of white around the code, as the standard asks for."""
LEAST_PIXELS = 1200
"""10 cm at 300 dots per inch; printed smaller it stays sharp."""
ERROR_CORRECTION = "q"
"""A quarter of the code may be dirty or torn: posters hang outside."""


@dataclass(frozen=True, slots=True)
class Poster:
    """One link."""

    slug: str
    quartier: str
    platform: str
    link: str
    typed: str = ""
    """What one has to write there, because the link can't carry it; print it beside the code."""


@dataclass(frozen=True, slots=True)
class Posters:
    """All links, and why some are missing."""

    links: Sequence[Poster]
    missing: Sequence[str]


async def posters(
    settings: Settings, slug: str | None = None, adapters: Mapping[str, Build] | None = None
) -> Posters:
    """The links of every Quartier, or of one. Raises `NotReadyError` if there are none."""
    async with open_house(settings, adapters=adapters) as house:
        async with house.database.read() as session:
            known = {one.slug: one.name for one in await house.place.quartiere.quartiere(session)}
        if slug is not None and slug not in known:
            raise NotReadyError(
                f"--quartier must be one of: {', '.join(known)}. Example: --quartier {next(iter(known))}"
            )
        links: list[Poster] = []
        missing: list[str] = []
        for platform in house.platforms.values():
            if platform.name == LOCAL_PAGE and not settings.web.public_url:
                missing.append(
                    "web: nobody outside this machine can open its address."
                    " Example: QUARTIERBOTE_WEB__PUBLIC_URL=https://quartier.example.org"
                )
                continue
            try:
                async with asyncio.timeout(LOGIN_PATIENCE):
                    await platform.check()
            except (PlatformError, TimeoutError):
                missing.append(f"{platform.name}: it can't be reached just now.")
                continue
            for each in [slug] if slug else known:
                link = platform.start_link(f"q_{each}")
                plain = "" if link else platform.start_link("")
                if link:
                    links.append(Poster(each, known[each], platform.name, link))
                elif plain:
                    links.append(Poster(each, known[each], platform.name, plain, f"/start q_{each}"))
                else:
                    missing.append(f"{platform.name}, {known[each]}: it has no such links.")
    if not links:
        raise NotReadyError("\n".join(["There is no link to print.", *missing]))
    return Posters(links, missing)


def draw(poster: Poster, folder: Path, formats: Collection[str]) -> list[Path]:
    """The link as a code, in these formats ("png", "svg"). Returns the files."""
    code = segno.make(poster.link, error=ERROR_CORRECTION, micro=False)
    modules = code.symbol_size(border=QUIET_ZONE)[0]
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for kind in sorted(formats):
        file = folder / f"{poster.slug}-{poster.platform}.{kind}"
        if kind == "png":
            code.save(str(file), kind="png", border=QUIET_ZONE, scale=-(-LEAST_PIXELS // modules))
        else:
            # A code without a background would be unreadable on coloured paper.
            code.save(str(file), kind="svg", border=QUIET_ZONE, scale=10, light="white", title=poster.link)
        files.append(file)
    return files
