"""/suggest: what it is, the words, what is still open, the preview, sent. Few taps; every step lies in the rows."""

from __future__ import annotations

from collections.abc import Sequence

from bot.contract import Attachment, Rich
from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.items.guard import SilencedError
from bot.language import M, Name, strip_controls, user_rich
from bot.people.service import People
from bot.posts.chat.asked_words import ask_doubt, ask_field
from bot.posts.chat.asking import moment_text
from bot.posts.chat.desk import REFUSED, refusal
from bot.posts.drafting.asking import Asking, OpenQuestion, open_question
from bot.posts.errors import PostError
from bot.posts.kinds import PROPOSED, Kind
from bot.posts.render import attachments
from bot.posts.sentences import kind_name
from bot.posts.service import Posts
from bot.posts.understanding.danger import sounds_dangerous
from bot.proposals.desk import ProposalDesk
from bot.proposals.model import Stage
from bot.proposals.records import Found
from bot.proposals.service import Proposals
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere


class WritingFace:
    """Leads a resident to a proposal that is sent."""

    def __init__(
        self, proposals: Proposals, posts: Posts, people: People, quartiere: Quartiere, desk: ProposalDesk
    ) -> None:
        self._proposals = proposals
        self._authoring = proposals.authoring
        self._posts = posts
        self._people = people
        self._quartiere = quartiere
        self._desk = desk

    def register(self, routes: Routes) -> None:
        # Translators: names of the command by which residents propose a post, comma-separated. / What it does.
        routes.command(
            "suggest", M("proposals.command.suggest"), M("proposals.command.suggest.about"), self.suggest
        )
        routes.action("prop.for", self.kinds)
        routes.action("prop.kind", self.words)
        routes.form("proposal.kind", self.words_before_kind, unsent=True)
        routes.form("proposal.words", self.first_words, back=self._back_to_kinds)

    # --- beginning -------------------------------------------------------------------------------------------

    async def suggest(self, turn: Turn, argument: str) -> None:
        """For whom, if that is a question; then what it is."""
        turn.expect("proposal.kind", words=strip_controls(argument).strip())
        await self._for_whom(turn)

    async def _for_whom(self, turn: Turn) -> None:
        mine = await self._proposals.records.organisations(turn.session, turn.person)
        if not mine:
            await self.kinds(turn, "0")
            return
        rows = [[Button(name, f"prop.for:{id_}")] for id_, name in mine.items()]
        # Translators: somebody may speak for an association: for whom is this proposal? / Button: for myself.
        turn.say(
            *_held(turn),
            M("proposals.for_whom"),
            buttons=[*rows, [Button(M("proposals.button.myself"), "prop.for:0")]],
        )

    async def kinds(self, turn: Turn, argument: str) -> None:
        """What is it?"""
        organisation = number_in(argument) or None
        words = _words(turn)
        turn.leave()
        try:
            await self._authoring.may_begin(turn.session, turn.person, organisation)
        except (PostError, SilencedError) as fault:
            await self._desk.explain(turn, fault, 0)
            return
        rows = [[Button(kind_name(kind), f"prop.kind:{kind.value}.{organisation or 0}")] for kind in PROPOSED]
        known = await self._proposals.records.of(turn.session, turn.person)
        drafts = [one for one in known if one.stage is Stage.DRAFT and one.title]
        for one in drafts[:2]:
            # Translators: button: go on with a proposal that was begun. {title}.
            rows.append(
                [Button(M("proposals.button.go_on", title=Name(_short(one.title))), f"prop.show:{one.key}")]
            )
        if known:
            # Translators: button: the list of my proposals.
            rows.append([Button(M("proposals.button.mine"), "do:mysuggestions")])
        # Translators: the beginning of /suggest: what is it? Kinds follow as choices. Somebody of a Treffpunkt reads it
        # before it is published; names stay out.
        turn.expect("proposal.kind", words=words, organisation=organisation or 0)
        turn.say(*_held(turn), M("proposals.which"), buttons=rows)

    async def words_before_kind(self, turn: Turn) -> None:
        """The words come first: they are kept, and the question comes again. What fits no choice repeats it, too."""
        data = dict(turn.step.data) if turn.step else {}
        if self._desk.too_long(turn):
            return
        words = strip_controls(turn.text).strip()
        if any(letter.isalpha() for letter in words):
            data["words"] = words
        turn.expect("proposal.kind", **data)
        if "organisation" in data:
            await self.kinds(turn, str(data["organisation"]))
        else:
            await self._for_whom(turn)

    async def words(self, turn: Turn, argument: str) -> None:
        """Asks for the words of a kind."""
        kind, _, organisation = argument.partition(".")
        if kind not in PROPOSED:
            await self.suggest(turn, "")
            return
        words = _words(turn)
        if words:
            await self._begin(turn, kind, number_in(organisation), words)
            return
        turn.expect("proposal.words", kind=kind, organisation=number_in(organisation) or 0)
        if kind == Kind.EVENT:
            # Translators: asks for an event's words: what, when, where.
            turn.say(M("proposals.ask_event"))
            return
        # Translators: asks for the words of what is offered, wanted, lent, asked or an idea. No names needed.
        turn.say(M("proposals.ask_words"))

    async def first_words(self, turn: Turn) -> None:
        """The words, perhaps with a photo."""
        data = turn.step.data if turn.step else {}
        files = turn.event.attachments
        if self._desk.too_long(turn):
            return
        for file in files:
            if file.media is None:
                turn.say(refusal(file.source.removeprefix(REFUSED)))
        kept = [file for file in files if file.media is not None]
        if not turn.text.strip() and not kept:
            if not files:
                turn.say(M("proposals.ask_words"))
            return
        await self._begin(turn, str(data["kind"]), int(data["organisation"]), turn.text, kept)

    async def _begin(
        self, turn: Turn, kind: str, organisation: int | None, words: str, files: Sequence[Attachment] = ()
    ) -> None:
        try:
            async with turn.session.begin_nested():
                found = await self._authoring.begin(
                    turn.session, turn.person, Kind(kind), words, turn.language,
                    organisation=organisation or None, quartier=await self._home(turn), files=files,
                )  # fmt: skip
        except (PostError, SilencedError) as fault:
            await self._desk.explain(turn, fault, 0)
            return
        await self.go_on(turn, found)

    async def _home(self, turn: Turn) -> int | None:
        """The one Quartier that this person reads; None if that isn't clear."""
        settings = await self._people.settings(turn.session, turn.person)
        read = settings.quartiere - {WHOLE_CITY}
        return next(iter(read)) if len(read) == 1 else None

    # --- what is open ----------------------------------------------------------------------------------------

    async def go_on(self, turn: Turn, found: Found) -> None:
        """The next open question, or the preview."""
        question = open_question(found.post, self._posts.zone())
        if question is not None:
            self._ask(turn, found, question)
        elif not found.post.quartiere:
            await self.ask_area(turn, found)
        else:
            await self._preview(turn, found)

    def _ask(self, turn: Turn, found: Found, question: OpenQuestion) -> None:
        at = found.key
        # Translators: button: leave a fact out.
        leave_out = M("posts.button.leave_out")
        match question.asking:
            case Asking.DOUBT if question.doubt is not None and question.field is not None:
                turn.expect("proposal.fact", item=found.id, field=question.field.value)
                rows = [
                    [Button(moment_text(turn.render, moment), f"prop.pick:{at}.{place}")]
                    for place, moment in enumerate(question.doubt.doubt.candidates)
                ]
                rows.append([Button(M("posts.button.no_date"), f"prop.skip:{at}.{question.field.value}")])
                turn.say(ask_doubt(question.doubt.doubt.kind), buttons=rows)
            case Asking.FACT if question.field is not None:
                turn.expect("proposal.fact", item=found.id, field=question.field.value)
                turn.say(
                    ask_field(question.field, Kind(found.post.post.kind)),
                    buttons=[[Button(leave_out, f"prop.skip:{at}.{question.field.value}")]],
                )
            case Asking.PEOPLE:
                turn.expect("proposal.more", item=found.id)
                answers = (("no_people", "no"), ("people_agreed", "yes"), ("no_photo", "drop"))
                labels = {
                    "no_people": M("posts.button.no_people"),
                    "people_agreed": M("posts.button.people_agreed"),
                    "no_photo": M("posts.button.no_photo"),
                }
                turn.say(
                    M("posts.ask.people"),
                    buttons=[
                        [Button(labels[name], f"prop.people:{at}.{question.file}.{said}")]
                        for name, said in answers
                    ],
                )
            case Asking.ALT:
                turn.expect("proposal.alt", item=found.id, file=question.file)
                turn.say(
                    M("posts.ask.alt"),
                    buttons=[[Button(leave_out, f"prop.people:{at}.{question.file}.noalt")]],
                )
            case _:
                turn.expect("proposal.more", item=found.id)
                turn.say(M("posts.ask.words"))

    async def ask_area(self, turn: Turn, found: Found) -> None:
        turn.expect("proposal.preview", item=found.id)
        rows = [
            [Button(one.name, f"prop.area:{found.key}.{one.id}")]
            for one in await self._quartiere.quartiere(turn.session)
        ]
        city = await self._quartiere.city(turn.session)
        whole = M("posts.whole_city", city=Name(city.name if city else ""))
        # Translators: for which Quartier is the proposal? Quartiere follow as choices.
        turn.say(M("proposals.ask_area"), buttons=[*rows, [Button(whole, f"prop.area:{found.key}.0")]])

    async def _preview(self, turn: Turn, found: Found) -> None:
        turn.expect("proposal.preview", item=found.id)
        at, post = found.key, found.post.post
        shown = await self._proposals.telling.shown(turn.session, turn.render, found.post)
        # Translators: below the preview of a proposal whose words sound like danger: call 112 at once.
        danger = sounds_dangerous(f"{found.title}\n{found.post.original.body}")
        parts: list[Rich] = [turn.render.rich(M("proposals.danger"))] if danger else []
        # Translators: buttons below the preview of a proposal: send it; other words; other Quartier; throw it away.
        rows = [
            [Button(M("proposals.button.send"), f"prop.send:{at}")],
            [
                Button(M("proposals.button.rewrite"), f"prop.rewrite:{at}"),
                Button(M("proposals.button.area"), f"prop.area:{at}."),
            ],
        ]
        if post.starts_at is None:
            # Translators: button: until which day the post stays.
            rows.append([Button(M("proposals.button.until"), f"prop.until:{at}.")])
        rows.append([Button(M("posts.button.discard"), f"prop.discard:{at}")])
        # Translators: above the preview of a proposal: this is how the neighbours will read it.
        turn.say(M("proposals.preview"), shown, *parts, buttons=rows, attachments=attachments(found.post))

    async def _back_to_kinds(self, turn: Turn) -> None:
        data = turn.step.data if turn.step else {}
        await self.kinds(turn, str(data.get("organisation", 0)))


def _words(turn: Turn) -> str:
    """What was typed before it was known what it is."""
    step = turn.step
    return str(step.data.get("words", "")) if step is not None and step.name == "proposal.kind" else ""


def _held(turn: Turn) -> list[Rich]:
    """Above a question that comes again: the words, so that their author sees them kept."""
    words = _words(turn)
    return [user_rich(words)] if words else []


def _short(title: str) -> str:
    return title if len(title) <= 30 else title[:29] + "…"
