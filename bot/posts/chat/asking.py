"""Asks for what is still open in a draft, one question at a time, and then shows the preview."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.dialogue import Button, Routes, Turn
from bot.language import M, Msg, Renderer, Span
from bot.posts.announcement import Announcement
from bot.posts.chat.asked_words import ask_doubt, ask_field
from bot.posts.chat.desk import Desk, guarded
from bot.posts.chat.preview import STEP, PreviewFace, key
from bot.posts.drafting.asking import Asking, OpenQuestion, open_question
from bot.posts.kinds import FieldName, Kind
from bot.posts.service import Posts
from bot.posts.understanding.moments import DoubtKind, Moment


class AskingFace:
    """Leads a draft to its preview."""

    def __init__(self, posts: Posts, desk: Desk, preview: PreviewFace) -> None:
        self._posts = posts
        self._desk = desk
        self._preview = preview

    def register(self, routes: Routes) -> None:
        routes.action("post.pick", guarded(self._desk, self.pick))
        routes.action("post.skip", guarded(self._desk, self.skip))
        routes.action("post.fill", guarded(self._desk, self.fill))
        routes.action("post.danger", guarded(self._desk, self.danger))
        routes.action("post.people", guarded(self._desk, self.people))
        routes.form("post.words", self._desk.form(self.words), left=self._desk.left)
        routes.form("post.fact", self._desk.form(self.fact), left=self._desk.left)
        routes.form("post.alt", self._desk.form(self.alt), left=self._desk.left)

    async def go_on(self, turn: Turn, draft: Announcement) -> None:
        """The next open question, or the preview."""
        question = open_question(draft, _zone(turn.render))
        if question is None:
            await self._preview.show(turn, draft)
            return
        match question.asking:
            case Asking.WORDS:
                turn.expect("post.words", item=draft.id)
                # Translators: a photo or file came without words; asks for them.
                turn.say(M("posts.ask.words"))
            case Asking.DOUBT:
                self._ask_doubt(turn, draft, question)
            case Asking.FACT:
                await self._ask_fact(turn, draft, question)
            case Asking.DANGER:
                self._ask_danger(turn, draft)
            case Asking.PEOPLE:
                self._ask_people(turn, draft, question)
            case Asking.ALT:
                turn.expect("post.alt", item=draft.id, file=question.file)
                # Translators: asks what the picture shows, for people who can't see it. / Button: without.
                leave_out = Button(
                    M("posts.button.leave_out"), f"post.people:{key(draft)}.{question.file}.noalt"
                )
                turn.say(M("posts.ask.alt"), buttons=[[leave_out]])

    def _ask_doubt(self, turn: Turn, draft: Announcement, question: OpenQuestion) -> None:
        if question.doubt is None or question.field is None:
            raise TypeError("a doubt is about something")
        turn.expect("post.fact", item=draft.id, field=question.field.value)
        doubt = question.doubt.doubt
        rows = [
            [Button(moment_text(turn.render, moment), f"post.pick:{key(draft)}.{place}")]
            for place, moment in enumerate(doubt.candidates)
        ]
        if doubt.kind in (DoubtKind.RECURRING, DoubtKind.SEVERAL) or not draft.post.template:
            # Translators: button: the announcement goes without a date (the words stay in its text).
            rows.append([Button(M("posts.button.no_date"), f"post.skip:{key(draft)}.{question.field.value}")])
        turn.say(ask_doubt(doubt.kind), buttons=rows)

    async def _ask_fact(self, turn: Turn, draft: Announcement, question: OpenQuestion) -> None:
        field = question.field
        if field is None:
            raise TypeError("a fact has a name")
        turn.expect("post.fact", item=draft.id, field=field.value)
        rows: list[list[Button]] = []
        if field in (FieldName.WHERE, FieldName.NEW_WHERE) and draft.item.treffpunkt is not None:
            place = await self._posts.voices.place(turn.session, draft.item.treffpunkt)
            rows.append([Button(place, f"post.fill:{key(draft)}.{field.value}")])
        if field is FieldName.COST:
            # Translators: button: it costs nothing.
            rows.append([Button(M("posts.button.free"), f"post.fill:{key(draft)}.{field.value}")])
        if question.optional:
            rows.append([Button(M("posts.button.leave_out"), f"post.skip:{key(draft)}.{field.value}")])
        turn.say(ask_field(field, Kind(draft.post.kind)), buttons=rows)

    def _ask_danger(self, turn: Turn, draft: Announcement) -> None:
        turn.expect(STEP, item=draft.id)
        # Translators: the words sound like a warning: is it one? / Answers: yes, send it as a warning; no, as usual.
        turn.say(
            M("posts.ask.danger"),
            buttons=[
                [Button(M("posts.button.danger"), f"post.danger:{key(draft)}.yes")],
                [Button(M("posts.button.no_danger"), f"post.danger:{key(draft)}.no")],
            ],
        )

    def _ask_people(self, turn: Turn, draft: Announcement, question: OpenQuestion) -> None:
        at = f"{key(draft)}.{question.file}"
        turn.leave()
        # Translators: about a photo: can people be recognised? / Answers: no; yes, and all agreed; leave the photo out.
        turn.say(
            M("posts.ask.people"),
            buttons=[
                [Button(M("posts.button.no_people"), f"post.people:{at}.no")],
                [Button(M("posts.button.people_agreed"), f"post.people:{at}.yes")],
                [Button(M("posts.button.no_photo"), f"post.people:{at}.drop")],
            ],
        )
        turn.expect("post.words", item=draft.id)

    # --- answers ---------------------------------------------------------------------------------------------

    async def pick(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """One of the moments that a doubt offered."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        await self._posts.drafts.choose(turn.session, draft, int(rest))
        await self.go_on(turn, draft)

    async def skip(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """A fact is left out."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        await self._posts.drafts.leave_out(turn.session, draft, FieldName(rest))
        await self.go_on(turn, draft)

    async def fill(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """The fact that a button offered: our own place, or free of charge."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        field = FieldName(rest)
        if field is FieldName.COST:
            said = "0"
        else:
            said = await self._posts.voices.place(turn.session, draft.item.treffpunkt)
        await self._posts.drafts.set_field(turn.session, draft, field, said)
        await self.go_on(turn, draft)

    async def people(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """What was answered about a photo."""
        place, _, said = rest.partition(".")
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        if said == "drop":
            await self._posts.drafts.remove_file(turn.session, draft, int(place))
        elif said == "noalt":
            await self._posts.drafts.describe(turn.session, draft, int(place), alt="")
        else:
            await self._posts.drafts.describe(turn.session, draft, int(place), people=said == "yes")
        await self.go_on(turn, draft)

    async def danger(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Whether it is a warning."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item, revision=revision)
        await self._posts.drafts.judge(turn.session, draft, danger=rest == "yes")
        await self.go_on(turn, draft)

    async def words(self, turn: Turn, item: int) -> None:
        """The words of a draft that began with a photo; typed while a photo is asked about, they change it."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item)
        if await self._desk.files(turn, draft):
            pass
        elif not draft.post.template and not draft.original.title and turn.text:
            await self._posts.drafts.read(turn.session, draft, turn.text)
        await self.go_on(turn, draft)

    async def fact(self, turn: Turn, item: int) -> None:
        """A fact in the person's own words."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item)
        if await self._desk.files(turn, draft):
            await self.go_on(turn, draft)
            return
        field = FieldName(str((turn.step.data if turn.step else {})["field"]))
        if not turn.text or not await self._posts.drafts.set_field(turn.session, draft, field, turn.text):
            # Translators: what was typed says no day or time. Followed by the question, asked again.
            turn.say(M("posts.no_moment"))
        await self.go_on(turn, draft)

    async def alt(self, turn: Turn, item: int) -> None:
        """What a picture shows."""
        draft = await self._posts.drafts.edit(turn.session, turn.person, item)
        if not await self._desk.files(turn, draft) and turn.text:
            place = int((turn.step.data if turn.step else {})["file"])
            await self._posts.drafts.describe(turn.session, draft, place, alt=turn.text[:300])
        await self.go_on(turn, draft)


def moment_text(render: Renderer, moment: Moment) -> Msg:
    """A moment as the label of a choice."""
    start, end = moment.starts_at, moment.ends_at
    if start is None:
        if end is None:
            raise ValueError("a moment has a start or an end")
        # Translators: a choice: until {until} (a date, or a date and a time).
        return M("posts.moment.until", until=end.astimezone(render.zone).date() if moment.all_day else end)
    if not moment.all_day:
        return M("posts.value", value=Span(start, end))
    return _day(render, start, end)


def _day(render: Renderer, start: datetime, end: datetime | None) -> Msg:
    first = start.astimezone(render.zone).date()
    last = end.astimezone(render.zone).date() if end else first
    return M("posts.day", day=first) if last == first else M("posts.days", first=first, last=last)


def _zone(render: Renderer) -> ZoneInfo:
    if not isinstance(render.zone, ZoneInfo):
        raise TypeError("the city has a named zone")
    return render.zone
