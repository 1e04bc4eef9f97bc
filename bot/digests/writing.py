"""Writes one digest: grouped, short, cut to what fits, with a way to the rest and a phone number at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.agenda.dialogue import by_day
from bot.agenda.service import Agenda, Entry
from bot.contract import Choice, Outgoing, Rich
from bot.digests.assemble import Sort, Wanted
from bot.digests.lines import Lines, grouped, in_order, label
from bot.language import M, Msg, N, Name, Renderer, join, plain
from bot.language.common import pair_of
from bot.language.message import Url
from bot.people.model import Pace
from bot.posts.announcement import Announcement
from bot.posts.voices import Voices
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere

LONGEST = 3500
"""Characters; fits every platform."""
ITEMS_SHOWN, PLAN_SHOWN = 12, 14
OPENED = 6
"""How many items have a choice to read them in full."""
WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Contact:
    """A human to ask."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Run:
    """What is looked up and worded once in a run, whoever it is for."""

    places: dict[int | None, str] = field(default_factory=dict)
    contacts: dict[frozenset[int], Contact | None] = field(default_factory=dict)
    links: dict[frozenset[int], str] = field(default_factory=dict)
    plans: dict[tuple[frozenset[int], datetime, str], list[Entry]] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)


class Writer:
    """Writes digests. `public_url`: of the page, or empty. One writer lives as long as the program."""

    def __init__(
        self, agenda: Agenda, quartiere: Quartiere, voices: Voices, public_url: Callable[[], str]
    ) -> None:
        self._agenda = agenda
        self._quartiere = quartiere
        self._voices = voices
        self._public_url = public_url

    async def has_plan(self, session: AsyncSession, quartiere: frozenset[int], at: datetime) -> bool:
        """Whether any offer is in these Quartiere in the week that begins at `at`."""
        return bool(await self._plan(session, quartiere, at, "de"))

    async def write(self, session: AsyncSession, wanted: Wanted, number: int, run: Run) -> Outgoing:
        """The message. `number`: what typed choices begin with."""
        places = {post.id: await self._place(session, post.item.treffpunkt, run) for post in wanted.posts}
        contact, link = await self._around(session, wanted.quartiere, run)
        renders = [self._on(render, wanted.at) for render in self._voices.renders(wanted.languages)]
        plans: list[Sequence[Entry]] = [()] * len(renders)
        if wanted.sort is Sort.WEEKLY:
            plans = [await self._week(session, wanted, render.language.tag, run) for render in renders]
        items, lines = ITEMS_SHOWN // len(renders) + 2 * (len(renders) > 1), PLAN_SHOWN // len(renders)
        while True:
            body = join(
                *(
                    _part(render, wanted, places, plan, contact, link, items, lines, run.lines)
                    for render, plan in zip(renders, plans, strict=True)
                )
            )
            if len(plain(body)) <= LONGEST or (items <= 1 and lines <= 1):
                break
            items, lines = (items, lines - 2) if lines > 2 else (max(1, items - 1), 1)
        return self._message(renders[0], wanted, body, number, items)

    def _message(self, render: Renderer, wanted: Wanted, body: Rich, number: int, shown: int) -> Outgoing:
        rows: list[tuple[Choice, ...]] = [
            (Choice(label(render, post), f"digest.open:{post.id}"),)
            for post in _in_order(render, wanted)[: min(OPENED, shown)]
        ]
        paces = tuple(
            Choice(render.text(said), f"pace:{pace.value}")
            for pace, said in _PACES.items()
            if pace != wanted.pace
        )
        rows.append(paces)
        # Translators: button below a digest: everything of the next seven days.
        rows.append((Choice(render.text(M("digests.button.all")), "do:week"),))
        count = sum(map(len, rows))
        return Outgoing(
            body=body,
            language=render.language.tag,
            rtl=render.language.rtl,
            choices=tuple(rows),
            numbers=tuple(f"{number} {place}" for place in range(1, count + 1)),
            notice=render.text(pair_of(number)),
        )

    async def _place(self, session: AsyncSession, treffpunkt: int | None, run: Run) -> str:
        if treffpunkt not in run.places:
            run.places[treffpunkt] = await self._voices.place(session, treffpunkt)
        return run.places[treffpunkt]

    async def _around(
        self, session: AsyncSession, quartiere: frozenset[int], run: Run
    ) -> tuple[Contact | None, str]:
        """Whom to ask and where all of it stands, for those who read these Quartiere."""
        if quartiere not in run.links:
            run.contacts[quartiere] = await self._contact(session, quartiere)
            run.links[quartiere] = await self._link(session, quartiere)
        return run.contacts[quartiere], run.links[quartiere]

    async def _week(self, session: AsyncSession, wanted: Wanted, language: str, run: Run) -> Sequence[Entry]:
        key = (wanted.quartiere, wanted.at, language)
        if key not in run.plans:
            run.plans[key] = await self._plan(session, *key)
        return run.plans[key]

    async def _plan(
        self, session: AsyncSession, quartiere: frozenset[int], at: datetime, language: str
    ) -> list[Entry]:
        """The offers of the coming week; announcements are told by themselves."""
        zone = self._voices.render(language).zone
        day = at.astimezone(zone).date()
        entries = await self._agenda.between(
            session, day, day + WEEK, quartiere, language=language, zone=zone
        )
        return [entry for entry in entries if entry.item is None and entry.starts_at > at]

    async def _contact(self, session: AsyncSession, quartiere: frozenset[int]) -> Contact | None:
        """The Treffpunkt of the reader's one Quartier, or the city's."""
        if len(quartiere) == 1 and WHOLE_CITY not in quartiere:
            for place in await self._quartiere.treffpunkte(session, next(iter(quartiere))):
                if place.phone:
                    return Contact(place.name, place.phone)
        city = await self._quartiere.city(session)
        if city is None or not city.facts.contact.phone:
            return None
        return Contact(city.facts.contact.name, city.facts.contact.phone)

    async def _link(self, session: AsyncSession, quartiere: frozenset[int]) -> str:
        url = self._public_url()
        if not url or len(quartiere) != 1 or WHOLE_CITY in quartiere:
            return url
        found = await self._quartiere.quartier(session, next(iter(quartiere)))
        return f"{url}/q/{found.slug}" if found else url

    @staticmethod
    def _on(render: Renderer, at: datetime) -> Renderer:
        """The day on which it arrives is its today."""
        render.today = at.astimezone(render.zone).date()
        return render


def _part(
    render: Renderer, wanted: Wanted, places: dict[int, str], plan: Sequence[Entry], contact: Contact | None,
    link: str, items: int, lines: int, said: Lines,
) -> Rich:  # fmt: skip
    """Everything in one language."""
    shown = _in_order(render, wanted)[:items]
    left = len(wanted.items) - len(shown)
    parts = [render.rich(_heading(wanted)), *grouped(render, shown, places, wanted.at, said)]
    if plan:
        # Translators: in the weekly digest: heading above the weekly offers of the coming seven days.
        parts += [render.rich(M("digests.plan")), *by_day(render, plan[:lines])]
        left += len(plan) - len(plan[:lines])
    if left:
        # Translators: in a digest: {n} more things are not listed here.
        parts.append(render.rich(N("digests.more", left)))
    if link:
        # Translators: in a digest: where all of it stands. {link}: a web address.
        parts.append(render.rich(M("digests.all", link=Url(link))))
    elif left:
        # Translators: the same where there is no web page: the command that lists the next seven days.
        parts.append(render.rich(M("digests.all_here")))
    if contact:
        # Translators: the last line of a digest: a human to ask. {name}: the Treffpunkt or the city's contact.
        parts.append(render.rich(M("digests.contact", name=Name(contact.name), phone=Name(contact.phone))))
    return join(*parts)


def _heading(wanted: Wanted) -> Msg:
    # Translators: first lines of the three sorts of digests, bold: every evening; once a week; in between, because it
    # takes place soon.
    return {
        Sort.EVENING: M("digests.heading.evening"),
        Sort.WEEKLY: M("digests.heading.weekly"),
        Sort.EXTRA: M("digests.heading.extra"),
    }[wanted.sort]


def _in_order(render: Renderer, wanted: Wanted) -> list[Announcement]:
    return in_order(render, wanted.posts, wanted.at)


_PACES = {
    Pace.NOW: M("people.pace.now"),
    Pace.EVENING: M("people.pace.evening"),
    Pace.WEEKLY: M("people.pace.weekly"),
}
