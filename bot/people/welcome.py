"""How somebody comes in: the notice, the language, the Quartier, done. At most three taps, by a poster's code one.

Until a person agrees nothing is kept but the event's id and the unsent answer. So this part is stateless: every choice
carries all that the next step needs, and typed numbers are looked up in the same notice, made again.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from bot.contract import Bullets, Happened, Line, Rich
from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.dialogue.words import chosen, command_of
from bot.language import M, Msg, Name, join, user_rich
from bot.people.redeem import Redeem
from bot.people.service import People
from bot.people.wording import PeopleWording
from bot.quartiere.model import WHOLE_CITY, Treffpunkt
from bot.quartiere.service import Quartiere

Upcoming = Callable[[Turn, Sequence[int]], Awaitable[Rich]]
"""What takes place next in these Quartiere, rendered; empty if nothing is known. The posts room knows."""

_PAYLOAD = re.compile(r"[qr]_[A-Za-z0-9-]{1,30}")
"""A poster's or a role's code. Anything longer would not fit into a choice."""
PLACES_SHOWN = 3
SOON = timedelta(days=14)
"""How far ahead the welcome looks for a Treffpunkt's next date."""
SHOWN_LANGUAGES = 4
"""More than these would bury the way on; the others are one tap away."""
OTHER_NUMBER, PRIVACY_NUMBER = "98", "99"
"""What is typed for the notice's last choices. The languages are numbered alike wherever they are listed, since
nothing is kept of strangers that could tell which list they saw."""


class Welcome:
    """Meets strangers and takes them in."""

    def __init__(
        self, people: People, quartiere: Quartiere, redeem: Redeem, wording: PeopleWording, upcoming: Upcoming
    ) -> None:
        self._people = people
        self._quartiere = quartiere
        self._redeem = redeem
        self._wording = wording
        self._upcoming = upcoming

    def register(self, routes: Routes) -> None:
        routes.stranger = self.stranger
        routes.action("agree", self.agree)
        routes.action("join", self.join)
        routes.action("lost", self.lost)
        routes.action("hello", self.hello)
        routes.form("people.quartier", self.typed_quartier)
        self._routes = routes

    async def stranger(self, turn: Turn) -> None:
        """Whatever a stranger does leads to the notice, or from it on."""
        value = turn.event.choice if turn.event.what is Happened.CHOICE else await self._typed(turn)
        action, _, argument = value.partition(":")
        if action == "agree":
            await self.agree(turn, argument)
        elif action == "hello":
            await self.hello(turn, argument)
        else:
            command = command_of(turn.text)
            payload = (
                command[1] if command and command[0] == "start" and _PAYLOAD.fullmatch(command[1]) else ""
            )
            await self.hello(turn, f"notice:{payload}")

    async def hello(self, turn: Turn, argument: str) -> None:
        """One of the pages before agreeing: notice, languages, privacy, help, nothing to stop."""
        page, _, payload = argument.partition(":")
        if turn.speaker is not None:
            page = "privacy" if page == "privacy" else "languages"
        match page:
            case "languages":
                # Translators: heading of the list of languages, before a person agreed.
                turn.say(M("people.hello.languages"), buttons=self._all_languages(turn, payload))
            case "privacy":
                turn.say(await self._wording.privacy(turn), buttons=self._agree_row(turn, payload))
            case "help":
                turn.say(await self._wording.help(turn), buttons=self._agree_row(turn, payload))
            case "stop":
                # Translators: a stranger wrote STOPP; nothing was stored and nothing will come.
                turn.say(M("people.hello.nothing_to_stop"))
            case _:
                city = await self._wording.city(turn.session)
                # Translators: the first message anyone sees. Says what we store. {city}: the city's name.
                turn.say(M("people.hello.notice", city=Name(city.name)), buttons=self._notice(turn, payload))

    async def agree(self, turn: Turn, argument: str) -> None:
        """The person agreed in a language; the payload of a poster's or role's code is still at hand."""
        language, _, payload = argument.partition(":")
        if language not in turn.languages.tags():
            await self.hello(turn, "languages")
            return
        turn.speaker = await self._people.agree(turn.session, turn.chat_id, language)
        turn.speak(language)
        await self.arrive(turn, payload)

    async def arrive(self, turn: Turn, payload: str) -> None:
        """Somebody who agreed came by a link, or by /start."""
        kind, _, rest = payload.partition("_")
        if kind == "r" and rest:
            await self._redeem.redeem(turn, rest)
        elif kind == "q" and (quartier := await self._quartiere.by_slug(turn.session, rest)) is not None:
            await self.join(turn, str(quartier.id))
        else:
            await self._ask_quartier(turn)

    async def join(self, turn: Turn, argument: str) -> None:
        """The person reads a Quartier (0: the whole city)."""
        names = await self._wording.quartier_names(turn.session)
        quartier = number_in(argument)
        if quartier is None or quartier not in (WHOLE_CITY, *names):
            await self._ask_quartier(turn)
            return
        before = await self._people.settings(turn.session, turn.person)
        await self._people.subscribe(turn.session, turn.person, quartier)
        turn.leave()
        first = () if before.quartiere else await self._first_time(turn, quartier, names.get(quartier, ""))
        settings = await self._people.settings(turn.session, turn.person)
        ahead = await self._upcoming(turn, sorted(settings.quartiere))
        if not turn.capabilities.pushes:
            # Translators: in the page's chat, which can't ring: news waits here.
            waits: tuple[Msg, ...] = (M("people.web_waits"),)
        else:
            waits = ()
        turn.say(
            self._wording.reads(turn.render, settings, names),
            self._wording.habit(turn.render, settings.habit),
            *waits,
            ahead,
            first,
            buttons=[
                # Translators: buttons after subscribing. "more often", "one more Quartier".
                [
                    Button(M("people.button.oftener"), "menu:pace"),
                    Button(M("people.button.another"), "menu:quartier"),
                ],
                # Translators: button: what is on today?
                [Button(M("people.button.today"), "do:today"), Button(M("common.menu"), "menu:")],
            ],
        )

    async def _first_time(self, turn: Turn, quartier: int, name: str) -> Rich:
        """A welcome of the Quartier: in its own words or ours, its Treffpunkte, and that one may speak here, too."""
        words: list[Rich] = []
        places: list[Line] = []
        if quartier != WHOLE_CITY:
            own = await self._quartiere.welcome(turn.session, quartier, turn.language)
            # Translators: to somebody who reads a Quartier for the first time: welcome. {quartier}: its name.
            words.append(
                user_rich(own) if own else turn.render.rich(M("people.welcome.quartier", quartier=Name(name)))
            )
            for place in (await self._quartiere.treffpunkte(turn.session, quartier))[:PLACES_SHOWN]:
                places.append(turn.render.line(await self._place(turn, place)))
        # Translators: below it: one can propose something oneself, and answer every message with a question.
        may = turn.render.rich(M("people.welcome.may"))
        return join(*words, (Bullets(tuple(places)),) if places else (), may)

    async def _place(self, turn: Turn, place: Treffpunkt) -> Msg:
        """A Treffpunkt with address, phone and its next date."""
        today = turn.now.astimezone(turn.render.zone).date()
        coming = await self._quartiere.occurrences_at(turn.session, place.id, today, today + SOON)
        ahead = next((one for one in coming if not one.cancelled and one.starts_at > turn.now), None)
        where = Name(", ".join(part for part in (place.name, place.address, place.phone) if part))
        if ahead is None:
            # Translators: a Treffpunkt as a line: name, address, phone. Keep the placeholder only.
            return M("people.welcome.place", place=where)
        # Translators: the same, and what takes place there next. {moment}: day and time.
        title = Name(ahead.title.pick(turn.language).text)
        return M("people.welcome.place_next", place=where, title=title, moment=ahead.starts_at)

    async def lost(self, turn: Turn, argument: str) -> None:
        """ "I don't know which Quartier is mine": which Treffpunkt is near?"""
        rows = []
        names = await self._wording.quartier_names(turn.session)
        for place in await self._quartiere.treffpunkte(turn.session):
            rows.append([Button(f"{place.name}, {place.address}", f"join:{place.quartier_id}")])
        # Translators: the person doesn't know their Quartier; the choices are Treffpunkte with addresses.
        turn.say(
            M("people.quartier.nearest", quartiere=tuple(Name(name) for name in names.values())),
            buttons=[
                *rows,
                [
                    Button(
                        M("people.quartier.whole", city=Name((await self._wording.city(turn.session)).name)),
                        f"join:{WHOLE_CITY}",
                    )
                ],
            ],
        )

    async def typed_quartier(self, turn: Turn) -> None:
        """A Quartier's name in somebody's own words; else the question again."""
        quartier = await self._wording.quartier_in(turn.session, turn.text)
        if quartier is not None:
            await self.join(turn, str(quartier))
            return
        # Translators: the Quartier was not recognised; the question with its choices follows.
        turn.say(
            M("people.quartier.unrecognised"),
            M("people.quartier.which"),
            buttons=await self._wording.quartier_choices(turn),
        )

    async def _ask_quartier(self, turn: Turn) -> None:
        turn.expect("people.quartier")
        # Translators: asks which Quartier is the person's; choices follow.
        turn.say(M("people.quartier.which"), buttons=await self._wording.quartier_choices(turn))

    async def _typed(self, turn: Turn) -> str:
        """What a stranger's words choose; "" if nothing."""
        buttons = [*self._all_languages(turn, ""), *self._notice(turn, "")]
        numbered: list[list[str]] = []
        for button in (button for row in buttons for button in row):
            label = turn.render.text(button.label) if isinstance(button.label, Msg) else button.label
            numbered.append([button.number or str(len(numbered) + 1), label, button.value])
        value = chosen(turn.text, numbered)
        if value:
            return value
        named = command_of(turn.text)
        command = self._routes.command_named(named[0]) if named else self._routes.command_worded(turn.text)
        key = command.key if command else ""
        return {
            "help": "hello:help",
            "privacy": "hello:privacy",
            "stop": "hello:stop",
            "language": "hello:languages",
        }.get(key, "")

    def _notice(self, turn: Turn, payload: str) -> list[list[Button]]:
        tags = self._ordered(turn)
        rows = [[self._agree_button(turn, tags[0], payload)]]
        rows += [[self._language_button(turn, tag, payload)] for tag in tags[1:SHOWN_LANGUAGES]]
        last = [Button(M("people.button.privacy"), f"hello:privacy:{payload}", number=PRIVACY_NUMBER)]
        if len(tags) > SHOWN_LANGUAGES:
            # Translators: keep "Other language" beside the word of your language: it must be found by everyone.
            other = Button(
                M("people.button.other_language"), f"hello:languages:{payload}", number=OTHER_NUMBER
            )
            last.insert(0, other)
        return [*rows, last]

    def _agree_row(self, turn: Turn, payload: str) -> list[list[Button]]:
        return [] if turn.speaker is not None else [[self._agree_button(turn, turn.language, payload)]]

    def _all_languages(self, turn: Turn, payload: str) -> list[list[Button]]:
        if turn.speaker is not None:
            tags = turn.languages.tags()
            return [[Button(turn.languages[tag].own_name, f"language:{tag}")] for tag in tags]
        return [[self._language_button(turn, tag, payload)] for tag in self._ordered(turn)]

    @staticmethod
    def _agree_button(turn: Turn, tag: str, payload: str) -> Button:
        # Translators: button below the notice; pressing it agrees. {language}: the language's own name.
        label = M("people.button.agree", language=Name(turn.languages[tag].own_name))
        return Button(label, f"agree:{tag}:{payload}")

    @staticmethod
    def _language_button(turn: Turn, tag: str, payload: str) -> Button:
        return Button(turn.languages[tag].own_name, f"agree:{tag}:{payload}")

    @staticmethod
    def _ordered(turn: Turn) -> list[str]:
        return [turn.language, *(tag for tag in turn.languages.tags() if tag != turn.language)]
