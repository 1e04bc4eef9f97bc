"""Tells the coordinators: once when something begins, once when it is over, also across a restart.

Who sleeps is told in the morning, and not at all if it is over by then; a full disk wakes. If the messenger that
fails is the one a coordinator reads, another account of theirs is used.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Address, Outgoing, Platform, PlatformError
from bot.delivery.chats import lane_for
from bot.delivery.model import AdapterValue, Lane, Priority
from bot.delivery.outbox import Outbox
from bot.language import Languages, Msg
from bot.people.model import Role
from bot.people.pace import after_quiet
from bot.people.roles import Roles
from bot.people.service import People, Reachable
from bot.storage import Database
from bot.watch import words
from bot.watch.look import Look
from bot.watch.trouble import URGENT, Kind, Trouble

log = logging.getLogger(__name__)

PREFIX = "watch "
"""Of the keys on the house's lane: one row for each trouble that somebody was told of."""
PROBE = "room"
"""Key of the house's lane: written to see whether there is room."""
RESTORED = "restored"
"""Key of the house's lane: a backup was put back, and the coordinators don't know yet."""


@dataclass(slots=True)
class _State:
    """A trouble that began, and the people who know."""

    trouble: Trouble
    told: set[int]

    def to_json(self) -> str:
        one = self.trouble
        return json.dumps(
            {
                "kind": one.kind,
                "since": one.since.isoformat(),
                "subject": one.subject,
                "detail": one.detail,
                "told": sorted(self.told),
            }
        )

    @classmethod
    def from_json(cls, raw: str) -> _State:
        values = json.loads(raw)
        since = datetime.fromisoformat(values["since"])
        return cls(
            Trouble(Kind(values["kind"]), since, values["subject"], values["detail"]), set(values["told"])
        )


@dataclass(frozen=True, slots=True)
class _Coordinator:
    person: int
    chats: Sequence[Reachable]
    language: str


class Tell:
    """Brings what `Look` finds to the coordinators."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        look: Look,
        people: People,
        roles: Roles,
        outbox: Outbox,
        languages: Languages,
        zone: Callable[[], tzinfo],
        platforms: Mapping[int, Platform],
        owns: Callable[[int], bool],
    ) -> None:
        """`owns`: whether this process, of several, owns a lane: past the outbox nobody else may send there."""
        self._database = database
        self._clock = clock
        self._look = look
        self._people = people
        self._roles = roles
        self._outbox = outbox
        self._languages = languages
        self._zone = zone
        self._platforms = platforms
        self._owns = owns
        self._told_directly: set[int] = set()
        """Who knows that the disk is full, though that could not be written down."""
        self._full = Trouble(Kind.DISK_FULL, clock.now())

    async def tell(self) -> None:
        """Look, and tell what is new. Called by the alarm clock."""
        if self._database.is_full:
            await self._try_to_write()
        troubles = {trouble.code: trouble for trouble in await self._look.look()}
        if self._database.is_full and Kind.DISK_FULL in troubles:
            await self._directly(troubles[Kind.DISK_FULL])
            return
        async with self._database.write() as session:
            await self._told(session, troubles)
            await self._tell_restored(session)
        self._told_directly.clear()

    async def erase(self, session: AsyncSession, person: int) -> None:
        """Forget that this person was told."""
        lane = await self._house(session)
        for code, state in (await self._states(session, lane)).items():
            if person in state.told:
                state.told.discard(person)
                await self._keep(session, lane, code, state)

    async def _told(self, session: AsyncSession, troubles: Mapping[str, Trouble]) -> None:
        lane = await self._house(session)
        states = await self._states(session, lane)
        if self._told_directly:
            known = states.setdefault(Kind.DISK_FULL, _State(self._full, set()))
            known.told |= self._told_directly
            await self._keep(session, lane, Kind.DISK_FULL, known)  # another process may say that it is over
        everybody = await self._coordinators(session)
        for code, trouble in troubles.items():
            state = states.setdefault(code, _State(trouble, set()))
            new = [one for one in everybody if one.person not in state.told]
            told = await self._send_all(session, new, trouble, words.begins(trouble))
            if told:
                state.told |= told
                await self._keep(session, lane, code, state)
        for code, state in states.items():
            if code in troubles or self._look.may_go_on(state.trouble):
                continue
            know = [one for one in everybody if one.person in state.told]
            told = await self._send_all(session, know, state.trouble, [words.is_over(state.trouble)])
            state.told = {one.person for one in know} - told
            await self._keep(session, lane, code, state)

    async def _send_all(
        self, session: AsyncSession, people: Iterable[_Coordinator], trouble: Trouble, said: Sequence[Msg]
    ) -> set[int]:
        """Those who were written to: all who are awake, or everybody for what is urgent."""
        told = set()
        now = self._clock.now()
        for one in people:
            chat = self._best(one.chats)
            if chat is None:
                continue
            habit = (await self._people.settings(session, one.person)).habit
            rings = self._platforms[chat.lane].capabilities.pushes if chat.lane in self._platforms else True
            sleeps = rings and after_quiet(habit, now, self._zone()) > now
            if sleeps and trouble.kind not in URGENT:
                continue
            message = self._message(one.language, said)
            await self._outbox.send(session, chat.chat, message, priority=Priority.ALERT)
            told.add(one.person)
        return told

    def _best(self, chats: Sequence[Reachable]) -> Reachable | None:
        """The preferred chat, unless its messenger is down and another of the person's is not."""
        standings = self._look.probes.platforms()
        up = [
            lane for lane, platform in self._platforms.items()
            if (standing := standings.get(platform.name)) is None or standing.up
        ]  # fmt: skip
        able = [chat for chat in chats if chat.is_open and chat.lane in up]
        return next(iter([*able, *chats]), None)

    async def _coordinators(self, session: AsyncSession) -> list[_Coordinator]:
        held = await self._roles.holders(session, Role.COORDINATOR, [0])
        people = sorted({one.person for one in held})
        chats = await self._people.all_chats(session, people)
        languages = await self._people.chats(session, people)
        return [
            _Coordinator(one, chats.get(one, []), languages[one][1]) for one in people if one in languages
        ]

    def _message(self, language: str, said: Sequence[Msg]) -> Outgoing:
        render = self._languages.renderer(language, zone=self._zone())
        body = tuple(block for part in said for block in render.rich(part))
        return Outgoing(body, language=render.language.tag, rtl=render.language.rtl)

    async def _try_to_write(self) -> None:
        """One that writes for sure: whether there is room again shows in nothing else."""
        try:
            async with self._database.write() as session:
                lane = (await lane_for(session, "house")).id
                now = self._clock.now().isoformat()
                await session.merge(AdapterValue(lane_id=lane, key=PROBE, value=now))
        except DBAPIError:
            return
        self._database.is_full = False

    async def _directly(self, trouble: Trouble) -> None:
        """Nothing can be written down, so it is said at once, past the outbox; what was said is kept in mind.

        Each process says it on the lanes it owns.
        """
        self._full = trouble
        async with self._database.read() as session:
            everybody = await self._coordinators(session)
        for one in everybody:
            chat = self._best(one.chats)
            if chat is None or not self._owns(chat.lane) or one.person in self._told_directly:
                continue
            message = self._message(one.language, words.begins(trouble))
            key = f"full-{one.person}-{trouble.since:%Y%m%d%H%M}"
            try:
                await self._platforms[chat.lane].send(Address(chat.address), message, key)
            except PlatformError as fault:
                log.warning("a coordinator could not be told that the disk is full: %s", type(fault).__name__)
            else:
                self._told_directly.add(one.person)

    async def _tell_restored(self, session: AsyncSession) -> None:
        lane = (await lane_for(session, "house")).id
        row = await session.get(AdapterValue, (lane, RESTORED))
        if row is None:
            return
        everybody = await self._coordinators(session)
        values = json.loads(row.value)
        said = words.restored(datetime.fromisoformat(values["taken_at"]), int(values["drafts"]))
        for one in everybody:
            chat = self._best(one.chats)
            if chat is not None:
                await self._outbox.send(
                    session, chat.chat, self._message(one.language, said), priority=Priority.ALERT
                )
        await session.delete(row)
        await session.flush()

    @staticmethod
    async def _house(session: AsyncSession) -> int:
        """The house's lane, locked where rows can be: what one of several processes told, the next finds told.

        Nothing is locked before it, wherever it is asked for.
        """
        lane = (await lane_for(session, "house")).id
        await session.execute(select(Lane.id).where(Lane.id == lane).with_for_update(key_share=True))
        return lane

    async def _states(self, session: AsyncSession, lane: int) -> dict[str, _State]:
        rows = select(AdapterValue.key, AdapterValue.value).where(
            AdapterValue.lane_id == lane, AdapterValue.key.startswith(PREFIX)
        )
        return {
            key.removeprefix(PREFIX): _State.from_json(value)
            for key, value in (await session.execute(rows)).all()
        }

    async def _keep(self, session: AsyncSession, lane: int, code: str, state: _State) -> None:
        """Who knows; nothing once nobody does."""
        if state.told:
            await session.merge(AdapterValue(lane_id=lane, key=PREFIX + code, value=state.to_json()))
        else:
            gone = delete(AdapterValue).where(AdapterValue.lane_id == lane, AdapterValue.key == PREFIX + code)
            await session.execute(gone)
        await session.flush()
