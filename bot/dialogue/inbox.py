"""The inbox: what happened is stored with the platform's cursor, then handled in order per chat, chats side by side.

Effects, answers and "done" are one transaction, and the payload is erased in it. An event that fails is tried again
after a pause, and after the third time it is set aside, counted, and the person is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Attachment, Happened, Inbound, Platform
from bot.delivery.chats import chat_for
from bot.delivery.lease import keep_cursor
from bot.delivery.outbox import Outbox
from bot.delivery.wire import inbound_from_wire, inbound_to_wire
from bot.dialogue.dispatch import Dispatcher
from bot.dialogue.model import Conversation, StoredInbound
from bot.dialogue.turn import Directory, Step, Turn
from bot.language import Languages, M
from bot.storage import Database
from bot.storage.again import again
from bot.storage.notify import INBOUND, tell
from bot.storage.portable import insert_new
from bot.waiting import wait

log = logging.getLogger(__name__)

MAX_TRIES = 3
PAUSES = (1.0, 4.0)
"""Seconds before the second and the third try: what was locked or full may be free again. Only that chat waits."""
SIDE_BY_SIDE = 20
LOOK_AGAIN = 2.0
"""Seconds between looks where several processes store events: the net below their wake-ups."""
FAREWELL = 3.0
"""Seconds an orderly stop waits for turns under way. One that takes longer is undone, and comes again."""
ANSWERED = frozenset({Happened.TEXT, Happened.CHOICE, Happened.ATTACHMENT})
"""What a person who did it expects an answer to."""
KEEP_OPEN = timedelta(days=7)
KEEP_IDS = timedelta(hours=24)
"""How long the id of a handled event is kept; Telegram repeats an update for at most 24 h."""

TakeIn = Callable[[Platform, Attachment], Awaitable[Attachment]]
"""Fetches, checks and stores a file; the result has `media`, or a `source` of "refused:<reason>"."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event whose turn has come. Its payload is read in the turn: one that can't be read fails alone."""

    id: int
    lane_id: int
    chat_id: int
    payload: dict[str, Any]


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
        pauses: Sequence[float] = PAUSES,
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
        self._pauses = pauses
        self._platforms: Mapping[int, Platform] | None = None
        self._has_ended = False
        self._wake = asyncio.Event()
        self._busy: set[int] = set()
        """Chats whose turn is under way, or that rest after one that failed."""
        self._tasks: set[asyncio.Task[float]] = set()

    async def store(self, lane_id: int, events: Sequence[Inbound], cursor: str | None) -> None:
        """Store events and the platform's cursor in one transaction; what is known already counts once."""
        async with self._database.write() as session:
            if cursor is not None:
                await keep_cursor(session, lane_id, cursor)
            for event in events:
                chat = await chat_for(session, lane_id, event.conversation, is_room=event.is_room)
                await insert_new(
                    session,
                    StoredInbound,
                    lane_id=lane_id,
                    event_id=event.event_id,
                    chat_id=chat.id,
                    payload=inbound_to_wire(event),
                    received_at=self._clock.now(),
                )
            tell(session, INBOUND)
        self._wake.set()

    def wake(self) -> None:
        """There may be something new, or a lane more to look after."""
        self._wake.set()

    async def run(self, platforms: Mapping[int, Platform]) -> None:
        """Handle what is stored until cancelled; a turn under way is finished first.

        Events of a lane that isn't in `platforms` wait until it is, here or in another process.
        """
        self._platforms, self._has_ended = platforms, False
        try:
            while True:
                self._wake.clear()
                for waiting in await self._look():
                    platform = platforms.get(waiting.lane_id)
                    if platform is not None:
                        self._begin(waiting, platform)
                await self._rest()
        finally:
            self._has_ended = True
            await self._farewell()

    async def settled(self) -> None:
        """Return when nothing waits that can be handled; for tests. Raises `RuntimeError` if `run` has ended."""
        while self._busy or await self._next():
            if self._has_ended:
                raise RuntimeError("the inbox does not run")
            await asyncio.sleep(0.005)

    async def erase_old(self, session: AsyncSession) -> int:
        """Forget the ids of events of more than a day ago, handled or of a forgotten chat. Returns how many.

        What nobody could handle (its platform is switched off) is given up after `KEEP_OPEN`.
        """
        now, received = self._clock.now(), StoredInbound.received_at
        ended = or_(StoredInbound.done_at.is_not(None), StoredInbound.chat_id.is_(None))
        old = delete(StoredInbound).where(
            or_(and_(ended, received < now - KEEP_IDS), received < now - KEEP_OPEN)
        )
        return cast("CursorResult[Any]", await session.execute(old)).rowcount

    async def _rest(self) -> None:
        """Until there is something new. Where others may store it, a lost wake-up costs a moment only."""
        await wait(self._wake, None if self._database.is_sqlite else LOOK_AGAIN)

    async def _look(self) -> list[Waiting]:
        """What can begin now. A database that can't be read is looked at again after a pause."""
        try:
            return await self._next()
        except (SQLAlchemyError, OSError) as fault:
            log.error("the inbox can't be read (%s); trying again", type(fault).__name__)  # noqa: TRY400 - its words may quote a message
            asyncio.get_running_loop().call_later(self._pauses[0], self._wake.set)
            return []

    async def _next(self) -> list[Waiting]:
        """The oldest open event of each chat that is not being handled."""
        room = min(SIDE_BY_SIDE, self._database.most_turns or SIDE_BY_SIDE) - len(self._tasks)
        if room <= 0:
            return []
        oldest = select(func.min(StoredInbound.id)).where(
            StoredInbound.done_at.is_(None),
            StoredInbound.chat_id.is_not(None),
            StoredInbound.chat_id.not_in(self._busy),
        )
        if self._platforms is not None:
            # What waits for a platform that is switched off must not take up the room of the others.
            oldest = oldest.where(StoredInbound.lane_id.in_(self._platforms))
        rows = (
            select(StoredInbound)
            .where(StoredInbound.id.in_(oldest.group_by(StoredInbound.chat_id)))
            .order_by(StoredInbound.id)
            .limit(room)
        )
        async with self._database.read() as session:
            return [
                Waiting(row.id, row.lane_id, row.chat_id, row.payload or {})
                for row in (await session.execute(rows)).scalars()
                if row.chat_id is not None
            ]

    def _begin(self, waiting: Waiting, platform: Platform) -> None:
        self._busy.add(waiting.chat_id)
        task = asyncio.create_task(self._handle(waiting, platform))
        self._tasks.add(task)

        def _ended(done: asyncio.Task[float]) -> None:
            self._tasks.discard(done)
            rest = 0.0 if done.cancelled() else done.result()
            if rest:
                asyncio.get_running_loop().call_later(rest, self._release, waiting.chat_id)
                self._wake.set()
            else:
                self._release(waiting.chat_id)  # one look for what is next, not two

        task.add_done_callback(_ended)

    def _release(self, chat_id: int) -> None:
        self._busy.discard(chat_id)
        self._wake.set()

    async def _farewell(self) -> None:
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=FAREWELL)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _handle(self, waiting: Waiting, platform: Platform) -> float:
        """Give an event its turn. Returns the seconds its chat rests then."""
        try:
            event = inbound_from_wire(waiting.payload)
            attachments = await self._files(waiting, event, platform)
            event = replace(event, attachments=tuple(attachments))
            await again(lambda: self._in_one(waiting, event, platform))
        except Exception as fault:
            # One event fails alone: recorded, tried again, and at last set aside with a word to the person.
            log.exception("a turn failed: %s", type(fault).__name__)
            return await self._failed(waiting, platform)
        return 0.0

    async def _in_one(self, waiting: Waiting, event: Inbound, platform: Platform) -> None:
        async with self._database.write() as session:
            await self._turn(session, waiting, event, platform)

    async def _files(self, waiting: Waiting, event: Inbound, platform: Platform) -> list[Attachment]:
        """What was sent, fetched and checked: only of people who agreed, and only where it will be read."""
        if event.what is not Happened.ATTACHMENT or event.is_room:
            return []
        async with self._database.read() as session:
            if await self._directory.speaker(session, waiting.chat_id) is None:
                return list(event.attachments)
        return [await self._take_in(platform, file) for file in event.attachments]

    async def _turn(
        self, session: AsyncSession, waiting: Waiting, event: Inbound, platform: Platform
    ) -> None:
        if not await self._is_open(session, waiting.id):
            return
        turn = await self._prepare(session, waiting, event, platform)
        await self._dispatcher.handle(turn)
        for message in turn.outgoing():
            await self._outbox.send(session, waiting.chat_id, message)
        await self._keep(session, turn)
        await self._done(session, waiting.id)

    async def _is_open(self, session: AsyncSession, inbound_id: int) -> bool:
        """Whether nobody has handled it yet, nor will before this transaction ends: the lane's next owner may have."""
        row = select(StoredInbound.id).where(StoredInbound.id == inbound_id, StoredInbound.done_at.is_(None))
        return (await session.execute(row.with_for_update())).scalar_one_or_none() is not None

    async def _prepare(
        self, session: AsyncSession, waiting: Waiting, event: Inbound, platform: Platform
    ) -> Turn:
        speaker = await self._directory.speaker(session, waiting.chat_id)
        hint = self._languages.match(event.language) if event.language else None
        language = speaker.language if speaker else hint or self._default_language()
        conversation = await session.get(Conversation, waiting.chat_id)
        now, zone = self._clock.now(), self._zone()
        return Turn(
            session=session,
            event=event,
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

    async def _failed(self, waiting: Waiting, platform: Platform) -> float:
        """Count the try; after the last one set the event aside. Returns the seconds until the chat's next turn."""
        try:
            async with self._database.write() as session:
                row = await session.get(StoredInbound, waiting.id, with_for_update=True)
                if row is None or row.done_at is not None:
                    return 0.0
                row.tries += 1
                if row.tries < MAX_TRIES:
                    return self._pauses[row.tries - 1]
                await self._done(session, waiting.id)
                await self._apologise(session, waiting, platform)
        except Exception as fault:
            # The database is what failed, so nothing can be counted: the event is as it was, and comes again.
            log.exception("a failed turn could not be noted: %s", type(fault).__name__)
            return self._pauses[-1]
        log.error("an event was set aside after %d tries", MAX_TRIES)
        return 0.0

    async def _apologise(self, session: AsyncSession, waiting: Waiting, platform: Platform) -> None:
        """Tell the person, if one is there. If that fails too, the event is set aside all the same."""
        try:
            async with session.begin_nested():
                event = inbound_from_wire(waiting.payload)
                if event.is_room or event.what not in ANSWERED:
                    return
                turn = await self._prepare(session, waiting, event, platform)
                # Translators: something broke on our side; the person is asked to try again.
                turn.say(M("dialogue.failed"))
                for message in turn.outgoing():
                    await self._outbox.send(session, waiting.chat_id, message)
        except Exception as fault:
            log.exception("the person could not be told: %s", type(fault).__name__)
