"""What people decide about themselves: agree, language, Quartiere, pace, quiet hours, stop, come back, be erased."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.chats import close_chats, open_chats, readdress
from bot.delivery.model import Chat, Delivery, Lane, State
from bot.delivery.order import lock
from bot.delivery.outbox import Outbox
from bot.dialogue.model import Conversation, StoredInbound
from bot.dialogue.turn import Speaker
from bot.people.model import Account, Grant, Pace, Person, Subscription, Try
from bot.people.pace import Habit
from bot.storage.counter_model import PUBLICATION, hold, reached
from bot.storage.portable import insert_new

STRANGER_LIFE = timedelta(hours=24)
"""How long the chat of somebody who did not agree is kept at most."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person chose."""

    language: str
    languages: tuple[str, ...]
    habit: Habit
    quartiere: frozenset[int]
    paused: bool
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class Reachable:
    """One of a person's chats."""

    chat: int
    lane: int
    address: str
    is_open: bool


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
            # What was there before is no news to somebody who comes.
            digest_mark=await reached(session, PUBLICATION),
        )
        session.add(person)
        await session.flush()
        session.add(Account(chat_id=chat_id, person_id=person.id))
        await session.flush()
        return Speaker(person.id, language)

    async def settings(self, session: AsyncSession, person_id: int) -> Settings:
        """What the person chose. Raises `LookupError` for an unknown person."""
        person = await self._person(session, person_id)
        rows = (
            await session.execute(select(Subscription).where(Subscription.person_id == person_id))
        ).scalars()
        subscriptions = list(rows)
        return Settings(
            language=person.language,
            languages=tuple(person.languages),
            habit=Habit(
                Pace(person.pace),
                person.slot_weekday,
                person.slot_hour,
                person.quiet_from,
                person.quiet_to,
                person.evening_hour,
            ),
            quartiere=frozenset(s.quartier for s in subscriptions),
            paused=any(s.paused for s in subscriptions),
            agreed_at=person.agreed_at,
        )

    async def speak(
        self, session: AsyncSession, person_id: int, language: str, *, second: str | None = None
    ) -> None:
        """Write to the person in `language`; `second`: and below it in another one."""
        person = await self._person(session, person_id)
        person.language = language
        person.languages = [language, second] if second and second != language else [language]
        await session.flush()

    async def subscribe(self, session: AsyncSession, person_id: int, quartier: int) -> bool:
        """Read a Quartier (0: the whole city). Whoever was paused reads again. False if it was read already."""
        await self.resume(session, person_id)
        return await insert_new(session, Subscription, person_id=person_id, quartier=quartier, paused=False)

    async def unsubscribe(self, session: AsyncSession, person_id: int, quartier: int) -> None:
        """No longer read a Quartier."""
        gone = delete(Subscription).where(
            Subscription.person_id == person_id, Subscription.quartier == quartier
        )
        await session.execute(gone)

    async def set_pace(self, session: AsyncSession, person_id: int, pace: Pace) -> None:
        person = await self._person(session, person_id)
        person.pace = pace
        await session.flush()

    async def set_slot(
        self, session: AsyncSession, person_id: int, *, weekday: int | None = None, hour: int | None = None
    ) -> None:
        """Another day (0 Monday … 6) or hour (0–23) for the digest of the person's pace."""
        if not (0 <= (weekday or 0) <= 6 and 0 <= (hour or 0) <= 23):
            raise ValueError("a weekday is 0 to 6, an hour 0 to 23")
        person = await self._person(session, person_id)
        if weekday is not None:
            person.slot_weekday = weekday
        if hour is not None and person.pace == Pace.WEEKLY:
            person.slot_hour = hour
        elif hour is not None:
            person.evening_hour = hour
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
        await self.hold(session, person_id)
        await self._pause(session, person_id, paused=True)
        await self._outbox.drop(session, chat_ids=_chats_of(person_id))

    async def stopped(self, session: AsyncSession, people: Collection[int]) -> frozenset[int]:
        """Who of these said STOPP: to them goes only what answers something they do."""
        rows = select(Subscription.person_id).where(Subscription.person_id.in_(people), Subscription.paused)
        return frozenset((await session.scalars(rows)).all())

    async def resume(self, session: AsyncSession, person_id: int) -> None:
        """Read again what was read before the pause."""
        await self._pause(session, person_id, paused=False)

    async def unreachable(self, session: AsyncSession, chat_id: int) -> None:
        """The chat is closed to us (blocked): nothing goes there until it opens again. STOPP stays STOPP."""
        await close_chats(session, [chat_id])

    async def reachable(self, session: AsyncSession, chat_id: int) -> None:
        """The chat is open again: whoever reads there reads on."""
        await open_chats(session, [chat_id], self._clock.now())
        self._outbox.stir(session)

    async def prefer(self, session: AsyncSession, person_id: int, chat_id: int) -> None:
        """Write to the person in another of their chats; what waits to be sent goes there, too.

        Raises `LookupError` for a chat that isn't theirs.
        """
        await self.hold(session, person_id)
        person = await self._person(session, person_id)
        theirs = list((await session.scalars(_chats_of(person_id))).all())
        if chat_id not in theirs:
            raise LookupError("no chat of this person")
        person.preferred_chat = chat_id
        await session.flush()
        others = [chat for chat in theirs if chat != chat_id]
        await readdress(session, others, await session.get_one(Chat, chat_id))
        self._outbox.stir(session)

    async def hold(self, session: AsyncSession, _person: int) -> None:
        """Wait for whoever writes to readers just now: a digest, a post that is published or corrected. What they wrote
        is seen from here on, and who begins later sees what is done here. They all hold this counter, before they ask
        who reads; so must who stops, leaves or moves, before anything of theirs is changed.
        """
        await hold(session, PUBLICATION)

    async def erase(self, session: AsyncSession, person_id: int) -> None:
        """Forget a person: settings, subscriptions, roles, accounts, and every copy addressed to them.

        The chats themselves go with the strangers' chats, once the farewell is said there.
        """
        await self.hold(session, person_id)
        chats = list((await session.execute(_chats_of(person_id))).scalars())
        await lock(session, Delivery.chat_id.in_(chats))
        await session.execute(delete(Delivery).where(Delivery.chat_id.in_(chats)))
        await session.execute(delete(Try).where(Try.chat_id.in_(chats)))
        await session.execute(delete(Conversation).where(Conversation.chat_id.in_(chats)))
        for table in (Subscription, Grant, Account):
            await session.execute(delete(table).where(table.person_id == person_id))
        await session.execute(delete(Person).where(Person.id == person_id))

    async def strangers(
        self, session: AsyncSession, *, shown_in: Collection[int] = ()
    ) -> list[tuple[int, int, str]]:
        """Chats of people who never agreed (or were erased), to be forgotten: id, lane and address.

        Nothing to them may be unsent. In the lanes of `shown_in` the answer is read where we keep it (the page's
        chat), so there a day must have passed since the last event.
        """
        forgettable = select(Chat.id, Chat.lane_id, Chat.address).where(*self._forgettable(shown_in))
        return [(row.id, row.lane_id, row.address) for row in (await session.execute(forgettable)).all()]

    async def erase_unread(self, session: AsyncSession) -> None:
        """Forget what somebody who did not agree wrote and nobody read in a day: its platform is switched off."""
        known = exists().where(Account.chat_id == StoredInbound.chat_id)
        old = StoredInbound.received_at < self._clock.now() - STRANGER_LIFE
        await session.execute(delete(StoredInbound).where(StoredInbound.done_at.is_(None), old, ~known))

    async def forget_chats(
        self, session: AsyncSession, chat_ids: Collection[int], *, shown_in: Collection[int] = ()
    ) -> None:
        """Delete chats that `strangers` found, unless somebody wrote or agreed there meanwhile."""
        await session.execute(delete(Chat).where(Chat.id.in_(chat_ids), *self._forgettable(shown_in)))

    def _forgettable(self, shown_in: Collection[int]) -> tuple[ColumnElement[bool], ...]:
        mine = StoredInbound.chat_id == Chat.id
        waiting = (Delivery.chat_id == Chat.id) & Delivery.state.in_((State.PENDING, State.SENDING))
        recent = StoredInbound.received_at > self._clock.now() - STRANGER_LIFE
        return (
            ~Chat.is_room,
            ~exists().where(waiting),
            ~exists().where(Account.chat_id == Chat.id),
            ~exists().where(mine, StoredInbound.done_at.is_(None)),
            or_(Chat.lane_id.not_in(shown_in), ~exists().where(mine, recent)),
        )

    async def addresses(self, session: AsyncSession, person_id: int) -> list[str]:
        """The person's chats, as their platforms spell them: "telegram 123"."""
        chats = (
            select(Lane.platform, Chat.address).join(Chat).join(Account).where(Account.person_id == person_id)
        )
        return [f"{platform} {address}" for platform, address in (await session.execute(chats)).all()]

    async def export(self, session: AsyncSession, person_id: int) -> dict[str, object]:
        """All we hold of the person's own choices, ready for JSON."""
        person = await self._person(session, person_id)
        settings = await self.settings(session, person_id)
        chats = (
            select(Lane.platform, Chat.address).join(Chat).join(Account).where(Account.person_id == person_id)
        )
        roles = select(Grant.role, Grant.scope, Grant.created_at).where(Grant.person_id == person_id)
        return {
            "agreed_at": person.agreed_at.isoformat(),
            "languages": list(settings.languages),
            "pace": settings.habit.pace.value,
            "slot": {
                "weekday": person.slot_weekday,
                "hour": person.slot_hour,
                "evening": person.evening_hour,
            },
            "told_up_to": person.digest_mark,
            "quiet_hours": {"from": person.quiet_from, "to": person.quiet_to},
            "quartiere": sorted(settings.quartiere),
            "paused": settings.paused,
            "chats": [{"platform": p, "address": a} for p, a in (await session.execute(chats)).all()],
            "roles": [
                {"role": r, "scope": scope, "since": since.isoformat()}
                for r, scope, since in (await session.execute(roles)).all()
            ],
        }

    async def chats(self, session: AsyncSession, people: Sequence[int]) -> dict[int, tuple[int, str]]:
        """The preferred chat and language of each person."""
        rows = select(Person.id, Person.preferred_chat, Person.language).where(Person.id.in_(people))
        return {row.id: (row.preferred_chat, row.language) for row in (await session.execute(rows)).all()}

    async def all_chats(self, session: AsyncSession, people: Sequence[int]) -> dict[int, list[Reachable]]:
        """Every chat of each person, the preferred one first: a message that must arrive looks for an open one."""
        rows = (
            select(Account.person_id, Chat.id, Chat.lane_id, Chat.address, Chat.reachable)
            .join(Chat, Chat.id == Account.chat_id)
            .join(Person, Person.id == Account.person_id)
            .where(Account.person_id.in_(people))
            .order_by(Account.person_id, Chat.id != Person.preferred_chat, Chat.id)
        )
        found: dict[int, list[Reachable]] = {}
        for person, chat, lane, address, is_open in (await session.execute(rows)).all():
            found.setdefault(person, []).append(Reachable(chat, lane, address, is_open))
        return found

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


def _chats_of(person_id: int) -> Select[int]:
    return select(Account.chat_id).where(Account.person_id == person_id)
