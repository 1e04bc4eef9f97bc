"""The day and the hour of a person's digest: changed by two taps, after the pace was chosen."""

from __future__ import annotations

from datetime import time

from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.language import M
from bot.people.model import Pace
from bot.people.pace import Habit
from bot.people.service import People
from bot.people.wording import PeopleWording, weekday

HOURS = range(8, 21)


def slot_buttons(habit: Habit) -> list[list[Button]]:
    """What can be changed at this pace."""
    # Translators: buttons: choose another weekday, another time of day for the overview.
    day = Button(M("people.slot.button.day"), "slot:day")
    hour = Button(M("people.slot.button.hour"), "slot:hour")
    if habit.pace is Pace.NOW:
        return []
    return [[day, hour]] if habit.pace is Pace.WEEKLY else [[hour]]


class SlotDialogue:
    """Asks for day and hour."""

    def __init__(self, people: People, wording: PeopleWording) -> None:
        self._people = people
        self._wording = wording

    def register(self, routes: Routes) -> None:
        routes.action("slot", self.slot)

    async def slot(self, turn: Turn, argument: str) -> None:
        """ "day" and "hour" ask; "d4" and "h17" choose."""
        number = number_in(argument[1:])
        if argument[:1] == "d" and number in range(7):
            await self._people.set_slot(turn.session, turn.person, weekday=number)
        elif argument[:1] == "h" and number in range(24):
            await self._people.set_slot(turn.session, turn.person, hour=number)
        else:
            self._ask(turn, argument)
            return
        habit = (await self._people.settings(turn.session, turn.person)).habit
        turn.say(
            M("people.pace.saved"),
            self._wording.pace(habit),
            buttons=[*slot_buttons(habit), [Button(M("common.menu"), "menu:")]],
        )

    def _ask(self, turn: Turn, argument: str) -> None:
        if argument == "day":
            # Translators: asks for the weekday of the weekly overview; the weekdays follow as choices.
            turn.say(
                M("people.slot.which_day"),
                buttons=[[Button(weekday(day), f"slot:d{day}")] for day in range(7)],
            )
            return
        # Translators: asks for the hour of the overview; hours follow as choices. / One of them: keep the placeholder.
        hours = [Button(M("people.slot.hour", hour=time(hour)), f"slot:h{hour}") for hour in HOURS]
        turn.say(
            M("people.slot.which_hour"),
            buttons=[hours[start : start + 3] for start in range(0, len(hours), 3)],
        )
