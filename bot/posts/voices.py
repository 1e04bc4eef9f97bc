"""Who speaks in a post, by name; and the renderer of each reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.language import Languages, Renderer
from bot.posts.announcement import Announcement
from bot.posts.model import Source
from bot.posts.render import Voice
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere


class Voices:
    """Looks names up and makes renderers."""

    def __init__(
        self,
        clock: Clock,
        quartiere: Quartiere,
        languages: Languages,
        zone: Callable[[], ZoneInfo],
        default_language: Callable[[], str],
    ) -> None:
        self._clock = clock
        self._quartiere = quartiere
        self._languages = languages
        self._zone = zone
        self._default = default_language

    async def of(self, session: AsyncSession, announcement: Announcement) -> Voice:
        """Names of the Treffpunkt and of the Quartiere it is for."""
        city = await self._quartiere.city(session)
        if city is None:
            raise LookupError("no city is loaded")
        names = await self.quartier_names(session, announcement.quartiere)
        post = announcement.post
        organisation = ""
        if post.organisation is not None:
            found = await self._quartiere.organisation(session, post.organisation)
            organisation = found.name if found else ""
        place = await self.place(session, announcement.item.treffpunkt)
        return Voice(place, names, city.name, Source(post.source), organisation)

    async def place(self, session: AsyncSession, treffpunkt: int | None) -> str:
        """The Treffpunkt's name; the city's where the city speaks."""
        found = await self._quartiere.treffpunkt(session, treffpunkt) if treffpunkt is not None else None
        if found is not None:
            return found.name
        city = await self._quartiere.city(session)
        return city.name if city else ""

    async def quartier_names(self, session: AsyncSession, quartiere: Sequence[int]) -> tuple[str, ...]:
        """In the city's order; empty for the whole city."""
        if WHOLE_CITY in quartiere:
            return ()
        return tuple(q.name for q in await self._quartiere.quartiere(session) if q.id in quartiere)

    def zone(self) -> ZoneInfo:
        """The city's."""
        return self._zone()

    def render(self, tag: str) -> Renderer:
        """The renderer for a reader; languages we no longer speak are read in the city's first."""
        tag = tag if tag in self._languages else self._default()
        zone = self._zone()
        return self._languages.renderer(tag, zone=zone, today=self._clock.now().astimezone(zone).date())

    def renders(self, tags: Sequence[str]) -> list[Renderer]:
        """One per language, in the reader's order, at least one."""
        return [self.render(tag) for tag in dict.fromkeys(tags)] or [self.render(self._default())]
