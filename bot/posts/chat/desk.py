"""What all faces of posts share: reading a choice's value, taking files in, and saying what went wrong.

A choice carries the item and its revision ("post.send:12.3"). A tap on an older preview never acts on something newer:
it says so and shows the present one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.dialogue import Button, Turn
from bot.dialogue.numbers import number_in
from bot.items.model import ItemState
from bot.language import M, Msg, Name
from bot.posts.announcement import Announcement
from bot.posts.drafting.editing import MAX_BODY
from bot.posts.errors import (
    MutedError,
    NeedsAnotherError,
    NotAllowedError,
    PostError,
    StaleError,
    TooLateError,
)
from bot.posts.service import Posts

OnItem = Callable[[Turn, int, int, str], Awaitable[None]]
"""A choice's handler: item, revision, and what else its value says."""
OnWords = Callable[[Turn, int], Awaitable[None]]
"""A step's handler: the item."""
REFUSED = "refused:"


class Desk:
    """Helps the faces. `go_on` is set when they are wired: it asks the next question or shows the preview."""

    def __init__(self, posts: Posts) -> None:
        self._posts = posts
        self.go_on: Callable[[Turn, Announcement], Awaitable[None]] | None = None

    def form(self, handler: OnWords) -> Callable[[Turn], Awaitable[None]]:
        """A step whose data names the item."""

        async def step(turn: Turn) -> None:
            item = int((turn.step.data if turn.step else {}).get("item", 0))
            if self.too_long(turn):
                return
            try:
                async with turn.session.begin_nested():
                    await handler(turn, item)
            except PostError as fault:
                await self.explain(turn, fault, item)

        return step

    def too_long(self, turn: Turn) -> bool:
        """Say so, and keep the step: nothing that was typed is cut in silence."""
        if len(turn.text) <= MAX_BODY:
            return False
        turn.say(M("questions.too_long", limit=MAX_BODY))
        return True

    async def left(self, turn: Turn) -> None:
        """Another command in the middle of a draft: say that it is kept, if the list shows it."""
        post = await self._seen(turn, int((turn.step.data if turn.step else {}).get("item", 0)))
        if post is None or post.item.state != ItemState.DRAFT or post.post.corrects is not None:
            return
        if post.item.author == turn.person and post.original.title:
            # Translators: one line before the answer to a command typed while writing an announcement. {title}.
            turn.say(M("posts.kept", title=Name(post.original.title)))

    async def files(self, turn: Turn, draft: Announcement) -> bool:
        """Take the files of this turn into the draft, and say which were not taken. True if there were any."""
        files = turn.event.attachments
        if not files:
            return False
        for file in files:
            if file.media is None:
                turn.say(refusal(file.source.removeprefix(REFUSED)))
        await self._posts.drafts.attach(turn.session, draft, files)
        return True

    def no_role(self, turn: Turn) -> None:
        """To somebody who may announce nothing, or not there."""
        turn.leave()
        # Translators: somebody without a role for this wants to announce something; friendly.
        turn.say(M("posts.no_role"), buttons=[[Button(M("common.menu"), "menu:")]])

    async def explain(self, turn: Turn, fault: PostError, item: int) -> None:
        """What went wrong, and the way on. Who may not see the post can't tell it from one that doesn't exist."""
        menu = [[Button(M("common.menu"), "menu:")]]
        post = await self._seen(turn, item)
        if post is None or isinstance(fault, NotAllowedError):
            turn.leave()
            # Translators: a tap on something that doesn't exist, or that belongs to others; plain and friendly.
            turn.say(M("posts.unknown"), buttons=menu)
            return
        if isinstance(fault, MutedError):
            turn.say(fault.silence.said(), buttons=menu)
            return
        if isinstance(fault, TooLateError):
            # Translators: it can't be sent or undone any more: it is over, or it has left already.
            turn.say(M("posts.too_late"), buttons=menu)
            return
        if isinstance(fault, NeedsAnotherError):
            # Translators: a severe alert needs a second person, and there is none. Call 112 in danger.
            turn.say(M("posts.needs_another"), buttons=menu)
            return
        if isinstance(fault, StaleError) and post.item.state == ItemState.DRAFT and self.go_on:
            # Translators: a tap on an old preview: it has changed since; the present one follows.
            turn.say(M("posts.stale"))
            await self.go_on(turn, post)
            return
        turn.leave()
        # Translators: a tap that has no meaning any more, because it was sent, withdrawn or discarded meanwhile.
        turn.say(M("posts.already"), buttons=menu)

    async def _seen(self, turn: Turn, item: int) -> Announcement | None:
        """The post, if there is one and this person may see it before it is sent."""
        post = await self._posts.find(turn.session, item)
        if post is None:
            return None
        try:
            await self._posts.rights.check(turn.session, turn.person, post.item.treffpunkt)
        except NotAllowedError:
            return None
        return post


def guarded(desk: Desk, handler: OnItem) -> Callable[[Turn, str], Awaitable[None]]:
    """An action on "item.revision" or "item.revision.more" that explains what went wrong."""

    async def action(turn: Turn, argument: str) -> None:
        item, _, more = argument.partition(".")
        revision, _, rest = more.partition(".")
        number = number_in(item) or 0
        try:
            # Whatever a refused action has changed by then is taken back.
            async with turn.session.begin_nested():
                await handler(turn, number, number_in(revision) or 0, rest)
        except (PostError, ValueError, OverflowError) as fault:
            # A value that can't be read is no choice of ours any more.
            await desk.explain(turn, fault if isinstance(fault, PostError) else StaleError(), number)

    return action


def refusal(reason: str) -> Msg:
    # Translators: why a file was not taken: too big / unknown kind / broken / could not be fetched. Says what to do.
    return {
        "too_big": M("posts.file.too_big"),
        "unknown_kind": M("posts.file.unknown_kind"),
        "broken": M("posts.file.broken"),
    }.get(reason, M("posts.file.unfetched"))
