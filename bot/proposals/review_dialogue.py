"""/suggestions, and the choices below a proposal, for staff: release, propose other words, decline with a reason."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.items.guard import SilencedError
from bot.language import M, Msg, Name, strip_controls
from bot.posts.errors import PostError
from bot.posts.render import attachments
from bot.posts.timing import UNDO
from bot.proposals.desk import ProposalDesk
from bot.proposals.model import Stage
from bot.proposals.records import Found
from bot.proposals.service import Proposals
from bot.proposals.telling import review_choices

MAX_REASON = 500
"""Characters."""


class ReviewFace:
    """Shows reviewers what waits for them."""

    def __init__(self, proposals: Proposals, desk: ProposalDesk) -> None:
        self._proposals = proposals
        self._reviewing = proposals.reviewing
        self._desk = desk

    def register(self, routes: Routes) -> None:
        # Translators: names of the staff's command that lists residents' proposals, comma-separated. / What it does.
        routes.command(
            "suggestions",
            M("proposals.command.review"),
            M("proposals.command.review.about"),
            self.list,
            in_menu=False,
        )
        for name, handler in (
            ("prop.review", self.show),
            ("prop.release", self.release),
            ("prop.undo", self.undo),
            ("prop.change", self.ask_words),
            ("prop.decline", self.ask_reason),
            ("prop.reason", self.decline),
        ):
            routes.action(name, self._desk.action(handler))
        routes.form("proposal.change", self._desk.form(self.typed_words))
        routes.form("proposal.reason", self._desk.form(self.typed_reason))
        routes.undoable(self.halt, words=M("posts.words.halt"), remind=self.remind)

    async def list(self, turn: Turn, argument: str) -> None:
        """What waits for a decision."""
        turn.leave()
        menu = [Button(M("common.menu"), "menu:")]
        if not await self._proposals.records.reviewed_by(turn.session, turn.person):
            turn.say(M("posts.no_role"), buttons=[menu])
            return
        waiting = await self._reviewing.waiting(turn.session, turn.person)
        if not waiting:
            # Translators: no proposal waits for the team.
            turn.say(M("proposals.review.none"), buttons=[menu])
            return
        # Translators: heading of the proposals that wait for the team; titles follow as choices.
        turn.say(
            M("proposals.review.list"),
            buttons=[
                *([Button(self._label(one), f"prop.review:{one.key}")] for one in waiting),
                menu,
            ],
        )

    @staticmethod
    def _label(found: Found) -> Msg:
        title = Name(found.title[:40])
        if found.stage is Stage.CONSENT:
            # Translators: a proposal in the list, as a choice: its author is being asked about other words.
            return M("proposals.review.label_consent", title=title)
        # Translators: a proposal in the list, as a choice: keep the placeholder only.
        return M("posts.value", value=title)

    async def show(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """One proposal with its choices."""
        await self._show(turn, await self._reviewing.seen(turn.session, turn.person, item))

    async def _show(self, turn: Turn, found: Found) -> None:
        shown = await self._proposals.telling.shown(
            turn.session, turn.render, found.post, found.proposal.words
        )
        rows = []
        if found.stage is Stage.OPEN:
            rows = [[Button(label, value)] for label, value in review_choices(found)]
        head = [] if found.stage is Stage.OPEN else [M("proposals.is.consent")]
        if found.stage not in (Stage.OPEN, Stage.CONSENT):
            await self._desk.explain(turn, PostError(), found.id)
            return
        turn.say(
            *head,
            shown,
            buttons=[*rows, [Button(M("common.menu"), "menu:")]],
            attachments=attachments(found.post),
        )

    async def release(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Freigeben."""
        try:
            await self._reviewing.release(turn.session, turn.person, item, revision=revision)
        except SilencedError:
            # Translators: to staff: the author of the proposal may not write at present, so it can't be released.
            turn.say(M("proposals.review.silenced"), buttons=[[Button(M("common.menu"), "menu:")]])
            return
        turn.leave()
        undo = [[Button(M("posts.button.undo"), f"prop.undo:{item}")]]
        turn.say(M("posts.leaves", seconds=int(UNDO.total_seconds())), buttons=undo)

    async def undo(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Halt, noch nicht."""
        found = await self._reviewing.undo(turn.session, turn.person, item)
        turn.say(M("posts.undone"))
        await self._show(turn, found)

    async def halt(self, turn: Turn) -> bool:
        """STOPP, ZURÜCK or "halt" in the 30 seconds."""
        item = await self._reviewing.just_released(turn.session, turn.person)
        if item is None:
            return False
        try:
            await self.undo(turn, item, 0, "")
        except PostError as fault:
            await self._desk.explain(turn, fault, item)
        return True

    async def remind(self, turn: Turn) -> bool:
        """Something that nobody understood, in the 30 seconds: perhaps it was to halt it."""
        item = await self._reviewing.just_released(turn.session, turn.person)
        if item is None:
            return False
        turn.say(M("posts.leaves_soon"), buttons=[[Button(M("posts.button.undo"), f"prop.undo:{item}")]])
        return True

    async def ask_words(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Asks for other words."""
        await self._reviewing.look(turn.session, turn.person, item, revision)
        await self._reviewing.may_speak(turn.session, turn.person)
        turn.expect("proposal.change", item=item, revision=revision)
        # Translators: asks staff for the changed text; it is released only if its author agrees.
        turn.say(M("proposals.review.ask_words"))

    async def typed_words(self, turn: Turn, item: int) -> None:
        words = strip_controls(turn.text).strip()
        data = turn.step.data if turn.step else {}
        if not words:
            turn.say(M("proposals.review.ask_words"))
            return
        await self._reviewing.propose(turn.session, turn.person, item, words, revision=int(data["revision"]))
        turn.leave()
        # Translators: to staff: the author is asked whether the changed words are right.
        turn.say(M("proposals.review.asked_author"), buttons=[[Button(M("common.menu"), "menu:")]])

    async def ask_reason(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Why not?"""
        found = await self._reviewing.look(turn.session, turn.person, item, revision)
        await self._reviewing.may_speak(turn.session, turn.person)
        turn.expect("proposal.reason", item=item, revision=revision)
        rows = [[Button(label, f"prop.reason:{found.key}.{code}")] for code, (label, _) in _reasons().items()]
        # Translators: why is the proposal declined? Reasons follow as choices, own words can be typed.
        turn.say(M("proposals.review.ask_reason"), buttons=rows)

    async def decline(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """A reason that was tapped: the author reads it in their own language."""
        if rest not in _reasons():
            raise ValueError(rest)
        await self._decline(turn, item, revision, _reasons()[rest][1])

    async def typed_reason(self, turn: Turn, item: int) -> None:
        """A reason in own words: passed on as they are."""
        words = strip_controls(turn.text).strip()
        data = turn.step.data if turn.step else {}
        if not words:
            turn.say(M("proposals.review.ask_reason"))
            return
        if len(words) > MAX_REASON:
            turn.say(M("questions.too_long", limit=MAX_REASON))
            return
        await self._decline(turn, item, int(data["revision"]), words)

    async def _decline(self, turn: Turn, item: int, revision: int, reason: Msg | str) -> None:
        await self._reviewing.decline(turn.session, turn.person, item, reason, revision=revision)
        turn.leave()
        # Translators: to staff: the proposal is declined, its author hears why.
        turn.say(M("proposals.review.declined"), buttons=[[Button(M("common.menu"), "menu:")]])


def _reasons() -> dict[str, tuple[Msg, Msg]]:
    """What staff tap, and what its author then reads."""
    # Translators: reasons to decline a proposal: a choice for staff, and what its author reads. Advertising; private
    # data of others; it is there already; unclear; against a house rule.
    return {
        "ad": (M("proposals.reason.ad"), M("proposals.because.ad")),
        "private": (M("proposals.reason.private"), M("proposals.because.private")),
        "twice": (M("proposals.reason.twice"), M("proposals.because.twice")),
        "unclear": (M("proposals.reason.unclear"), M("proposals.because.unclear")),
        "rule": (M("proposals.reason.rule"), M("proposals.because.rule")),
    }
