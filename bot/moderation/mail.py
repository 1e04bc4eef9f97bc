"""Messages to people about cases: in their language, to their chat, under a number of their own, not at night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Choice, Outgoing, Rich
from bot.delivery.model import Chat, Priority
from bot.delivery.outbox import Outbox
from bot.items.model import Item, ItemState
from bot.items.service import next_publication_no
from bot.language import Languages, Renderer
from bot.language.common import pair_of
from bot.people.pace import after_quiet
from bot.people.service import People
from bot.posts.leaving.spread import Able

Write = Callable[[Renderer], Rich]
Choices = Callable[[Renderer], Sequence[Choice]]


class Mail:
    """Writes to people."""

    def __init__(
        self, clock: Clock, outbox: Outbox, people: People, languages: Languages, able: Able,
        zone: Callable[[], ZoneInfo], language: Callable[[], str],
    ) -> None:  # fmt: skip
        self._clock = clock
        self._outbox = outbox
        self._people = people
        self._languages = languages
        self._able = able
        self._zone = zone
        self._default = language

    @property
    def zone(self) -> ZoneInfo:
        """The city's."""
        return self._zone()

    def render(self, tag: str) -> Renderer:
        """For a reader of `tag`; languages we no longer speak are read in the city's first."""
        tag = tag if tag in self._languages else self._default()
        zone = self._zone()
        return self._languages.renderer(tag, zone=zone, today=self._clock.now().astimezone(zone).date())

    async def chats(self, session: AsyncSession, person: int) -> dict[int, tuple[int, str]]:
        """The person's chat and language."""
        return await self._people.chats(session, [person])

    async def item(self, session: AsyncSession, kind: str) -> Item:
        """A new message with a number of its own, published now."""
        now = self._clock.now()
        item = Item(
            kind=kind, author=None, treffpunkt=None, state=ItemState.PUBLISHED, revision=1,
            publication_no=await next_publication_no(session), created_at=now, published_at=now,
        )  # fmt: skip
        session.add(item)
        await session.flush()
        return item

    async def push(
        self, session: AsyncSession, person: int, item: Item, write: Write, choices: Choices,
        *, priority: Priority, quiet: bool = True,
    ) -> bool:  # fmt: skip
        """One message with choices. `quiet`: not in the person's quiet hours. False if the person is gone."""
        for chat_id, language in (await self._people.chats(session, [person])).values():
            render = self.render(language)
            message = self.message(render, item.publication_no or 0, write(render), choices(render))
            due = await self._due(session, person, chat_id) if quiet else self._clock.now()
            await self._outbox.send(session, chat_id, message, priority=priority, item=item.id, due_at=due)
            return True
        return False

    async def tell(
        self, session: AsyncSession, person: int | None, write: Write, *, urgent: bool = False
    ) -> bool:
        """A few words without a choice; not in the quiet hours, unless urgent. False if the person is gone."""
        if person is None:
            return False
        for chat_id, language in (await self._people.chats(session, [person])).values():
            render = self.render(language)
            message = Outgoing(write(render), language=render.language.tag, rtl=render.language.rtl)
            due = self._clock.now() if urgent else await self._due(session, person, chat_id)
            priority = Priority.ALERT if urgent else Priority.REPLY
            await self._outbox.send(session, chat_id, message, due_at=due, priority=priority)
            return True
        return False

    def message(self, render: Renderer, number: int, body: Rich, choices: Sequence[Choice]) -> Outgoing:
        """Choices two in a row; what to type names the message."""
        rows = tuple(tuple(choices[at : at + 2]) for at in range(0, len(choices), 2))
        return Outgoing(
            body,
            language=render.language.tag,
            rtl=render.language.rtl,
            choices=rows,
            numbers=tuple(f"{number} {place}" for place in range(1, len(choices) + 1)),
            notice=render.text(pair_of(number)) if choices else "",
        )

    async def _due(self, session: AsyncSession, person: int, chat_id: int) -> datetime:
        now = self._clock.now()
        lane = await session.scalar(select(Chat.lane_id).where(Chat.id == chat_id))
        able = self._able().get(lane) if lane is not None else None
        if able is not None and not able.pushes:
            return now  # nobody is woken there
        return after_quiet((await self._people.settings(session, person)).habit, now, self._zone())
