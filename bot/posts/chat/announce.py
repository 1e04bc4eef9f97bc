"""/announce: for which Treffpunkt; then free text, a photo, a PDF, or a template asked for field by field."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.language import M, strip_controls, user_rich
from bot.posts.chat.asking import AskingFace
from bot.posts.chat.desk import Desk
from bot.posts.errors import MutedError, NotAllowedError
from bot.posts.kinds import TEMPLATES, Kind
from bot.posts.sentences import kind_name
from bot.posts.service import Posts

CITY = "city"
"""In a choice's value, in place of a Treffpunkt's id: the city itself speaks."""


class AnnounceFace:
    """Begins drafts."""

    def __init__(self, posts: Posts, desk: Desk, asking: AskingFace) -> None:
        self._posts = posts
        self._desk = desk
        self._asking = asking

    def register(self, routes: Routes) -> None:
        # Translators: names of the command to announce something, comma-separated. / What it does.
        routes.command(
            "announce",
            M("posts.command.announce"),
            M("posts.command.announce.about"),
            self.announce,
            in_menu=False,
        )
        # Translators: names of the command that offers templates, comma-separated. / What it does.
        routes.command(
            "templates",
            M("posts.command.templates"),
            M("posts.command.templates.about"),
            self.templates,
            in_menu=False,
        )
        routes.action("post.for", self.chosen_place)
        routes.action("post.templates", self.templates)
        routes.action("post.template", self.begin_template)
        routes.form("post.place", self.words_before_place, unsent=True)
        routes.form("post.text", self.text)

    async def announce(self, turn: Turn, argument: str) -> None:
        """Ask for whom, if there is a choice, and then for the words."""
        scopes = await self._posts.rights.scopes(turn.session, turn.person)
        if not scopes:
            self._desk.no_role(turn)
        elif await self._muted(turn):
            return
        elif len(scopes) == 1:
            await self._ask_text(turn, scopes[0], argument)
        else:
            await self._ask_place(turn, scopes, argument)

    async def _ask_place(self, turn: Turn, scopes: list[int | None], words: str) -> None:
        turn.expect("post.place", words=words)
        held = [user_rich(words)] if words else []
        # Translators: somebody works for several Treffpunkte: for which one is this announcement?
        turn.say(*held, M("posts.ask.place"), buttons=await self._places(turn, scopes, "post.for"))

    async def words_before_place(self, turn: Turn) -> None:
        """The words come first: they are kept, and the question comes again. What fits no choice repeats it, too."""
        if self._desk.too_long(turn):
            return
        scopes = await self._posts.rights.scopes(turn.session, turn.person)
        if not scopes:
            self._desk.no_role(turn)
            return
        words = strip_controls(turn.text).strip()
        if not any(letter.isalpha() for letter in words):
            words = _held_words(turn)
        await self._ask_place(turn, scopes, words)

    async def chosen_place(self, turn: Turn, argument: str) -> None:
        """The Treffpunkt it is for."""
        place = _scope(argument)
        if place not in await self._posts.rights.scopes(turn.session, turn.person):
            self._desk.no_role(turn)
            return
        if not await self._muted(turn):
            await self._ask_text(turn, place, _held_words(turn))

    async def templates(self, turn: Turn, argument: str) -> None:
        """The list of templates; the value may name the Treffpunkt already."""
        scopes = await self._posts.rights.scopes(turn.session, turn.person)
        if not scopes:
            self._desk.no_role(turn)
            return
        if await self._muted(turn):
            return
        if not argument and len(scopes) > 1:
            turn.say(M("posts.ask.place"), buttons=await self._places(turn, scopes, "post.templates"))
            return
        place = argument or _word(scopes[0])
        if _scope(place) not in scopes:
            self._desk.no_role(turn)
            return
        turn.leave()
        # Translators: which template? The kinds of announcements follow as choices.
        turn.say(
            M("posts.ask.template"),
            buttons=[[Button(kind_name(kind), f"post.template:{place}.{kind.value}")] for kind in TEMPLATES],
        )

    async def begin_template(self, turn: Turn, argument: str) -> None:
        """A draft from a template: its questions come one at a time."""
        place, _, kind = argument.partition(".")
        if kind not in TEMPLATES:
            await self.templates(turn, "")
            return
        if await self._muted(turn):
            return
        try:
            draft = await self._posts.drafts.begin(
                turn.session, turn.person, _scope(place), turn.language, template=Kind(kind)
            )
        except NotAllowedError:
            self._desk.no_role(turn)
            return
        await self._asking.go_on(turn, draft)

    async def text(self, turn: Turn) -> None:
        """The first words, or the first file with or without words."""
        if self._desk.too_long(turn):
            return
        place = _scope(str((turn.step.data if turn.step else {}).get("place", CITY)))
        try:
            draft = await self._posts.drafts.draft(turn.session, turn.person, place, turn.text, turn.language)
        except NotAllowedError:
            self._desk.no_role(turn)
            return
        took = await self._desk.files(turn, draft)
        if took and not draft.post.media and not turn.text:
            await self._posts.drafts.discard(turn.session, draft)  # nothing came through: the step stays open
            return
        await self._asking.go_on(turn, draft)

    async def _muted(self, turn: Turn) -> bool:
        """Say so before they write anything."""
        try:
            await self._posts.publishing.may_speak(turn.session, turn.person)
        except MutedError as fault:
            turn.leave()
            turn.say(fault.silence.said(), buttons=[[Button(M("common.menu"), "menu:")]])
            return True
        return False

    async def _ask_text(self, turn: Turn, place: int | None, words: str = "") -> None:
        if words:
            draft = await self._posts.drafts.draft(turn.session, turn.person, place, words, turn.language)
            await self._asking.go_on(turn, draft)
            return
        turn.expect("post.text", place=_word(place))
        # Translators: asks for the announcement; a photo or PDF is welcome too. / Button: use a template instead.
        template = Button(M("posts.button.template"), f"post.templates:{_word(place)}")
        turn.say(M("posts.ask.text"), buttons=[[template]])

    async def _places(self, turn: Turn, scopes: list[int | None], action: str) -> list[list[Button]]:
        return [
            [Button(await self._posts.voices.place(turn.session, scope), f"{action}:{_word(scope)}")]
            for scope in scopes
        ]


def _held_words(turn: Turn) -> str:
    """What was typed before it was known for whom."""
    step = turn.step
    return str(step.data.get("words", "")) if step is not None and step.name == "post.place" else ""


def _word(scope: int | None) -> str:
    return CITY if scope is None else str(scope)


def _scope(word: str) -> int | None:
    if word == CITY:
        return None
    return number_in(word) or -1
