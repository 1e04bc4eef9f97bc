"""The choice "thanks" below every announcement."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.language import M, Name
from bot.thanks.service import ThanksService


class ThanksDialogue:
    """Registers it."""

    def __init__(self, thanks: ThanksService) -> None:
        self._thanks = thanks

    def register(self, routes: Routes) -> None:
        routes.action("thanks", self.thanks)

    async def thanks(self, turn: Turn, argument: str) -> None:
        """Danke."""
        said = await self._thanks.say(turn.session, turn.person, number_in(argument) or 0)
        if said is None:
            turn.say(M("posts.gone"), buttons=[[Button(M("common.menu"), "menu:")]])
            return
        post, first = said
        title = Name(post.original.title)
        # Translators: the reader said thanks for a post; whoever wrote it will hear, without names. / … again.
        turn.say(M("thanks.said", title=title) if first else M("thanks.said_already", title=title))
