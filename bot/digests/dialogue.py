"""The face of digests: an item is opened in full, with the choices it would have had by itself."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.language import M
from bot.posts.render import attachments, choices, post_rich
from bot.posts.service import Posts


class DigestsDialogue:
    """Opens what a digest tells of."""

    def __init__(self, posts: Posts) -> None:
        self._posts = posts

    def register(self, routes: Routes) -> None:
        routes.action("digest.open", self.open)

    async def open(self, turn: Turn, argument: str) -> None:
        """The whole post. What was published may be read by everybody."""
        item = number_in(argument)
        post = await self._posts.find(turn.session, item) if item is not None else None
        if post is None or not post.has_left(turn.now):
            turn.say(M("posts.gone"))
            return
        rows = [[Button(choice.label, choice.value) for choice in row] for row in choices(turn.render, post)]
        voice = await self._posts.voices.of(turn.session, post)
        turn.say(post_rich(turn.render, post, voice), buttons=rows, attachments=attachments(post))
