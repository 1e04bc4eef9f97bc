"""/today and /week: what is on, in the chat and as the "what comes next" of a new subscriber."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from bot.agenda.service import Agenda, Entry
from bot.contract import Bullets, Line, Rich, Text
from bot.dialogue import Button, Routes, Turn
from bot.language import M, Msg, Name, Renderer
from bot.language.message import Hours
from bot.people.service import People
from bot.quartiere.model import WHOLE_CITY

AHEAD = 3
"""How many entries a new subscriber is shown."""
WEEK = timedelta(days=6)


class AgendaDialogue:
    """The face of the agenda."""

    def __init__(self, agenda: Agenda, people: People) -> None:
        self._agenda = agenda
        self._people = people

    def register(self, routes: Routes) -> None:
        # Translators: names of the command that says what is on today, comma-separated. / What it does.
        routes.command(
            "today",
            M("agenda.command.today"),
            M("agenda.command.today.about"),
            self.today,
            words=M("common.words.today"),
        )
        # Translators: names of the command that says what is on in the next seven days. / What it does.
        routes.command(
            "week",
            M("agenda.command.week"),
            M("agenda.command.week.about"),
            self.week,
            words=M("common.words.week"),
        )

    async def today(self, turn: Turn, argument: str) -> None:
        """Today, with a way on to the week."""
        day = turn.now.astimezone(turn.render.zone).date()
        quartiere = await self._mine(turn)
        entries = await self._agenda.between(
            turn.session, day, day, quartiere, language=turn.language, zone=turn.render.zone
        )
        # Translators: heading of what is on today. {day}: weekday and date. / Nothing is known for today.
        heading = M("agenda.today", day=day) if entries else M("agenda.today_nothing", day=day)
        # Translators: button: the next seven days.
        turn.say(
            heading,
            listed(turn.render, entries),
            buttons=[[Button(M("agenda.button.week"), "do:week"), Button(M("common.menu"), "menu:")]],
        )

    async def week(self, turn: Turn, argument: str) -> None:
        """Seven days from today, day by day."""
        day = turn.now.astimezone(turn.render.zone).date()
        quartiere = await self._mine(turn)
        entries = await self._agenda.between(
            turn.session, day, day + WEEK, quartiere, language=turn.language, zone=turn.render.zone
        )
        # Translators: heading of the next seven days. / Nothing is known for them.
        heading = M("agenda.week") if entries else M("agenda.week_nothing")
        turn.say(heading, *by_day(turn.render, entries), buttons=[[Button(M("common.menu"), "menu:")]])

    async def upcoming(self, turn: Turn, quartiere: Sequence[int]) -> Rich:
        """The next few entries, each with its day; empty if nothing is known."""
        day = turn.now.astimezone(turn.render.zone).date()
        entries = await self._agenda.between(
            turn.session, day, day + 2 * WEEK, quartiere, language=turn.language, zone=turn.render.zone
        )
        coming = [entry for entry in entries if entry.starts_at > turn.now and not entry.cancelled][:AHEAD]
        if not coming:
            return ()
        # Translators: heading above the next few entries, for somebody who just subscribed.
        lines = tuple(line(turn.render, entry, with_day=True) for entry in coming)
        return (*turn.render.rich(M("agenda.next")), Bullets(lines))

    async def _mine(self, turn: Turn) -> list[int]:
        settings = await self._people.settings(turn.session, turn.person)
        return sorted(settings.quartiere) or [WHOLE_CITY]


def listed(render: Renderer, entries: Sequence[Entry]) -> Rich:
    """Entries of one day, one a line."""
    return (Bullets(tuple(line(render, entry) for entry in entries)),) if entries else ()


def by_day(render: Renderer, entries: Sequence[Entry]) -> list[Rich]:
    """Entries under the heading of their day."""
    parts: list[Rich] = []
    for day, found in groupby(entries, key=lambda entry: entry.starts_at.astimezone(render.zone).date()):
        # Translators: a day as a heading in the list of the week.
        parts += [render.rich(M("agenda.day", day=day)), listed(render, list(found))]
    return parts


def line(render: Renderer, entry: Entry, *, with_day: bool = False) -> Line:
    """One entry as a line: when, what, where, and whether it is cancelled."""
    when = _when(render, entry, with_day=with_day)
    title = entry.sentence or Name(entry.title)
    if entry.cancelled and entry.note:
        # Translators: a cancelled entry with a reason. {when}, {title}, {note}.
        message = M("agenda.line.cancelled_note", when=when, title=title, note=Name(entry.note))
    elif entry.cancelled:
        # Translators: a cancelled entry.
        message = M("agenda.line.cancelled", when=when, title=title)
    elif entry.place:
        # Translators: an entry of the agenda: "15 bis 17 Uhr: Spielecafé, Haydnweg".
        message = M("agenda.line", when=when, title=title, place=Name(entry.place))
    else:
        # Translators: an entry without a place.
        message = M("agenda.line.no_place", when=when, title=title)
    said = render.line(message)
    if (
        entry.language in (render.language.tag, "")
        or entry.language.split("-")[0] == render.language.tag.split("-")[0]
    ):
        return said
    # Translators: added behind a title that is not in the reader's language. {language}: which one it is in.
    return (*said, Text(" "), *render.line(M("agenda.in_language", language=render.name_in(entry.language))))


def _when(render: Renderer, entry: Entry, *, with_day: bool) -> Msg:
    local = entry.starts_at.astimezone(render.zone)
    end = entry.ends_at.astimezone(render.zone).time() if entry.ends_at else None
    if entry.all_day:
        # Translators: something that has a day but no time. {day}.
        return M("agenda.when.day", day=local.date()) if with_day else M("agenda.when.all_day")
    if with_day:
        # Translators: day and time of an entry.
        return M("agenda.when.moment", moment=entry.starts_at)
    # Translators: the hours of an entry.
    return M("agenda.when.hours", hours=Hours(local.time(), end))
