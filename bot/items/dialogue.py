""" "12 1": the first choice of the message with the number 12, typed. Works for every item, on every platform."""

from __future__ import annotations

from bot.delivery.refs import choice_of
from bot.dialogue import Button, Routes, Turn
from bot.items.service import numbered
from bot.language import M


class ItemsDialogue:
    """Resolves numbered choices of messages that were pushed."""

    def register(self, routes: Routes) -> None:
        self._routes = routes
        routes.addressed.append(self.addressed)

    async def addressed(self, turn: Turn, number: int, place: int) -> bool:
        """Do what that choice does, or say that there is no such message."""
        item = await numbered(turn.session, number)
        value = (
            await choice_of(turn.session, turn.chat_id, item, f"{number} {place}")
            if item is not None
            else None
        )
        found = self._routes.action_of(value) if value else None
        if found is None:
            # Translators: somebody typed the number of a message that they don't have (any more). {number}: it.
            turn.say(M("items.gone", number=number), buttons=[[Button(M("common.menu"), "menu:")]])
            return True
        handler, argument = found
        await handler(turn, argument)
        return True
