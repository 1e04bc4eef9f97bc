"""Who gets a turn: from what happened to the one handler whose it is.

The order matters and is the whole of it: a stranger meets the notice; a tap is an action; an answer to an announcement
is a question to its Treffpunkt; who just did something may halt it; a command or plain word leaves a form; a number or
label is a choice; what is left belongs to the open step, and else gets a friendly way on.
"""

from __future__ import annotations

from bot.contract import Happened
from bot.dialogue.routes import Routes
from bot.dialogue.turn import Turn
from bot.dialogue.words import addressed, chosen, command_of
from bot.language import M

ALWAYS_WORDS = frozenset({"stop", "help", "back", "menu", "cancel"})
"""Commands whose plain words are heard even inside a form: the way out must always work."""
WAYS_OUT = frozenset({"stop", "back", "cancel"})
"""What leaves a form, and halts what was just sent."""


class Dispatcher:
    """Leads a turn to its handler."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    async def handle(self, turn: Turn) -> None:
        """Let the feature whose turn it is answer."""
        match turn.event.what:
            case Happened.BLOCKED | Happened.LEFT:
                for handler in self._routes.gone:
                    await handler(turn)
            case Happened.JOINED:
                for handler in self._routes.joined:
                    await handler(turn)
            case Happened.TEXT | Happened.CHOICE | Happened.ATTACHMENT:
                await self._answer(turn)
            case Happened.UNREADABLE:
                await self._unreadable(turn)
            case Happened.EDITED | Happened.DELETED | Happened.REACTION:
                pass  # a person tidying up their own words is no second command

    async def _answer(self, turn: Turn) -> None:
        if turn.event.is_room:
            return  # in a room we only speak when something is announced
        if turn.speaker is None:
            if self._routes.stranger is not None:
                await self._routes.stranger(turn)
        elif turn.event.what is Happened.CHOICE:
            await self._choose(turn, turn.event.choice)
        elif not await self._reply_to_item(turn):
            await self._read(turn)

    async def _unreadable(self, turn: Turn) -> None:
        """An open form stays as it is: they may write it again."""
        if turn.event.is_room:
            return
        if turn.speaker is None:
            await self._answer(turn)
            return
        # Translators: an encrypted message arrived without its key, so the bot could not read it.
        turn.say(M("dialogue.unreadable"))

    async def _choose(self, turn: Turn, value: str) -> None:
        found = self._routes.action_of(value)
        if found is None:
            await self._not_understood(turn)
            return
        handler, argument = found
        await handler(turn, argument)

    async def _reply_to_item(self, turn: Turn) -> bool:
        # A command stays a command, whatever message it was typed under.
        if not turn.event.reply_to or command_of(turn.text):
            return False
        for handler in self._routes.replies:
            if await handler(turn):
                return True
        return False

    async def _read(self, turn: Turn) -> None:
        if turn.event.what is Happened.TEXT and (
            await self._halted(turn)
            or await self._command(turn)
            or await self._numbered(turn)
            or await self._word(turn)
        ):
            return
        handler = self._routes.step_named(turn.step.name) if turn.step else None
        if handler is not None:
            await handler(turn)
        else:
            await self._not_understood(turn)

    async def _halted(self, turn: Turn) -> bool:
        """Undo what waits for a moment before it goes out, if that is what is meant and something waits."""
        parsed = command_of(turn.text)
        command = self._routes.command_named(parsed[0]) if parsed else self._routes.command_worded(turn.text)
        leads_out = command is not None and command.key in WAYS_OUT and turn.step is None
        if not leads_out and not self._routes.is_halt(turn.text):
            return False
        for halt in self._routes.halts:
            if await halt(turn):
                return True
        return False

    async def _command(self, turn: Turn) -> bool:
        parsed = command_of(turn.text)
        if parsed is None:
            return await self._way_out(turn)
        command = self._routes.command_named(parsed[0])
        if command is None:
            return False
        if turn.step is not None and command.key in ("cancel", "back"):
            await self._leave_form(turn, command.key)
            return True
        await self._leave_for(turn)
        await command.handler(turn, parsed[1])
        return True

    async def _way_out(self, turn: Turn) -> bool:
        """STOPP, HILFE, ZURÜCK, MENÜ. Inside a form STOPP leaves the form; outside it ends the subscription."""
        command = self._routes.command_worded(turn.text)
        if command is None or command.key not in ALWAYS_WORDS:
            return False
        if turn.step is not None and command.key in WAYS_OUT:
            await self._leave_form(turn, command.key)
            return True
        if command.key != "help":
            await self._leave_for(turn)
        await command.handler(turn, "")
        return True

    async def _leave_form(self, turn: Turn, key: str) -> None:
        back = self._routes.back_from(turn.step.name) if turn.step and key == "back" else None
        if back is not None:
            await back(turn)
            return
        await self._leave(turn)
        if self._routes.left_form is not None:
            await self._routes.left_form(turn)

    async def _leave(self, turn: Turn) -> None:
        """End the form; it may have a word to say about what becomes of what was typed."""
        left = self._routes.left_from(turn.step.name) if turn.step else None
        if left is not None:
            await left(turn)
        turn.leave()

    async def _leave_for(self, turn: Turn) -> None:
        """The same for another command, whose answer follows: nobody may think that what they wrote was sent."""
        step = turn.step
        if step is not None and self._routes.is_unsent(step.name) and step.data.get("words", True):
            turn.say(M("people.left_form"))
        await self._leave(turn)

    async def _numbered(self, turn: Turn) -> bool:
        value = chosen(turn.text, turn.open_choices)
        if value:
            await self._choose(turn, value)
            return True
        found = addressed(turn.text)
        if found and turn.step is None:
            for handler in self._routes.addressed:
                if await handler(turn, *found):
                    return True
        return False

    async def _word(self, turn: Turn) -> bool:
        """A plain word such as "heute", where no form waits for words of its own."""
        command = self._routes.command_worded(turn.text)
        if command is None or turn.step is not None:
            return False
        await command.handler(turn, "")
        return True

    async def _not_understood(self, turn: Turn) -> None:
        for remind in self._routes.reminders:
            if await remind(turn):
                return
        if self._routes.unknown is not None:
            await self._routes.unknown(turn)
