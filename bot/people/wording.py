"""Sentences about people's settings that several dialogues say."""

from __future__ import annotations

from datetime import time

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Rich
from bot.dialogue import Button, Turn
from bot.dialogue.words import normal
from bot.language import M, Msg, Name, Renderer
from bot.people.model import Pace
from bot.people.pace import Habit
from bot.people.service import Settings
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import CityInfo, Quartiere


class PeopleWording:
    """Says settings in words."""

    def __init__(self, quartiere: Quartiere) -> None:
        self._quartiere = quartiere

    async def city(self, session: AsyncSession) -> CityInfo:
        """The loaded city. No platform starts without one."""
        city = await self._quartiere.city(session)
        if city is None:
            raise LookupError("no city is loaded")
        return city

    async def quartier_names(self, session: AsyncSession) -> dict[int, str]:
        """Id and name of each Quartier, in the city's order."""
        return {q.id: q.name for q in await self._quartiere.quartiere(session)}

    async def quartier_in(self, session: AsyncSession, text: str) -> int | None:
        """The one Quartier that is named in a text; None for none or several."""
        said = normal(text)
        named = [id_ for id_, name in (await self.quartier_names(session)).items() if normal(name) in said]
        return named[0] if len(named) == 1 else None

    async def quartier_choices(self, turn: Turn) -> list[list[Button]]:
        """One choice per Quartier, then the whole city, then "I don't know"."""
        names = await self.quartier_names(turn.session)
        rows = [[Button(name, f"join:{id_}")] for id_, name in names.items()]
        city = await self.city(turn.session)
        # Translators: choices after the Quartiere. {city}: the city's name.
        return [
            *rows,
            [Button(M("people.quartier.whole", city=Name(city.name)), f"join:{WHOLE_CITY}")],
            [Button(M("people.quartier.unknown"), "lost:")],
        ]

    def reads(self, render: Renderer, settings: Settings, names: dict[int, str]) -> Rich:
        """Which Quartiere the person reads."""
        if WHOLE_CITY in settings.quartiere:
            # Translators: after subscribing to the whole city.
            return render.rich(M("people.reads.whole"))
        mine = tuple(Name(name) for id_, name in names.items() if id_ in settings.quartiere)
        if not mine:
            # Translators: the person reads no Quartier at present.
            return render.rich(M("people.reads.nothing"))
        # Translators: after subscribing. {quartiere}: one or several names.
        return render.rich(M("people.reads.some", quartiere=mine))

    def habit(self, render: Renderer, habit: Habit) -> Rich:
        """How often, and when never."""
        return render.rich(self.pace(habit)) + self.quiet(render, habit)

    def pace(self, habit: Habit) -> Msg:
        """How often, as a sentence."""
        match habit.pace:
            case Pace.NOW:
                # Translators: the person gets each announcement at once.
                return M("people.pace.is_now")
            case Pace.EVENING:
                # Translators: the person hears once a day. {hour}: a time of day.
                return M("people.pace.is_evening", hour=time(habit.evening_hour))
            case Pace.WEEKLY:
                # Translators: once a week. {weekday}: a weekday's name. {hour}: a time of day.
                return M(
                    "people.pace.is_weekly", weekday=weekday(habit.slot_weekday), hour=time(habit.slot_hour)
                )

    def quiet(self, render: Renderer, habit: Habit) -> Rich:
        """The quiet hours, as a sentence."""
        if habit.quiet_from == habit.quiet_to:
            # Translators: the person has switched the quiet hours off.
            return render.rich(M("people.quiet.is_off"))
        # Translators: nothing is sent in these hours. {start}, {end}: times of day.
        return render.rich(M("people.quiet.is", start=time(habit.quiet_from), end=time(habit.quiet_to)))

    async def help(self, turn: Turn) -> Rich:
        """What the bot can do, a human to talk to, and the emergency numbers."""
        city = await self.city(turn.session)
        # Translators: the answer to HILFE. Always names 110 and 112. {name}, {phone}: a human in the city.
        return turn.render.rich(
            M(
                "people.help",
                name=Name(city.facts.contact.name),
                phone=Name(city.facts.contact.phone),
                city=Name(city.name),
            )
        )

    async def not_understood(self, turn: Turn) -> Rich:
        """We did not get it; here is a human."""
        contact = (await self.city(turn.session)).facts.contact
        # Translators: unknown text; choices follow. {name}, {phone}: a human in the city.
        return turn.render.rich(
            M("people.not_understood", name=Name(contact.name), phone=Name(contact.phone))
        )

    async def privacy(self, turn: Turn) -> Rich:
        """What is stored, in at most five lines, and who answers for it."""
        facts = (await self.city(turn.session)).facts
        contact = facts.privacy or facts.contact
        address = ", ".join(
            part for part in (contact.name, getattr(contact, "address", ""), contact.email) if part
        )
        # Translators: /privacy: at most five short lines. {contact}: who answers for it, with address.
        return turn.render.rich(M("people.privacy", contact=Name(address)))


def weekday(number: int) -> Msg:
    """As a habit."""
    # Translators: on which weekday, as a habit ("freitags"). One message per weekday.
    names = (
        M("people.weekday.0"),
        M("people.weekday.1"),
        M("people.weekday.2"),
        M("people.weekday.3"),
        M("people.weekday.4"),
        M("people.weekday.5"),
        M("people.weekday.6"),
    )
    return names[number]
