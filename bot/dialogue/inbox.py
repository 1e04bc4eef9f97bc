"""The inbox: what happened is stored with the platform's cursor, then handled in order per chat, chats side by side.

Effects, answers and "done" are one transaction, and the payload is erased in it. An event that fails is tried again,
and after the third time it is set aside, counted, and the person is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Attachment, Inbound, Platform
from bot.delivery.chats import chat_for
from bot.delivery.model import Chat, Lane
from bot.delivery.outbox import Outbox
from bot.delivery.wire import inbound_from_wire, inbound_to_wire
from bot.dialogue.dispatch import Dispatcher
from bot.dialogue.model import Conversation, StoredInbound
from bot.dialogue.turn import Directory, Step, Turn
from bot.language import Languages, M
from bot.storage import Database

log = logging.getLogger(__name__)

MAX_TRIES = 3
SIDE_BY_SIDE = 20
KEEP_IDS = timedelta(hours=24)
"""How long the id of a handled event is kept; Telegram repeats an update for at most 24 h."""

TakeIn = Callable[[Platform, Attachment], Awaitable[Attachment]]
"""Fetches, checks and stores a file; the result has `media`, or a `source` of "refused:<reason>"."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event whose turn has come."""

    id: int
    lane_id: int
    chat_id: int
    event: Inbound


class Inbox:
    """Stores what comes in and has it handled. One per program."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        dispatcher: Dispatcher,
        directory: Directory,
        languages: Languages,
        outbox: Outbox,
        take_in: TakeIn,
        default_language: Callable[[], str],
        zone: Callable[[], tzinfo],
    ) -> None:
        self._database = database
        self._clock = clock
        self._dispatcher = dispatcher
        self._directory = directory
        self._languages = languages
        self._outbox = outbox
        self._take_in = take_in
        self._default_language = default_language
        self._zone = zone
        self._wake = asyncio.Event()
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def store(self, lane_id: int, events: Sequence[Inbound], cursor: str | None) -> None:
        """Store events and the platform's cursor in one transaction; what is known already counts once."""
        async with self._database.write() as session:
            for event in events:
                chat = await chat_for(session, lane_id, event.conversation, is_room=event.is_room)
                known = select(StoredInbound.id).where(
                    StoredInbound.lane_id == lane_id, StoredInbound.event_id == event.event_id
                )
                if (await session.execute(known)).first() is None:
                    session.add(
                        StoredInbound(
                            lane_id=lane_id,
                            event_id=event.event_id,
                            chat_id=chat.id,
                            payload=inbound_to_wire(event),
                            received_at=self._clock.now(),
                        )
                    )
                    await session.flush()
            if cursor is not None:
                await session.execute(update(Lane).where(Lane.id == lane_id).values(cursor=cursor))
        self._wake.set()

    async def run(self, platforms: Mapping[int, Platform]) -> None:
        """Handle what is stored until cancelled; a turn under way is finished first."""
        try:
            while True:
                self._wake.clear()
                for waiting in await self._next():
                    self._begin(waiting, platforms)
                await self._wake.wait()
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=3)

    async def settled(self) -> None:
        """Return when nothing waits; for tests and for an orderly stop."""
        while self._busy or await self._next():
            await asyncio.sleep(0.005)

    async def erase_old(self, session: AsyncSession) -> int:
        """Forget the ids of events handled more than a day ago. Returns how many."""
        old = delete(StoredInbound).where(
            StoredInbound.done_at.is_not(None), StoredInbound.received_at < self._clock.now() - KEEP_IDS
        )
        return cast("CursorResult[Any]", await session.execute(old)).rowcount

    async def _next(self) -> list[Waiting]:
        """The oldest open event of each chat that is not being handled."""
        room = SIDE_BY_SIDE - len(self._busy)
        if room <= 0:
            return []
        oldest = select(func.min(StoredInbound.id)).where(StoredInbound.done_at.is_(None))
        if self._busy:
            oldest = oldest.where(StoredInbound.chat_id.not_in(self._busy))
        rows = (
            select(StoredInbound)
            .where(StoredInbound.id.in_(oldest.group_by(StoredInbound.chat_id)))
            .order_by(StoredInbound.id)
            .limit(room)
        )
        async with self._database.read() as session:
            return [
                Waiting(row.id, row.lane_id, row.chat_id, inbound_from_wire(row.payload))
                for row in (await session.execute(rows)).scalars()
                if row.chat_id is not None and row.payload is not None
            ]

    def _begin(self, waiting: Waiting, platforms: Mapping[int, Platform]) -> None:
        platform = platforms.get(waiting.lane_id)
        if platform is None:
            return  # its platform is switched off at present; it waits
        self._busy.add(waiting.chat_id)
        task = asyncio.create_task(self._handle(waiting, platform))
        self._tasks.add(task)

        def _ended(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            self._busy.discard(waiting.chat_id)
            self._wake.set()

        task.add_done_callback(_ended)

    async def _handle(self, waiting: Waiting, platform: Platform) -> None:
        try:
            attachments = [await self._take_in(platform, file) for file in waiting.event.attachments]
            event = replace(waiting.event, attachments=tuple(attachments))
            async with self._database.write() as session:
                await self._turn(session, replace(waiting, event=event), platform)
        except Exception as fault:
            # One event fails alone: recorded, tried again, and at last set aside with a word to the person.
            log.exception("a turn failed: %s", type(fault).__name__)
            await self._failed(waiting, platform)

    async def _turn(self, session: AsyncSession, waiting: Waiting, platform: Platform) -> None:
        turn = await self._prepare(session, waiting, platform)
        await self._dispatcher.handle(turn)
        for message in turn.outgoing():
            await self._outbox.send(session, waiting.chat_id, message)
        await self._keep(session, turn)
        await self._done(session, waiting.id)

    async def _prepare(self, session: AsyncSession, waiting: Waiting, platform: Platform) -> Turn:
        speaker = await self._directory.speaker(session, waiting.chat_id)
        hint = self._languages.match(waiting.event.language) if waiting.event.language else None
        language = speaker.language if speaker else hint or self._default_language()
        conversation = await session.get(Conversation, waiting.chat_id)
        now, zone = self._clock.now(), self._zone()
        return Turn(
            session=session,
            event=waiting.event,
            lane_id=waiting.lane_id,
            platform=platform.name,
            capabilities=platform.capabilities,
            chat_id=waiting.chat_id,
            speaker=speaker,
            languages=self._languages,
            render=self._languages.renderer(language, zone=zone, today=now.astimezone(zone).date()),
            now=now,
            step=Step(conversation.step, conversation.data) if conversation and conversation.step else None,
            open_choices=list(conversation.open) if conversation else [],
        )

    async def _keep(self, session: AsyncSession, turn: Turn) -> None:
        """Where the conversation stands now. Of a stranger nothing is kept."""
        conversation = await session.get(Conversation, turn.chat_id)
        if turn.speaker is None or turn.forget:
            if conversation is not None:
                await session.delete(conversation)
            return
        if conversation is None:
            conversation = Conversation(chat_id=turn.chat_id, revision=0)
            session.add(conversation)
        conversation.step = turn.step.name if turn.step else None
        conversation.data = dict(turn.step.data) if turn.step else {}
        conversation.open = turn.open_choices
        conversation.revision += 1

    async def _done(self, session: AsyncSession, inbound_id: int) -> None:
        done = update(StoredInbound).where(StoredInbound.id == inbound_id)
        await session.execute(done.values(done_at=self._clock.now(), payload=None))

    async def _failed(self, waiting: Waiting, platform: Platform) -> None:
        async with self._database.write() as session:
            row = await session.get(StoredInbound, waiting.id)
            if row is None:
                return
            row.tries += 1
            if row.tries < MAX_TRIES:
                return
            chat = await session.get(Chat, waiting.chat_id)
            if chat is not None and not chat.is_room:
                turn = await self._prepare(session, waiting, platform)
                # Translators: something broke on our side; the person is asked to try again.
                turn.say(M("dialogue.failed"))
                for message in turn.outgoing():
                    await self._outbox.send(session, waiting.chat_id, message)
            await self._done(session, waiting.id)
