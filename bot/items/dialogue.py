""" "12 1": the first choice of the message with the number 12, typed. Works for every item, on every platform."""

from __future__ import annotations

from bot.delivery.refs import choice_of
from bot.dialogue import Routes, Turn
from bot.items.service import numbered


class ItemsDialogue:
    """Resolves numbered choices of messages that were pushed."""

    def register(self, routes: Routes) -> None:
        self._routes = routes
        routes.addressed.append(self.addressed)

    async def addressed(self, turn: Turn, number: int, place: int) -> bool:
        """Do what that choice does; False if this chat holds no such message."""
        item = await numbered(turn.session, number)
        value = (
            await choice_of(turn.session, turn.chat_id, item, f"{number} {place}")
            if item is not None
            else None
        )
        found = self._routes.action_of(value) if value else None
        if found is None:
            return False
        handler, argument = found
        await handler(turn, argument)
        return True
