"""What authors and reviewers are told without having asked: after their quiet hours, numbered if it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Attachment, Choice, Outgoing, Rich
from bot.delivery.model import Chat, Delivery, Priority, StoredText
from bot.delivery.outbox import Outbox
from bot.delivery.wire import to_wire
from bot.items.model import Item, ItemState
from bot.items.service import hold_publications, next_publication_no
from bot.language import Msg, Renderer
from bot.language.common import pair_of
from bot.people.pace import after_quiet
from bot.people.service import People
from bot.posts.leaving.spread import Able
from bot.posts.voices import Voices
from bot.proposals.model import REQUEST_KIND

Write = Callable[[Renderer, int], Rich]
"""Renders a message; the number is the one it can be answered by."""


class Pushing:
    """Writes to people."""

    def __init__(self, clock: Clock, outbox: Outbox, people: People, voices: Voices, able: Able) -> None:
        self._clock = clock
        self._outbox = outbox
        self._people = people
        self._voices = voices
        self._able = able

    async def ask(
        self, session: AsyncSession, people: Sequence[int], write: Write, choices: Sequence[tuple[Msg, str]],
        files: tuple[Attachment, ...] = (),
    ) -> int:  # fmt: skip
        """Something with choices. Returns the item it can be answered by."""
        now, number = self._clock.now(), await next_publication_no(session)
        item = Item(
            kind=REQUEST_KIND, author=None, treffpunkt=None, state=ItemState.PUBLISHED, revision=1,
            publication_no=number, created_at=now, published_at=now,
        )  # fmt: skip
        session.add(item)
        await session.flush()
        stopped = await self._people.stopped(session, people)
        there = [person for person in people if person not in stopped]
        for person, (chat_id, language) in (await self._people.chats(session, there)).items():
            render = self._voices.render(language)
            message = Outgoing(
                write(render, number),
                language=render.language.tag,
                rtl=render.language.rtl,
                choices=tuple((Choice(render.text(label), value),) for label, value in choices),
                numbers=tuple(f"{number} {place}" for place in range(1, len(choices) + 1)),
                attachments=files,
                notice=render.text(pair_of(number)),
            )
            await self._send(session, person, chat_id, message, item.id)
        return item.id

    async def tell(
        self, session: AsyncSession, person: int | None, write: Callable[[Renderer], Rich]
    ) -> None:
        """A word that asks nothing."""
        people = [person] if person is not None else []
        if await self._people.stopped(session, people):
            return
        for one, (chat_id, language) in (await self._people.chats(session, people)).items():
            render = self._voices.render(language)
            message = Outgoing(write(render), language=render.language.tag, rtl=render.language.rtl)
            await self._send(session, one, chat_id, message, None)

    async def forget(self, session: AsyncSession, requests: Iterable[int]) -> None:
        """Nobody needs to answer any more: what hasn't left doesn't leave."""
        await hold_publications(
            session
        )  # what is asked next takes a number, and copies are changed after that
        for request in requests:
            await self._outbox.drop(session, item=request)

    async def take_back(self, session: AsyncSession, requests: Sequence[int]) -> None:
        """Its copies vanish from the chats, too, and their words from here."""
        await self.forget(session, requests)
        for request in requests:
            rows = select(Delivery.wanted_text).where(Delivery.item == request)
            wanted = {text for text in (await session.scalars(rows)).all() if text is not None}
            if wanted:
                await self._outbox.replace(session, item=request, texts=dict.fromkeys(wanted, None))
        texts = select(StoredText.id).where(StoredText.item.in_(requests))
        await self.blank(session, (await session.scalars(texts)).all())

    async def blank(self, session: AsyncSession, texts: Sequence[int]) -> None:
        """Forget what these texts said. Whoever holds one is to give it back, and that needs no words."""
        empty = update(StoredText).where(StoredText.id.in_(texts)).values(body=to_wire(Outgoing(body=())))
        await session.execute(empty.execution_options(synchronize_session=False))

    async def _send(
        self, session: AsyncSession, person: int, chat_id: int, message: Outgoing, item: int | None
    ) -> None:
        now = self._clock.now()
        habit = (await self._people.settings(session, person)).habit
        # Where nothing rings (the page's chat) nobody is woken, so it need not wait for the morning.
        due = after_quiet(habit, now, self._voices.zone()) if await self._rings(session, chat_id) else now
        await self._outbox.send(session, chat_id, message, priority=Priority.RELAY, item=item, due_at=due)

    async def _rings(self, session: AsyncSession, chat_id: int) -> bool:
        lane = await session.scalar(select(Chat.lane_id).where(Chat.id == chat_id))
        able = self._able().get(lane) if lane is not None else None
        return able is None or able.pushes
