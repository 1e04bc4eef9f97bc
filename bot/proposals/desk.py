"""What both faces of proposals share: reading a choice's value, and saying what went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.dialogue import Button, Turn
from bot.dialogue.numbers import number_in
from bot.items.guard import SilencedError
from bot.language import M, N
from bot.posts.drafting.editing import MAX_BODY
from bot.posts.errors import NotAllowedError, PostError, StaleError, TooLateError
from bot.proposals.model import Stage
from bot.proposals.records import TooManyError
from bot.proposals.service import Proposals

OnItem = Callable[[Turn, int, int, str], Awaitable[None]]
OnWords = Callable[[Turn, int], Awaitable[None]]


class ProposalDesk:
    """Helps the faces."""

    def __init__(self, proposals: Proposals) -> None:
        self._proposals = proposals

    def action(self, handler: OnItem) -> Callable[[Turn, str], Awaitable[None]]:
        """An action on "item.revision.more" that explains what went wrong, and takes back what it had changed."""

        async def act(turn: Turn, argument: str) -> None:
            item, _, more = argument.partition(".")
            revision, _, rest = more.partition(".")
            number = number_in(item) or 0
            try:
                async with turn.session.begin_nested():
                    await handler(turn, number, number_in(revision) or 0, rest)
            except (PostError, SilencedError, ValueError, OverflowError) as fault:
                await self.explain(turn, fault, number)

        return act

    def form(self, handler: OnWords) -> Callable[[Turn], Awaitable[None]]:
        """A step whose data names the item. Too long a text is said to be so, and the step stays."""

        async def step(turn: Turn) -> None:
            item = int((turn.step.data if turn.step else {}).get("item", 0))
            if self.too_long(turn):
                return
            try:
                async with turn.session.begin_nested():
                    await handler(turn, item)
            except (PostError, SilencedError) as fault:
                await self.explain(turn, fault, item)

        return step

    def too_long(self, turn: Turn) -> bool:
        if len(turn.text) <= MAX_BODY:
            return False
        turn.say(M("questions.too_long", limit=MAX_BODY))
        return True

    async def explain(self, turn: Turn, fault: Exception, item: int) -> None:
        """Who may not see it can't tell it from one that doesn't exist."""
        menu = [[Button(M("common.menu"), "menu:")]]
        turn.leave()
        match fault:
            case SilencedError():
                turn.say(fault.silence.said(), buttons=menu)
            case TooManyError() if fault.weekly:
                # Translators: the resident or organisation has proposed as much as a week allows. {n}: how many.
                turn.say(N("proposals.too_many_week", fault.limit), buttons=menu)
            case TooManyError():
                # Translators: so many proposals of the resident wait already; then the next one. {n}: how many.
                turn.say(N("proposals.too_many_open", fault.limit), buttons=menu)
            case NotAllowedError():
                turn.say(M("posts.unknown"), buttons=menu)
            case TooLateError():
                # Translators: a proposal or its undoing comes too late: what it is about is over, or it has left.
                turn.say(M("proposals.too_late"), buttons=menu)
            case _:
                await self._overtaken(turn, fault, item)

    async def _overtaken(self, turn: Turn, fault: Exception, item: int) -> None:
        """Somebody was quicker, or the tap is an old one: say how it stands, to those who may know."""
        found = await self._proposals.records.find(turn.session, item)
        menu = [[Button(M("common.menu"), "menu:")]]
        mine = found is not None and found.post.item.author == turn.person
        reviews = found is not None and turn.person in await self._proposals.records.reviewers(
            turn.session, found
        )
        if found is None or not (mine or reviews):
            turn.say(M("posts.unknown"), buttons=menu)
            return
        if isinstance(fault, StaleError) and found.stage in (Stage.DRAFT, Stage.OPEN):
            action = "prop.show" if mine else "prop.review"
            # Translators: button below "that is an old message": show how it is now.
            # Translators: a tap on an old message: the proposal was changed since. A button shows it as it is.
            turn.say(
                M("proposals.stale"), buttons=[[Button(M("proposals.button.now"), f"{action}:{found.key}")]]
            )
            return
        # Translators: how a proposal stands, when somebody taps too late: its author still writes; it waits; it
        # waits for the author's yes; was released; was declined; was taken back by its author, or by others; is over.
        turn.say(
            {
                Stage.DRAFT: M("proposals.is.draft"),
                Stage.OPEN: M("proposals.is.open"),
                Stage.CONSENT: M("proposals.is.consent"),
                Stage.RELEASED: M("proposals.is.released"),
                Stage.DECLINED: M("proposals.is.declined"),
                Stage.WITHDRAWN: M("proposals.is.withdrawn"),
                Stage.TAKEN_BACK: M("proposals.is.taken_back"),
                Stage.ENDED: M("proposals.is.ended"),
            }[found.stage],
            buttons=menu,
        )
