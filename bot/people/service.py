"""What people decide about themselves: agree, language, Quartiere, pace, quiet hours, stop, come back, be erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.model import Chat, Delivery, State
from bot.delivery.outbox import Outbox
from bot.dialogue.turn import Speaker
from bot.people.model import Account, Grant, Pace, Person, Subscription
from bot.people.pace import Habit

WHOLE_CITY = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person chose."""

    language: str
    languages: tuple[str, ...]
    habit: Habit
    quartiere: frozenset[int]
    paused: bool


class People:
    """Use cases of people. Each runs in the caller's transaction."""

    def __init__(self, clock: Clock, outbox: Outbox) -> None:
        self._clock = clock
        self._outbox = outbox

    async def speaker(self, session: AsyncSession, chat_id: int) -> Speaker | None:
        """Who writes in this chat; None for somebody who did not agree (yet)."""
        row = await session.execute(
            select(Person.id, Person.language).join(Account).where(Account.chat_id == chat_id)
        )
        found = row.first()
        return Speaker(found.id, found.language) if found else None

    async def agree(self, session: AsyncSession, chat_id: int, language: str) -> Speaker:
        """The person agreed to what the notice says: from now on we know this chat."""
        known = await self.speaker(session, chat_id)
        if known is not None:
            await self.speak(session, known.person, language)
            return Speaker(known.person, language)
        person = Person(
            languages=[language],
            language=language,
            pace=Pace.WEEKLY,
            preferred_chat=chat_id,
            agreed_at=self._clock.now(),
        )
        session.add(person)
        await session.flush()
        session.add(Account(chat_id=chat_id, person_id=person.id))
        await session.flush()
        return Speaker(person.id, language)

    async def settings(self, session: AsyncSession, person_id: int) -> Settings:
        """What the person chose. Raises `LookupError` for an unknown person."""
        person = await self._person(session, person_id)
        rows = (await session.execute(select(Subscription).where(Subscription.person_id == person_id))).scalars()
        subscriptions = list(rows)
        return Settings(
            language=person.language,
            languages=tuple(person.languages),
            habit=Habit(
                Pace(person.pace), person.slot_weekday, person.slot_hour, person.quiet_from, person.quiet_to
            ),
            quartiere=frozenset(s.quartier for s in subscriptions),
            paused=any(s.paused for s in subscriptions),
        )

    async def speak(self, session: AsyncSession, person_id: int, language: str, *, second: str | None = None) -> None:
        """Write to the person in `language`; `second`: and below it in another one."""
        person = await self._person(session, person_id)
        person.language = language
        person.languages = [language, second] if second and second != language else [language]
        await session.flush()

    async def subscribe(self, session: AsyncSession, person_id: int, quartier: int) -> bool:
        """Read a Quartier (0: the whole city). Whoever was paused reads again. False if it was read already."""
        await self.resume(session, person_id)
        if await session.get(Subscription, (person_id, quartier)) is not None:
            return False
        session.add(Subscription(person_id=person_id, quartier=quartier, paused=False))
        await session.flush()
        return True

    async def unsubscribe(self, session: AsyncSession, person_id: int, quartier: int) -> None:
        """No longer read a Quartier."""
        gone = delete(Subscription).where(Subscription.person_id == person_id, Subscription.quartier == quartier)
        await session.execute(gone)

    async def set_pace(self, session: AsyncSession, person_id: int, pace: Pace) -> None:
        person = await self._person(session, person_id)
        person.pace = pace
        await session.flush()

    async def set_quiet(self, session: AsyncSession, person_id: int, start: int, end: int) -> None:
        """Quiet from `start` to `end` (local hours, 0–23); equal: never quiet."""
        if not (0 <= start <= 23 and 0 <= end <= 23):
            raise ValueError("an hour is 0 to 23")
        person = await self._person(session, person_id)
        person.quiet_from, person.quiet_to = start, end
        await session.flush()

    async def stop(self, session: AsyncSession, person_id: int) -> None:
        """Nothing more to this person: subscriptions pause and what is on the way is dropped."""
        await self._pause(session, person_id, paused=True)
        await self._outbox.drop(session, chat_ids=_chats_of(person_id))

    async def resume(self, session: AsyncSession, person_id: int) -> None:
        """Read again what was read before the pause."""
        await self._pause(session, person_id, paused=False)

    async def unreachable(self, session: AsyncSession, chat_id: int) -> None:
        """The chat is closed to us (blocked): its person's subscriptions pause until it opens again."""
        await session.execute(update(Chat).where(Chat.id == chat_id).values(reachable=False))
        speaker = await self.speaker(session, chat_id)
        if speaker is not None:
            await self.stop(session, speaker.person)

    async def reachable(self, session: AsyncSession, chat_id: int) -> None:
        """The chat is open again; whoever was paused by the block reads again."""
        was_closed = not (await session.execute(select(Chat.reachable).where(Chat.id == chat_id))).scalar_one()
        await session.execute(update(Chat).where(Chat.id == chat_id).values(reachable=True))
        speaker = await self.speaker(session, chat_id)
        if speaker is not None and was_closed:
            await self.resume(session, speaker.person)

    async def erase(self, session: AsyncSession, person_id: int, *, answer_in: int | None = None) -> list[int]:
        """Forget a person: settings, subscriptions, roles, accounts, and every copy addressed to them.

        `answer_in` is the chat in which the farewell is still to be said; it goes with the strangers' chats, once
        that is sent. Returns the chats that were the person's, so that adapters can forget them too.
        """
        chats = list((await session.execute(_chats_of(person_id))).scalars())
        await session.execute(delete(Delivery).where(Delivery.chat_id.in_(chats)))
        for table in (Subscription, Grant, Account):
            await session.execute(delete(table).where(table.person_id == person_id))
        await session.execute(delete(Person).where(Person.id == person_id))
        await session.execute(delete(Chat).where(Chat.id.in_([chat for chat in chats if chat != answer_in])))
        return chats

    async def erase_strangers(self, session: AsyncSession) -> int:
        """Forget chats of people who never agreed, once nothing to them is unsent. Returns how many."""
        waiting = exists().where(
            Delivery.chat_id == Chat.id, Delivery.state.in_((State.PENDING, State.SENDING))
        )
        known = exists().where(Account.chat_id == Chat.id)
        strangers = select(Chat.id).where(~Chat.is_room, ~waiting, ~known)
        ids = list((await session.execute(strangers)).scalars())
        await session.execute(delete(Chat).where(Chat.id.in_(ids)))
        return len(ids)

    async def chats(self, session: AsyncSession, people: Sequence[int]) -> dict[int, tuple[int, str]]:
        """The preferred chat and language of each person."""
        rows = select(Person.id, Person.preferred_chat, Person.language).where(Person.id.in_(people))
        return {row.id: (row.preferred_chat, row.language) for row in (await session.execute(rows)).all()}

    async def count(self, session: AsyncSession) -> int:
        return (await session.execute(select(func.count()).select_from(Person))).scalar_one()

    async def _pause(self, session: AsyncSession, person_id: int, *, paused: bool) -> None:
        await session.execute(
            update(Subscription).where(Subscription.person_id == person_id).values(paused=paused)
        )

    async def _person(self, session: AsyncSession, person_id: int) -> Person:
        person = await session.get(Person, person_id)
        if person is None:
            raise LookupError("no such person")
        return person


def _chats_of(person_id: int) -> Select[tuple[int]]:
    return select(Account.chat_id).where(Account.person_id == person_id)
