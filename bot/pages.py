"""The public pages' content: what anyone may read without an account, rendered for a language. No markup of a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.agenda.dialogue import by_day, listed
from bot.agenda.service import Agenda
from bot.clock import Clock
from bot.contract import Rich
from bot.fixed_pages import fixed_page
from bot.host import Page, Section
from bot.language import Languages, M, Msg, Name, Renderer
from bot.place import Place
from bot.quartiere.model import WHOLE_CITY, Quartier
from bot.quartiere.notices import sample_notice
from bot.quartiere.render import texts_rich, treffpunkt_rich
from bot.quartiere.texts import Texts
from bot.storage import Database

AHEAD = timedelta(days=6)

Announced = Callable[[AsyncSession, Sequence[int], Renderer], Awaitable[Sequence[Section]]]
"""The announcements that readers of these Quartiere may still need, newest first."""


class Pages:
    """Implements `contract.PublicPages`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        languages: Languages,
        place: Place,
        agenda: Agenda,
        announced: Announced,
    ) -> None:
        self._database = database
        self._clock = clock
        self._languages = languages
        self._place = place
        self._agenda = agenda
        self._announced = announced

    async def city(self, language: str) -> Page:
        """What is on and what was announced in the whole city."""
        async with self._database.read() as session:
            render = self._render(language)
            # Translators: title of the start page. {city}: the city's name. / What this is, in one or two sentences.
            title = M("pages.city.title", city=Name(self._place.city.name))
            intro = render.rich(M("pages.city.intro"))
            return await self._page(session, render, [WHOLE_CITY], render.text(title), intro)

    async def quartier(self, slug: str, language: str) -> Page | None:
        """The same of one Quartier; None if there is no such one."""
        async with self._database.read() as session:
            quartier = await self._place.quartiere.by_slug(session, slug)
            if quartier is None:
                return None
            render = self._render(language)
            intro = texts_rich(render, Texts(quartier.texts, self._place.language()))
            return await self._page(session, render, [quartier.id], quartier.name, intro, places=quartier)

    async def fixed(self, name: str, language: str) -> Page | None:
        """Imprint, privacy, rules, accessibility; None for another name."""
        return fixed_page(name, self._render(language), self._place.city)

    async def quartiere(self) -> Sequence[tuple[str, str]]:
        async with self._database.read() as session:
            return [(q.slug, q.name) for q in await self._place.quartiere.quartiere(session)]

    def languages(self) -> Sequence[tuple[str, str, bool]]:
        """The city's languages that the program can speak, in the city's order."""
        spoken = [tag for tag in self._place.city.languages if tag in self._languages] or list(
            self._languages.tags()
        )
        return [(tag, self._languages[tag].own_name, self._languages[tag].rtl) for tag in spoken]

    def text(self, language: str, key: str, **values: str) -> str:
        return self._render(language).text(Msg(key, {name: Name(value) for name, value in values.items()}))

    def moment(self, language: str, at: datetime, *, brief: bool = False) -> str:
        render = self._render(language)
        local = at.astimezone(self._place.zone())
        return render.clock(local.time()) if brief and local.date() == render.today else render.moment(at)

    async def _page(
        self,
        session: AsyncSession,
        render: Renderer,
        quartiere: Sequence[int],
        title: str,
        intro: Rich,
        places: Quartier | None = None,
    ) -> Page:
        today = self._clock.now().astimezone(render.zone).date()
        entries = await self._agenda.between(
            session, today, today + AHEAD, quartiere, language=render.language.tag, zone=render.zone
        )
        now = [entry for entry in entries if entry.starts_at.astimezone(render.zone).date() == today]
        later = [entry for entry in entries if entry not in now]
        # Translators: headings of the page: today, the next days, what was announced, where neighbours meet.
        headings = (
            M("pages.heading.today", day=today),
            M("pages.heading.later"),
            M("pages.heading.announced"),
        )
        on_today, on_later, told = (render.text(heading) for heading in headings)
        parts = [
            (on_today, (Section("today", listed(render, now)),) if now else ()),
            (told, tuple(await self._announced(session, quartiere, render))),
            (
                on_later,
                (Section("week", tuple(block for part in by_day(render, later) for block in part)),)
                if later
                else (),
            ),
        ]
        if places is not None:
            met = M("pages.heading.places")
            parts.append((render.text(met), tuple(await self._places(session, render, places))))
        # Translators: stands under a heading that has nothing: today, the next days, announcements.
        missing = (M("pages.empty.today"), M("pages.empty.later"), M("pages.empty.announced"))
        nothing = [render.text(message) for message in missing]
        return Page(
            title=title,
            language=render.language.tag,
            rtl=render.language.rtl,
            intro=(*intro, *sample_notice(render, self._place.city)),
            parts=tuple(parts),
            empty={on_today: nothing[0], on_later: nothing[1], told: nothing[2]},
        )

    async def _places(self, session: AsyncSession, render: Renderer, quartier: Quartier) -> list[Section]:
        first = self._place.language()
        return [
            Section(f"place-{place.slug}", treffpunkt_rich(render, place, first))
            for place in await self._place.quartiere.treffpunkte(session, quartier.id)
        ]

    def _render(self, language: str) -> Renderer:
        tag = language if language in self._languages else self._place.language()
        today = self._clock.now().astimezone(self._place.zone()).date()
        return self._languages.renderer(tag, zone=self._place.zone(), today=today)
