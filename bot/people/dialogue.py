"""The face of people's settings in the chat: menu, Quartiere, language, pace, quiet hours, stop, help."""

from __future__ import annotations

from datetime import time

from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.dialogue.words import chosen, normal
from bot.language import M, Name
from bot.people.model import Pace
from bot.people.service import People
from bot.people.slots import slot_buttons
from bot.people.tasks import Tasks
from bot.people.welcome import Welcome
from bot.people.wording import PeopleWording
from bot.quartiere.model import WHOLE_CITY

QUIET_OFFERS = ((20, 8), (21, 7), (22, 9))
"""Quiet hours to tap; others can be typed ("19-9")."""


class PeopleDialogue:
    """Registers the commands every resident has."""

    def __init__(self, people: People, welcome: Welcome, wording: PeopleWording, tasks: Tasks) -> None:
        self._people = people
        self._tasks = tasks
        self._welcome = welcome
        self._wording = wording

    def register(self, routes: Routes) -> None:
        # Translators: names of the command, comma-separated, your language's own first. / What it does, for the menu.
        routes.command("start", M("people.command.start"), M("people.command.start.about"), self.start)
        # Translators: names of the help command. / What it does.
        routes.command(
            "help",
            M("people.command.help"),
            M("people.command.help.about"),
            self.help,
            words=M("common.words.help"),
        )
        # Translators: names of the menu command. / What it does.
        routes.command(
            "menu",
            M("people.command.menu"),
            M("people.command.menu.about"),
            self.menu,
            words=M("common.words.menu"),
        )
        # Translators: names of the language command. / What it does.
        routes.command(
            "language", M("people.command.language"), M("people.command.language.about"), self.ask_language
        )
        # Translators: names of the Quartier command. / What it does.
        routes.command(
            "quartier", M("people.command.quartier"), M("people.command.quartier.about"), self.quartiere
        )
        # Translators: names of the pace command (how often). / What it does.
        routes.command("pace", M("people.command.pace"), M("people.command.pace.about"), self.ask_pace)
        # Translators: names of the command for quiet hours. / What it does.
        routes.command("quiet", M("people.command.quiet"), M("people.command.quiet.about"), self.ask_quiet)
        # Translators: names of the command that ends all messages. / What it does.
        routes.command(
            "stop",
            M("people.command.stop"),
            M("people.command.stop.about"),
            self.stop,
            words=M("common.words.stop"),
        )
        # Translators: names of the command that leaves a form. / What it does.
        routes.command(
            "cancel",
            M("people.command.cancel"),
            M("people.command.cancel.about"),
            self.cancel,
            in_menu=False,
            words=M("people.command.cancel"),
        )
        # Translators: names of the command that goes back a step. / What it does.
        routes.command(
            "back",
            M("people.command.back"),
            M("people.command.back.about"),
            self.menu,
            in_menu=False,
            words=M("common.words.back"),
        )
        self._routes = routes
        routes.action("menu", self.open)
        routes.action("do", self.do)
        routes.action("language", self.set_language)
        routes.action("leave", self.leave_quartier)
        routes.action("pace", self.set_pace)
        routes.action("quiet", self.set_quiet)
        routes.form("people.quiet", self.typed_quiet, back=self.back_to_menu)
        routes.left_form = self.left_form
        routes.unknown = self.unknown
        routes.joined.append(self.joined)
        routes.gone.append(self.gone)

    async def start(self, turn: Turn, payload: str) -> None:
        """/start of somebody we know: a link's payload, or welcome back."""
        if payload.startswith(("q_", "r_")):
            await self._welcome.arrive(turn, payload)
            return
        settings = await self._people.settings(turn.session, turn.person)
        if not settings.quartiere:
            await self._welcome.arrive(turn, "")
            return
        await self._people.resume(turn.session, turn.person)
        names = await self._wording.quartier_names(turn.session)
        # Translators: a person who was here before comes back.
        turn.say(
            M("people.welcome_back"),
            self._wording.reads(turn.render, settings, names),
            self._wording.habit(turn.render, settings.habit),
            buttons=await self._menu_buttons(turn),
        )

    async def menu(self, turn: Turn, argument: str) -> None:
        # Translators: heading of the menu.
        turn.say(M("people.menu"), buttons=await self._menu_buttons(turn))

    async def open(self, turn: Turn, argument: str) -> None:
        """A choice of the menu."""
        turn.leave()
        pages = {
            "quartier": self.quartiere,
            "language": self.ask_language,
            "pace": self.ask_pace,
            "quiet": self.ask_quiet,
            "stop": self.stop,
            "help": self.help,
        }
        await pages.get(argument, self.menu)(turn, "")

    async def do(self, turn: Turn, argument: str) -> None:
        """A button that means a command of whatever feature: "do:today"."""
        command = self._routes.command_named(argument)
        if command is None:
            await self.unknown(turn)
            return
        turn.leave()
        await command.handler(turn, "")

    async def help(self, turn: Turn, argument: str) -> None:
        turn.say(
            await self._wording.help(turn),
            buttons=[*await self._tasks.buttons(turn), [Button(M("common.menu"), "menu:")]],
        )

    async def ask_language(self, turn: Turn, argument: str) -> None:
        wanted = turn.languages.match(argument) if argument else None
        if wanted:
            await self.set_language(turn, wanted)
            return
        # Translators: asks for the language; the choices are the languages' own names.
        turn.say(
            M("people.language.which"),
            buttons=[
                [Button(turn.languages[tag].own_name, f"language:{tag}")] for tag in turn.languages.tags()
            ],
        )

    async def set_language(self, turn: Turn, tag: str) -> None:
        """Switch; offer to add the language spoken before as a second one."""
        first, _, second = tag.partition(":")
        if first not in turn.languages.tags() or (second and second not in turn.languages.tags()):
            await self.ask_language(turn, "")
            return
        before = turn.language
        await self._people.speak(turn.session, turn.person, first, second=second or None)
        turn.speak(first)
        own_name = Name(turn.languages[first].own_name)
        if second:
            # Translators: from now on announcements come in two languages.
            turn.say(M("people.language.two", first=own_name, second=Name(turn.languages[second].own_name)))
            return
        buttons = [[Button(M("common.menu"), "menu:")]]
        if before != first:
            both = Name(turn.languages[before].own_name)
            # Translators: button: show announcements in both languages. {language}: the other one's own name.
            buttons.insert(
                0, [Button(M("people.language.also", language=both), f"language:{first}:{before}")]
            )
        # Translators: the language is changed.
        turn.say(M("people.language.saved", language=own_name), buttons=buttons)

    async def quartiere(self, turn: Turn, argument: str) -> None:
        """What the person reads, to add and to leave. `argument`: a Quartier's name, to add at once."""
        wanted = await self._wording.quartier_in(turn.session, argument) if argument else None
        if wanted is not None:
            await self._welcome.join(turn, str(wanted))
            return
        names = await self._wording.quartier_names(turn.session)
        settings = await self._people.settings(turn.session, turn.person)
        rows = []
        for id_, name in {**names, WHOLE_CITY: ""}.items():
            if id_ in settings.quartiere:
                # Translators: button: no longer read a Quartier, or the whole city.
                label = (
                    M("people.quartier.leave", quartier=Name(name))
                    if id_
                    else M("people.quartier.leave_whole")
                )
                rows.append([Button(label, f"leave:{id_}")])
            else:
                # Translators: button: also read a Quartier, or the whole city.
                label = (
                    M("people.quartier.add", quartier=Name(name)) if id_ else M("people.quartier.add_whole")
                )
                rows.append([Button(label, f"join:{id_}")])
        rows.append([Button(M("people.quartier.unknown"), "lost:"), Button(M("common.menu"), "menu:")])
        turn.say(self._wording.reads(turn.render, settings, names), buttons=rows)

    async def leave_quartier(self, turn: Turn, argument: str) -> None:
        quartier = number_in(argument)
        if quartier is not None:
            await self._people.unsubscribe(turn.session, turn.person, quartier)
        await self.quartiere(turn, "")

    async def ask_pace(self, turn: Turn, argument: str) -> None:
        offers = [[pace.value, turn.render.text(label), pace.value] for pace, label in _PACES.items()]
        wanted = chosen(argument, offers) if argument else None
        if wanted is not None:
            await self.set_pace(turn, wanted)
            return
        settings = await self._people.settings(turn.session, turn.person)
        # Translators: how often do you want to hear from me? The choices follow.
        turn.say(
            self._wording.pace(settings.habit),
            M("people.pace.which"),
            buttons=[
                *([Button(label, f"pace:{pace}")] for pace, label in _PACES.items()),
                *slot_buttons(settings.habit),
            ],
        )

    async def set_pace(self, turn: Turn, argument: str) -> None:
        if argument not in tuple(Pace):
            await self.ask_pace(turn, "")
            return
        await self._people.set_pace(turn.session, turn.person, Pace(argument))
        settings = await self._people.settings(turn.session, turn.person)
        # Translators: the choice is saved; the sentence on how often follows.
        turn.say(
            M("people.pace.saved"),
            self._wording.pace(settings.habit),
            buttons=[
                *slot_buttons(settings.habit),
                [Button(M("people.button.quiet"), "menu:quiet"), Button(M("common.menu"), "menu:")],
            ],
        )

    async def ask_quiet(self, turn: Turn, argument: str) -> None:
        if argument:
            await self.set_quiet(turn, normal(argument))
            return
        settings = await self._people.settings(turn.session, turn.person)
        turn.expect("people.quiet")
        # Translators: a choice of quiet hours. {start}, {end}: times of day.
        offers = [
            [Button(M("people.quiet.offer", start=time(start), end=time(end)), f"quiet:{start}-{end}")]
            for start, end in QUIET_OFFERS
        ]
        # Translators: asks for quiet hours; "19-9" may be typed. / Button: no quiet hours.
        turn.say(
            self._wording.quiet(turn.render, settings.habit),
            M("people.quiet.which"),
            buttons=[*offers, [Button(M("people.quiet.never"), "quiet:0-0")]],
        )

    async def typed_quiet(self, turn: Turn) -> None:
        await self.set_quiet(turn, normal(turn.text))

    async def set_quiet(self, turn: Turn, argument: str) -> None:
        hours = [part.strip() for part in argument.replace("–", "-").split("-")]
        start, end = (number_in(hour) for hour in hours) if len(hours) == 2 else (None, None)
        if start is None or end is None or max(start, end) > 23:
            turn.expect("people.quiet")
            # Translators: the hours could not be read; says how to write them.
            turn.say(M("people.quiet.unreadable"))
            return
        await self._people.set_quiet(turn.session, turn.person, start, end)
        turn.leave()
        settings = await self._people.settings(turn.session, turn.person)
        turn.say(
            self._wording.quiet(turn.render, settings.habit), buttons=[[Button(M("common.menu"), "menu:")]]
        )

    async def stop(self, turn: Turn, argument: str) -> None:
        await self._people.stop(turn.session, turn.person)
        # Translators: the person wrote STOPP: nothing more will come; coming back is easy; offers to erase all.
        turn.say(
            M("people.stopped"),
            buttons=[[Button(M("people.button.erase"), "erase-yes:"), Button(M("common.no"), "keep:")]],
        )

    async def cancel(self, turn: Turn, argument: str) -> None:
        # Translators: /cancel while no form is open.
        turn.say(M("people.nothing_to_cancel"), buttons=await self._menu_buttons(turn))

    async def left_form(self, turn: Turn) -> None:
        # Translators: a form was left; nothing was sent.
        turn.say(M("people.left_form"), buttons=[[Button(M("common.menu"), "menu:")]])

    async def back_to_menu(self, turn: Turn) -> None:
        turn.leave()
        await self.menu(turn, "")

    async def unknown(self, turn: Turn) -> None:
        """What nobody understood: a friendly way on, with a human to talk to."""
        # Translators: somebody sent a photo or file that nobody asked for; stands above the way on.
        no_file = (M("people.no_file"),) if turn.event.attachments else ()
        turn.say(
            *no_file,
            await self._wording.not_understood(turn),
            buttons=[
                [Button(M("people.button.today"), "do:today"), Button(M("people.button.settings"), "menu:")],
                [Button(M("people.button.help"), "menu:help")],
            ],
        )

    async def joined(self, turn: Turn) -> None:
        """The chat was opened (again). Whoever was blocked out reads again, without a word."""
        await self._people.reachable(turn.session, turn.chat_id)

    async def gone(self, turn: Turn) -> None:
        """Blocked: nothing more goes there until it is opened again."""
        await self._people.unreachable(turn.session, turn.chat_id)

    async def _menu_buttons(self, turn: Turn) -> list[list[Button]]:
        # Translators: the menu's buttons, short words each.
        return [
            *await self._tasks.buttons(turn),
            [Button(M("people.button.today"), "do:today"), Button(M("people.button.week"), "do:week")],
            # Translators: button for everybody: propose a post to the neighbours.
            [Button(M("people.task.suggest"), "do:suggest")],
            [
                Button(M("people.button.quartiere"), "menu:quartier"),
                Button(M("people.button.pace"), "menu:pace"),
            ],
            [
                Button(M("people.button.language"), "menu:language"),
                Button(M("people.button.quiet"), "menu:quiet"),
            ],
            [Button(M("people.button.privacy"), "do:privacy"), Button(M("people.button.help"), "menu:help")],
            [Button(M("people.button.stop"), "menu:stop")],
        ]


# Translators: how often one wants to hear from the bot, as choices.
_PACES = {
    Pace.NOW: M("people.pace.now"),
    Pace.EVENING: M("people.pace.evening"),
    Pace.WEEKLY: M("people.pace.weekly"),
}
