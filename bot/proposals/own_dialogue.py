"""/mysuggestions: an author's proposals, how each stands, and what can be done; and the yes or no to other words."""

from __future__ import annotations

from datetime import timedelta

from bot.contract import Rich
from bot.dialogue import Button, Routes, Turn
from bot.language import M, Msg, Name, join
from bot.posts.render import attachments, stacked
from bot.proposals.desk import ProposalDesk
from bot.proposals.model import Stage
from bot.proposals.records import Found
from bot.proposals.service import Proposals
from bot.proposals.writing_dialogue import WritingFace


class OwnFace:
    """Shows authors what is theirs."""

    def __init__(self, proposals: Proposals, writing: WritingFace, desk: ProposalDesk) -> None:
        self._proposals = proposals
        self._authoring = proposals.authoring
        self._writing = writing
        self._desk = desk

    def register(self, routes: Routes) -> None:
        # Translators: names of the command that lists one's own proposals, comma-separated. / What it does.
        routes.command(
            "mysuggestions",
            M("proposals.command.mine"),
            M("proposals.command.mine.about"),
            self.list,
            in_menu=False,
        )
        for name, handler in (
            ("prop.mine", self.open),
            ("prop.take", self.ask_take),
            ("prop.taken", self.take),
            ("prop.agree", self.agree),
            ("prop.disagree", self.disagree),
            ("prop.revise", self.revise),
            ("prop.extend", self.extend),
        ):
            routes.action(name, self._desk.action(handler))

    async def list(self, turn: Turn, argument: str) -> None:
        """The newest, each with how it stands."""
        turn.leave()
        mine = [one for one in await self._proposals.records.of(turn.session, turn.person) if one.title]
        if not mine:
            # Translators: the resident has proposed nothing yet. / Button: propose something.
            turn.say(M("proposals.none"), buttons=[[Button(M("people.task.suggest"), "do:suggest")]])
            return
        lines: list[Msg] = [self._line(turn, one) for one in mine]
        rows = [[Button(one.title[:60], f"prop.mine:{one.id}")] for one in mine]
        # Translators: heading of the list of one's own proposals.
        turn.say(
            M("proposals.mine"),
            stacked(turn.render, lines),
            buttons=[
                *rows,
                [Button(M("people.task.suggest"), "do:suggest"), Button(M("common.menu"), "menu:")],
            ],
        )

    async def open(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """One proposal, and what can be done."""
        found = await self._proposals.records.mine(turn.session, turn.person, item)
        rows: list[list[Button]] = []
        if found.stage is Stage.DRAFT:
            rows.append([Button(M("posts.button.go_on"), f"prop.show:{found.key}")])
        if found.stage is Stage.CONSENT:
            rows += [
                [Button(M("proposals.button.agree"), f"prop.agree:{found.key}")],
                [Button(M("proposals.button.disagree"), f"prop.disagree:{found.key}")],
            ]
        if found.stage in (Stage.OPEN, Stage.CONSENT, Stage.DECLINED):
            rows.append([Button(M("proposals.button.revise"), f"prop.revise:{found.id}")])
        if found.stage not in (Stage.WITHDRAWN, Stage.TAKEN_BACK):
            # Translators: button: take one's own proposal back, also where it is published.
            rows.append([Button(M("proposals.button.take_back"), f"prop.take:{found.id}")])
        shown: Rich = await self._proposals.telling.shown(
            turn.session,
            turn.render,
            found.post,
            found.proposal.words if found.stage is Stage.CONSENT else "",
        )
        turn.say(
            join(stacked(turn.render, [self._line(turn, found)]), shown),
            buttons=[*rows, [Button(M("common.menu"), "menu:")]],
            attachments=attachments(found.post),
        )

    async def ask_take(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Really?"""
        found = await self._proposals.records.mine(turn.session, turn.person, item)
        # Translators: really take one's own proposal back everywhere? {title}.
        turn.say(
            M("proposals.ask_take_back", title=Name(found.title)),
            buttons=[
                [Button(M("common.yes"), f"prop.taken:{found.id}")],
                [Button(M("common.no"), f"prop.mine:{found.id}")],
            ],
        )

    async def take(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        published = await self._authoring.withdraw(turn.session, turn.person, item)
        turn.leave()
        # Translators: one's own post is being taken back everywhere. / The proposal is taken back, nobody had read it.
        said = M("proposals.taken_back_everywhere") if published else M("proposals.taken_back")
        turn.say(said, buttons=[[Button(M("common.menu"), "menu:")]])

    async def agree(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Einverstanden."""
        out = await self._authoring.agree(turn.session, turn.person, item, revision=revision)
        # Translators: the author agreed to the changed words: it is sent now. / … it has to be released once more.
        turn.say(
            M("proposals.agreed") if out else M("proposals.sent"),
            buttons=[[Button(M("common.menu"), "menu:")]],
        )

    async def disagree(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Nein, so nicht."""
        await self._authoring.disagree(turn.session, turn.person, item, revision=revision)
        # Translators: the author doesn't want the changed words: nothing is published so; the team reads it again. /
        # Button: write it anew oneself.
        turn.say(
            M("proposals.disagreed"),
            buttons=[
                [Button(M("proposals.button.revise"), f"prop.revise:{item}")],
                [Button(M("common.menu"), "menu:")],
            ],
        )

    async def revise(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Back to the preview, to be changed and sent again."""
        await self._writing.go_on(turn, await self._authoring.revise(turn.session, turn.person, item))

    async def extend(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Two more weeks."""
        until = await self._authoring.extend(turn.session, turn.person, item)
        day = (until - timedelta(seconds=1)).astimezone(turn.render.zone).date()
        # Translators: the post goes on until {day}.
        turn.say(M("proposals.extended", day=day), buttons=[[Button(M("common.menu"), "menu:")]])

    @staticmethod
    def _line(turn: Turn, found: Found) -> Msg:
        title, until = Name(found.title), found.post.post.until
        if found.stage is Stage.RELEASED and until is not None:
            day = (until - timedelta(seconds=1)).astimezone(turn.render.zone).date()
            # Translators: one of one's own proposals: it is out, until {day}.
            return M("proposals.line.released", title=title, day=day)
        # Translators: one of one's own proposals, {title}: not sent yet; waits; the team would write it otherwise and
        # waits for a yes; out; declined; taken back by oneself; by the Treffpunkt; run out.
        return {
            Stage.DRAFT: M("proposals.line.draft", title=title),
            Stage.OPEN: M("proposals.line.open", title=title),
            Stage.CONSENT: M("proposals.line.consent", title=title),
            Stage.DECLINED: M("proposals.line.declined", title=title),
            Stage.WITHDRAWN: M("proposals.line.withdrawn", title=title),
            Stage.TAKEN_BACK: M("proposals.line.taken_back", title=title),
        }.get(found.stage, M("proposals.line.ended", title=title))
