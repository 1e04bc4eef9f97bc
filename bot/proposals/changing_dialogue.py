"""Changing a proposal before it is sent: by taps below the preview, by words, and the answers to what was open."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.language import M, Name
from bot.posts.chat.desk import REFUSED, refusal
from bot.posts.errors import TooLateError
from bot.posts.kinds import FieldName, Kind
from bot.posts.service import Posts
from bot.posts.timing import day_end
from bot.posts.understanding.moments import DoubtKind
from bot.posts.understanding.when import read_when
from bot.proposals.desk import ProposalDesk
from bot.proposals.model import Stage
from bot.proposals.records import Found
from bot.proposals.service import Proposals
from bot.proposals.writing_dialogue import WritingFace

DAYS_OFFERED = (7, 14, 28)


class ChangingFace:
    """Answers and changes."""

    def __init__(self, proposals: Proposals, posts: Posts, writing: WritingFace, desk: ProposalDesk) -> None:
        self._proposals = proposals
        self._authoring = proposals.authoring
        self._posts = posts
        self._writing = writing
        self._desk = desk

    def register(self, routes: Routes) -> None:
        for name, handler in (
            ("prop.show", self.show),
            ("prop.pick", self.pick),
            ("prop.skip", self.skip),
            ("prop.people", self.people),
            ("prop.area", self.area),
            ("prop.until", self.until),
            ("prop.rewrite", self.rewrite),
            ("prop.loose", self.loose),
            ("prop.discard", self.discard),
            ("prop.send", self.send),
        ):
            routes.action(name, self._desk.action(handler))
        form = self._desk.form
        for step, typed in (
            ("proposal.more", self.typed_words),
            ("proposal.fact", self.typed_fact),
            ("proposal.alt", self.typed_alt),
            ("proposal.until", self.typed_until),
            ("proposal.rewrite", self.typed_rewrite),
            ("proposal.preview", self.typed),
        ):
            routes.form(step, form(typed), back=form(self._back), left=self.left)

    # --- taps ------------------------------------------------------------------------------------------------

    async def show(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        await self._writing.go_on(turn, await self._authoring.look(turn.session, turn.person, item))

    async def pick(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """One of the moments that a doubt offered."""
        found = await self._authoring.edit(turn.session, turn.person, item, revision=revision)
        await self._posts.drafts.choose(turn.session, found.post, int(rest))
        await self._writing.go_on(turn, found)

    async def skip(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """A fact is left out."""
        found = await self._authoring.edit(turn.session, turn.person, item, revision=revision)
        await self._posts.drafts.leave_out(turn.session, found.post, FieldName(rest))
        await self._writing.go_on(turn, found)

    async def people(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """What was answered about a photo."""
        place, _, said = rest.partition(".")
        found = await self._authoring.edit(turn.session, turn.person, item, revision=revision)
        drafts, post, file = self._posts.drafts, found.post, int(place)
        if said == "drop":
            await drafts.remove_file(turn.session, post, file)
        elif said == "noalt":
            await drafts.describe(turn.session, post, file, alt="")
        else:
            await drafts.describe(turn.session, post, file, people=said == "yes")
        await self._writing.go_on(turn, found)

    async def area(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """For which Quartier; empty asks."""
        if not rest:
            await self._writing.ask_area(
                turn, await self._authoring.look(turn.session, turn.person, item, revision=revision)
            )
            return
        found = await self._authoring.edit(turn.session, turn.person, item, revision=revision)
        await self._posts.drafts.target(turn.session, found.post, [int(rest)])
        await self._writing.go_on(turn, found)

    async def until(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Until which day; empty asks."""
        if rest:
            found = await self._authoring.edit(turn.session, turn.person, item, revision=revision)
            await self._authoring.last_day(turn.session, found, self._authoring.day_after(int(rest)))
            await self._writing.go_on(turn, found)
            return
        found = await self._authoring.look(turn.session, turn.person, item, revision=revision)
        turn.expect("proposal.until", item=item)
        today = turn.now.astimezone(turn.render.zone).date()
        rows = [
            [
                Button(
                    M("posts.day", day=today.fromordinal(today.toordinal() + days)),
                    f"prop.until:{found.key}.{days}",
                )
            ]
            for days in DAYS_OFFERED
        ]
        # Translators: until which day shall the post stay? Days follow as choices, another one can be typed.
        turn.say(
            M("proposals.ask_until"), buttons=[*rows, [Button(M("common.back"), f"prop.show:{found.key}")]]
        )

    async def rewrite(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Asks for other words."""
        found = await self._authoring.look(turn.session, turn.person, item, revision=revision)
        turn.expect("proposal.rewrite", item=item)
        back = [[Button(M("common.back"), f"prop.show:{found.key}")]]
        # Translators: asks for new words in place of the old ones.
        turn.say(M("proposals.ask_rewrite"), buttons=back)

    async def loose(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """What words typed below the preview were meant for."""
        words = str((turn.step.data if turn.step else {}).get("words", ""))
        found = await self._authoring.edit(turn.session, turn.person, item, revision=revision)
        if words and rest == "text":
            await self._authoring.reword(turn.session, found, words)
        elif words and rest == "add":
            text = f"{found.post.original.body}\n{words}".strip()
            await self._posts.drafts.set_field(turn.session, found.post, FieldName.NOTE, text)
        await self._writing.go_on(turn, found)

    async def discard(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        await self._authoring.look(turn.session, turn.person, item, revision=revision)
        await self._authoring.withdraw(turn.session, turn.person, item)
        turn.leave()
        # Translators: the proposal that was being written is thrown away.
        turn.say(M("proposals.discarded"), buttons=[[Button(M("common.menu"), "menu:")]])

    async def send(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Abschicken."""
        sent = await self._authoring.submit(turn.session, turn.person, item, revision=revision)
        turn.leave()
        # Translators: the proposal is on its way to the teams of the Quartier; the author will hear. / Nobody of a team
        # is there at present; it waits.
        said = M("proposals.sent") if sent.reached else M("proposals.sent_to_nobody")
        turn.say(
            said,
            buttons=[
                [Button(M("proposals.button.mine"), "do:mysuggestions"), Button(M("common.menu"), "menu:")]
            ],
        )

    # --- words -----------------------------------------------------------------------------------------------

    async def typed_words(self, turn: Turn, item: int) -> None:
        """The words of a proposal that began with a photo."""
        found = await self._authoring.edit(turn.session, turn.person, item)
        await self._files(turn, found)
        if turn.text and not found.title:
            await self._authoring.reword(turn.session, found, turn.text)
        await self._writing.go_on(turn, found)

    async def typed_fact(self, turn: Turn, item: int) -> None:
        """A fact in the author's own words."""
        found = await self._authoring.edit(turn.session, turn.person, item)
        field = FieldName(str((turn.step.data if turn.step else {})["field"]))
        if await self._files(turn, found) and not turn.text:
            pass  # the question comes again below
        elif not turn.text or not await self._posts.drafts.set_field(
            turn.session, found.post, field, turn.text
        ):
            turn.say(M("posts.no_moment"))
        await self._writing.go_on(turn, found)

    async def typed_alt(self, turn: Turn, item: int) -> None:
        """What a picture shows."""
        found = await self._authoring.edit(turn.session, turn.person, item)
        if not await self._files(turn, found) and turn.text:
            place = int((turn.step.data if turn.step else {})["file"])
            await self._posts.drafts.describe(turn.session, found.post, place, alt=turn.text[:300])
        await self._writing.go_on(turn, found)

    async def typed_until(self, turn: Turn, item: int) -> None:
        """A day in somebody's own words."""
        found = await self._authoring.edit(turn.session, turn.person, item)
        when = read_when(turn.text, now=turn.now, zone=self._posts.zone())
        day = when.ends_at or when.starts_at
        if any(doubt.kind is DoubtKind.PAST for doubt in when.doubts):
            turn.say(M("proposals.until_unfit"))
            await self.until(turn, item, found.post.item.revision, "")
            return
        if day is None or when.doubts:
            turn.say(M("posts.no_moment"))
            await self.until(turn, item, found.post.item.revision, "")
            return
        try:
            await self._authoring.last_day(turn.session, found, day_end(day, self._posts.zone()))
        except TooLateError:
            # Translators: the day is past or more than two months ahead.
            turn.say(M("proposals.until_unfit"))
            await self.until(turn, item, found.post.item.revision, "")
            return
        await self._writing.go_on(turn, found)

    async def typed_rewrite(self, turn: Turn, item: int) -> None:
        found = await self._authoring.edit(turn.session, turn.person, item)
        await self._files(turn, found)
        if turn.text.strip():
            await self._authoring.reword(turn.session, found, turn.text)
        await self._writing.go_on(turn, found)

    async def typed(self, turn: Turn, item: int) -> None:
        """Words or files below the preview."""
        found = await self._authoring.edit(turn.session, turn.person, item)
        if await self._files(turn, found) or not turn.text.strip():
            await self._writing.go_on(turn, found)
            return
        if found.post.post.kind == Kind.EVENT and await self._posts.drafts.change(
            turn.session, found.post, turn.text
        ):
            await self._writing.go_on(turn, found)
            return
        turn.expect("proposal.preview", item=item, words=turn.text)
        turn.say(
            M("posts.loose"),
            buttons=[
                [Button(M("posts.button.as_text"), f"prop.loose:{found.key}.text")],
                [Button(M("posts.button.add"), f"prop.loose:{found.key}.add")],
                [Button(M("common.back"), f"prop.show:{found.key}")],
            ],
        )

    async def _files(self, turn: Turn, found: Found) -> bool:
        files = turn.event.attachments
        for file in files:
            if file.media is None:
                turn.say(refusal(file.source.removeprefix(REFUSED)))
        await self._posts.drafts.attach(turn.session, found.post, files)
        return bool(files)

    async def _back(self, turn: Turn, item: int) -> None:
        """ZURÜCK leads to the preview, and from there out; what was typed is kept."""
        found = await self._authoring.look(turn.session, turn.person, item)
        if turn.step is not None and turn.step.name == "proposal.preview":
            await self._kept(turn, found)
            turn.leave()
            return
        await self._writing.go_on(turn, found)

    async def left(self, turn: Turn) -> None:
        """Another command in the middle: say that what was typed is kept."""
        item = int((turn.step.data if turn.step else {}).get("item", 0))
        found = await self._proposals.records.find(turn.session, item)
        if (
            found is not None
            and found.post.item.author == turn.person
            and found.stage is Stage.DRAFT
            and found.title
        ):
            await self._kept(turn, found)

    async def _kept(self, turn: Turn, found: Found) -> None:
        # Translators: a proposal that was begun is kept; /suggest goes on with it. {title}.
        turn.say(M("proposals.kept", title=Name(found.title)))
