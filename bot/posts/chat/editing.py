"""Changing a draft from its preview: by taps, by plain words ("doch Freitag 16 Uhr"), other Quartiere, translations."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.language import M, Name
from bot.posts.announcement import Announcement
from bot.posts.chat.asked_words import ask_field
from bot.posts.chat.asking import AskingFace
from bot.posts.chat.desk import Desk, guarded
from bot.posts.chat.preview import STEP, key
from bot.posts.kinds import FieldName, Kind
from bot.posts.render import post_rich
from bot.posts.sentences import kind_name, label_of
from bot.posts.service import Posts
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere

TEXT_FIELDS = (
    FieldName.WHAT,
    FieldName.NOTE,
    FieldName.WHEN,
    FieldName.UNTIL,
    FieldName.WHERE,
    FieldName.COST,
)


class EditingFace:
    """Changes drafts."""

    def __init__(self, posts: Posts, desk: Desk, asking: AskingFace, quartiere: Quartiere) -> None:
        self._posts = posts
        self._desk = desk
        self._asking = asking
        self._quartiere = quartiere

    def register(self, routes: Routes) -> None:
        for name, handler in (
            ("post.show", self.show),
            ("post.change", self.change),
            ("post.field", self.field),
            ("post.kinds", self.kinds),
            ("post.kind", self.set_kind),
            ("post.files", self.drop_files),
            ("post.cancel", self.cancel),
            ("post.where", self.where),
            ("post.toggle", self.toggle),
            ("post.languages", self.languages),
            ("post.view", self.view),
            ("post.translate", self.translate),
            ("post.into", self.into),
            ("post.loose", self.loose),
            ("post.discard", self.discard),
        ):
            routes.action(name, guarded(self._desk, handler))
        routes.form(STEP, self._desk.form(self.typed), left=self._desk.left)
        routes.form("post.edit", self._desk.form(self.edited), left=self._desk.left)
        routes.form("post.translation", self._desk.form(self.translated), left=self._desk.left)

    # --- plain words -----------------------------------------------------------------------------------------

    async def typed(self, turn: Turn, item: int) -> None:
        """Words or files below the preview."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item)
        if await self._desk.files(turn, draft) or await self._posts.drafts.change(
            turn.session, draft, turn.text
        ):
            await self._asking.go_on(turn, draft)
            return
        turn.expect(STEP, item=item, words=turn.text)
        at = key(draft)
        # Translators: it isn't clear what the typed words are meant for. Choices: new text, add it, new title, nothing.
        turn.say(
            M("posts.loose"),
            buttons=[
                # The words of a template are ours: to put others in their place would lose its facts.
                *(
                    []
                    if draft.post.template
                    else [[Button(M("posts.button.as_text"), f"post.loose:{at}.text")]]
                ),
                [Button(M("posts.button.add"), f"post.loose:{at}.add")],
                [Button(M("posts.button.as_title"), f"post.loose:{at}.title")],
                [Button(M("common.back"), f"post.show:{at}")],
            ],
        )

    async def loose(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """What the words were meant for."""
        words = str((turn.step.data if turn.step else {}).get("words", ""))
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        if words and rest == "text" and not draft.post.template:
            await self._posts.drafts.read(turn.session, draft, words)
        elif words and rest == "add":
            text = f"{draft.original.body}\n{words}".strip()
            await self._posts.drafts.set_field(turn.session, draft, FieldName.NOTE, text)
        elif words and rest == "title":
            await self._posts.drafts.set_field(turn.session, draft, FieldName.WHAT, words)
        await self._asking.go_on(turn, draft)

    # --- taps ------------------------------------------------------------------------------------------------

    async def show(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Back to the preview."""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        await self._asking.go_on(turn, draft)

    async def change(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """What is to be changed?"""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        at, post = key(draft), draft.post
        names = [*TEXT_FIELDS, FieldName.CONTACT]
        if post.kind == Kind.MOVED:
            names += [FieldName.NEW_WHEN, FieldName.NEW_WHERE]
        rows = [[Button(label_of(name, post), f"post.field:{at}.{name.value}")] for name in names]
        # Translators: buttons below "what do you want to change?": the kind; leave the files out; it is cancelled.
        rows.append([Button(M("posts.button.kind"), f"post.kinds:{at}")])
        if post.media:
            rows.append([Button(M("posts.button.no_files"), f"post.files:{at}")])
        if post.corrects is not None and not post.cancelled:
            rows.append([Button(M("posts.button.cancelled"), f"post.cancel:{at}")])
        # Translators: what do you want to change? Choices follow; plain words work too.
        turn.say(M("posts.ask.change"), buttons=[*rows, [Button(M("common.back"), f"post.show:{at}")]])

    async def field(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """One fact is to be changed."""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        field = FieldName(rest)
        turn.expect("post.edit", item=item, field=field.value)
        rows = [[Button(M("common.back"), f"post.show:{key(draft)}")]]
        if field is not FieldName.WHAT and field in draft.filled():
            rows.insert(0, [Button(M("posts.button.leave_out"), f"post.skip:{key(draft)}.{field.value}")])
        turn.say(ask_field(field, Kind(draft.post.kind)), buttons=rows)

    async def edited(self, turn: Turn, item: int) -> None:
        """The fact's new words."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item)
        field = FieldName(str((turn.step.data if turn.step else {})["field"]))
        took = await self._desk.files(turn, draft)
        if not took and not await self._posts.drafts.set_field(turn.session, draft, field, turn.text):
            turn.say(M("posts.no_moment"))
            return
        await self._asking.go_on(turn, draft)

    async def kinds(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Which kind is it?"""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        # Translators: which kind of announcement is it? The kinds follow as choices.
        turn.say(
            M("posts.ask.kind"),
            buttons=[[Button(kind_name(kind), f"post.kind:{key(draft)}.{kind.value}")] for kind in Kind],
        )

    async def set_kind(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        await self._posts.drafts.set_kind(turn.session, draft, Kind(rest))
        await self._asking.go_on(turn, draft)

    async def drop_files(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Without its files."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        while draft.post.media:
            await self._posts.drafts.remove_file(turn.session, draft, 0)
        await self._asking.go_on(turn, draft)

    async def cancel(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """What was announced doesn't take place."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        await self._posts.drafts.set_cancelled(turn.session, draft)
        await self._asking.go_on(turn, draft)

    # --- for whom --------------------------------------------------------------------------------------------

    async def where(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """For which Quartiere?"""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        at = key(draft)
        rows = []
        for quartier in await self._quartiere.quartiere(turn.session):
            # Translators: a Quartier that is chosen already, on a button; tapping it again takes it out.
            chosen = quartier.id in draft.quartiere
            label = M("posts.button.chosen", name=Name(quartier.name)) if chosen else quartier.name
            rows.append([Button(label, f"post.toggle:{at}.{quartier.id}")])
        # Translators: button: for everybody in the city.
        rows.append([Button(M("posts.button.whole_city"), f"post.toggle:{at}.{WHOLE_CITY}")])
        # Translators: for which Quartiere is the announcement? The choices switch on and off.
        turn.say(M("posts.ask.quartiere"), buttons=[*rows, [Button(M("common.done"), f"post.show:{at}")]])

    async def toggle(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """A Quartier in or out; the whole city takes the place of all."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        chosen = int(rest)
        if chosen == WHOLE_CITY:
            await self._posts.drafts.target(turn.session, draft, [WHOLE_CITY])
            await self._asking.go_on(turn, draft)
            return
        before = set(draft.quartiere) - {WHOLE_CITY}
        await self._posts.drafts.target(turn.session, draft, (before ^ {chosen}) or before)
        await self.where(turn, item, draft.item.revision, "")

    # --- languages -------------------------------------------------------------------------------------------

    async def languages(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """In which language do you want to see it?"""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        # Translators: in which language does staff want to look at their announcement? Languages follow as choices.
        turn.say(M("posts.ask.view"), buttons=self._language_rows(turn, draft, "post.view"))

    async def view(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """The post as readers of that language will see it."""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        if rest not in turn.languages.tags():
            raise ValueError(rest)
        voice = await self._posts.voices.of(turn.session, draft)
        rich = post_rich(self._posts.voices.render(rest), draft, voice)
        at = key(draft)
        rows = [[Button(M("common.back"), f"post.show:{at}")]]
        if rest != draft.post.language:
            rows.insert(0, [Button(M("posts.button.translate"), f"post.into:{at}.{rest}")])
        turn.expect(STEP, item=item)
        turn.say(rich, buttons=[*rows, [Button(M("posts.button.languages"), f"post.languages:{at}")]])

    async def translate(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Into which language?"""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        # Translators: into which language does staff want to write a translation? Languages follow as choices.
        turn.say(M("posts.ask.translate"), buttons=self._language_rows(turn, draft, "post.into"))

    async def into(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """The translation's words, please: first line the title, below it the text."""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        if rest not in turn.languages.tags() or rest == draft.post.language:
            raise ValueError(rest)
        turn.expect("post.translation", item=item, language=rest)
        # Translators: asks for a translation, in one message: the title in the first line, the text below. {language}.
        turn.say(
            M("posts.ask.translation", language=Name(turn.render.name_in(rest))),
            buttons=[[Button(M("common.back"), f"post.show:{key(draft)}")]],
        )

    async def translated(self, turn: Turn, item: int) -> None:
        """The translation by hand."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item)
        title, _, body = turn.text.partition("\n")
        if title.strip():
            language = str((turn.step.data if turn.step else {})["language"])
            await self._posts.drafts.translate(turn.session, draft, language, title, body)
        await self._asking.go_on(turn, draft)

    @staticmethod
    def _language_rows(turn: Turn, draft: Announcement, action: str) -> list[list[Button]]:
        rows = [
            [Button(turn.languages[tag].own_name, f"{action}:{key(draft)}.{tag}")]
            for tag in turn.languages.tags()
            if tag != draft.post.language
        ]
        return [*rows, [Button(M("common.back"), f"post.show:{key(draft)}")]]

    async def discard(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Throw the draft away."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        await self._posts.drafts.discard(turn.session, draft)
        turn.leave()
        # Translators: the draft was thrown away. / Button: begin another announcement.
        again = Button(M("posts.button.announce"), "do:announce")
        turn.say(M("posts.discarded"), buttons=[[again, Button(M("common.menu"), "menu:")]])
