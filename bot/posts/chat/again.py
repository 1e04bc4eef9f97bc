"""Sending once more what perhaps didn't arrive: asked first, because some will get it twice."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.language import M, N
from bot.posts.chat.desk import Desk, guarded
from bot.posts.errors import WrongStateError
from bot.posts.leaving.receipts import again_button
from bot.posts.service import Posts


class AgainFace:
    """The question and the answer to it."""

    def __init__(self, posts: Posts, desk: Desk) -> None:
        self._posts = posts
        self._desk = desk

    def register(self, routes: Routes) -> None:
        routes.action("post.again", guarded(self._desk, self.ask))
        routes.action("post.again_yes", guarded(self._desk, self.send))

    async def ask(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Really? `post.again_yes` names what was asked about: it means nothing once that was sent."""
        post = await self._posts.find(turn.session, item)
        if post is None:
            raise WrongStateError
        await self._posts.rights.check(turn.session, turn.person, post.item.treffpunkt)
        doubt = await self._posts.again.doubt(turn.session, post)
        if not doubt.copies:
            raise WrongStateError
        # Translators: to the sender: {n} people perhaps have it. Sent once more, some have it twice; above
        # it stands that it is a repeat. The buttons are "send once more" and "no".
        turn.say(
            N("posts.ask.again", doubt.copies),
            buttons=[
                [Button(again_button(), f"post.again_yes:{item}.{doubt.stamp}")],
                [Button(M("common.no"), f"post.open:{item}.0")],
            ],
        )

    async def send(self, turn: Turn, item: int, stamp: int, rest: str) -> None:
        """Yes."""
        sent = await self._posts.again.send(turn.session, turn.person, item, stamp)
        # Translators: it is sent once more to {n} people; in their quiet hours it waits for the morning.
        turn.say(N("posts.sent_again", sent))
