"""Messages to staff about their posts: a word to one of them, in their language, in their chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Choice, Outgoing, Rich
from bot.delivery.model import Priority
from bot.delivery.outbox import Outbox
from bot.language import Renderer
from bot.language.common import pair_of
from bot.people.service import People
from bot.posts.voices import Voices

Write = Callable[[Renderer], Rich]
Buttons = Callable[[Renderer], Sequence[Choice]]


class Senders:
    """Writes to staff."""

    def __init__(self, outbox: Outbox, people: People, voices: Voices) -> None:
        self._outbox = outbox
        self._people = people
        self._voices = voices

    async def tell(self, session: AsyncSession, person: int | None, write: Write) -> bool:
        """One reply. False if that person is gone."""
        if person is None:
            return False
        for chat_id, language in (await self._people.chats(session, [person])).values():
            render = self._voices.render(language)
            message = Outgoing(write(render), language=render.language.tag, rtl=render.language.rtl)
            await self._outbox.send(session, chat_id, message)
            return True
        return False

    async def ask(
        self,
        session: AsyncSession,
        people: Sequence[int],
        item: int,
        number: int,
        write: Write,
        buttons: Buttons,
        *,
        priority: Priority = Priority.ALERT,
    ) -> int:
        """A question with choices, under a number of its own, at once: it is urgent. Returns how many got it."""
        chats = await self._people.chats(session, people)
        for chat_id, language in chats.values():
            render = self._voices.render(language)
            choices = tuple(buttons(render))
            message = Outgoing(
                write(render),
                language=render.language.tag,
                rtl=render.language.rtl,
                choices=(choices,),
                numbers=tuple(f"{number} {place}" for place in range(1, len(choices) + 1)),
                notice=render.text(pair_of(number)),
            )
            await self._outbox.send(session, chat_id, message, priority=priority, item=item)
        return len(chats)
