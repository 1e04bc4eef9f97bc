"""How the house sends: a use case writes rows in its own transaction, and the engine brings them about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    CursorResult,
    Select,
    and_,
    case,
    delete,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import NullType

from bot.clock import Clock
from bot.contract import Outgoing
from bot.delivery.erase import IN_DOUBT, LEAVES, NOT_NEEDED, UNSENT_LIFE, WAITS, drop_overdue, erase_unsent
from bot.delivery.model import Chat, Delivery, Priority, State, StoredText, TextItem
from bot.delivery.order import lock
from bot.delivery.wire import to_wire
from bot.storage import UTCDateTime
from bot.storage.database import after_commit
from bot.storage.many import listed
from bot.storage.notify import DELIVER, tell
from bot.storage.portable import insert_new_from


class Copy(NamedTuple):
    """Who is to hold which stored text."""

    chat_id: int
    lane_id: int
    quartier: int
    text: int


class Outbox:
    """Writes what is to be delivered; `wake` tells the engine after the commit that there is something."""

    def __init__(self, clock: Clock, wake: Callable[[], None]) -> None:
        self._clock = clock
        self._wake = wake

    async def store_text(
        self, session: AsyncSession, message: Outgoing, *, item: int | None = None, revision: int = 0
    ) -> int:
        """Store a rendered text once; returns its id for any number of deliveries."""
        row = StoredText(item=item, revision=revision, language=message.language, body=to_wire(message))
        session.add(row)
        await session.flush()
        return row.id

    async def store_texts(
        self, session: AsyncSession, messages: Sequence[Outgoing], *, item: int
    ) -> list[int]:
        """The same for many of one item, in one statement; their ids in the same order."""
        rows = [
            StoredText(item=item, revision=0, language=message.language, body=to_wire(message))
            for message in messages
        ]
        session.add_all(rows)
        await session.flush()
        return [row.id for row in rows]

    async def send(
        self,
        session: AsyncSession,
        chat_id: int,
        message: Outgoing,
        *,
        priority: Priority = Priority.REPLY,
        item: int | None = None,
        quartier: int = 0,
        due_at: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """One message to one chat: a reply by default.

        Without an item nobody will ask for it again: it is erased once it arrived, or unsent after a day.
        """
        lane_id = (await session.execute(select(Chat.lane_id).where(Chat.id == chat_id))).scalar_one()
        text_id = await self.store_text(session, message, item=item)
        due = due_at or self._clock.now()
        session.add(
            Delivery(
                item=item,
                chat_id=chat_id,
                lane_id=lane_id,
                priority=priority,
                quartier=quartier,
                due_at=due,
                expires_at=expires_at if expires_at or item is not None else due + UNSENT_LIFE,
                wanted_text=text_id,
                state=State.PENDING,
            )
        )
        await session.flush()
        self.stir(session)

    async def enqueue(
        self, session: AsyncSession, *, item: int, priority: Priority, recipients: Select[*tuple[Any, ...]]
    ) -> int:
        """One copy of `item` per row of `recipients`, in one statement; returns how many.

        `recipients` selects, in this order: chat_id, lane_id, quartier, wanted_text, due_at, expires_at. A chat that
        has a copy of the item already keeps that one. Raises `TypeError` for a moment that isn't typed `UTCDateTime`.
        """
        rows = recipients.subquery()
        chat_id, lane_id, quartier, wanted, due_at, expires_at = rows.c
        for moment in (due_at, expires_at):
            # An untyped literal would be stored without its offset, and nobody would notice.
            if not isinstance(moment.type, UTCDateTime | NullType):
                raise TypeError("moments of recipients must be typed: literal(moment, UTCDateTime)")
        never = literal(None, UTCDateTime)  # a bare NULL would be a text to PostgreSQL
        values: dict[str, Any] = {
            "item": literal(item, BigInteger),
            "chat_id": chat_id,
            "lane_id": lane_id,
            "quartier": quartier,
            "wanted_text": wanted,
            "due_at": due_at,
            "expires_at": never if isinstance(expires_at.type, NullType) else expires_at,
            "priority": literal(int(priority)),
            "state": literal(State.PENDING.value),
            "attempts": literal(0),
            "changes": literal(0),
            "generation": literal(0),
            "moves": literal(0),
            "requests": literal(0),
        }
        inserted = await insert_new_from(session, Delivery, list(values), select(*values.values()))
        self.stir(session)
        return inserted

    async def tells(self, session: AsyncSession, told: Mapping[int, Sequence[int]]) -> None:
        """Note which items stored texts (key) tell."""
        rows = [
            {"text": text, "item": item, "position": place}
            for text, items in told.items()
            for place, item in enumerate(items)
        ]
        if rows:
            await session.execute(insert(TextItem), rows)

    async def enqueue_each(
        self, session: AsyncSession, *, item: int, priority: Priority, copies: Sequence[Copy], due_at: datetime,
        expires_at: datetime,
    ) -> None:  # fmt: skip
        """Copies of one item that were assembled beforehand, each with its text; none of them has one yet."""
        if copies:
            rows = listed(session, Copy._fields, copies)
            moments = [literal(moment, UTCDateTime) for moment in (due_at, expires_at)]
            await self.enqueue(session, item=item, priority=priority, recipients=select(rows, *moments))

    async def replace(
        self,
        session: AsyncSession,
        *,
        item: int,
        texts: Mapping[int, int | None],
        priority: Priority | None = None,
    ) -> None:
        """Every copy that wants an old text (key) shall say the new one (value); None takes the copy back.

        Copies not sent yet go out with the new text (or are dropped; `unsure` if they were to go out once more); held
        ones, and those whose last change failed, are edited (or deleted); those under way follow once they arrived.
        Where somebody is gone or perhaps has a copy, or it was refused, it is noted: should they come back, or it be
        sent once more, or given back. Parts that are known to be there are deleted all the same; the doubt stays.
        `priority`: a class to do it in from now on.
        """
        taken_back = Delivery.wanted_text.in_([old for old, new in texts.items() if new is None])
        is_out = Delivery.ref.is_not(None)
        doubted_parts = and_(IN_DOUBT, is_out, taken_back)
        failed = Delivery.state.in_((State.REJECTED, State.UNSURE))
        change_again = or_(Delivery.state == State.HELD, and_(failed, ~IN_DOUBT, is_out), doubted_parts)
        # A change of what is there needs no morning; what is missing of a message does.
        rings_not = or_(change_again, and_(is_out, or_(taken_back, Delivery.held_text.is_not(None))))
        noted = Delivery.state.in_((State.GONE, State.UNSURE, State.REJECTED))
        wanted = case(
            *[
                (Delivery.wanted_text == old, null() if new is None else literal(new, BigInteger))
                for old, new in texts.items()
            ],
            else_=Delivery.wanted_text,
        )
        which = and_(
            Delivery.item == item,
            Delivery.wanted_text.in_(list(texts)),
            or_(Delivery.state.in_((State.PENDING, State.SENDING)), change_again, noted),
        )
        await lock(session, which)
        changed = (
            update(Delivery)
            .where(which)
            .values(
                wanted_text=wanted,
                state=case(
                    (and_(WAITS, taken_back), NOT_NEEDED),
                    (change_again, State.PENDING),
                    else_=Delivery.state,
                ),
                due_at=case((rings_not, literal(self._clock.now(), UTCDateTime)), else_=Delivery.due_at),
                attempts=case((doubted_parts, 1), (change_again, 0), else_=Delivery.attempts),
                priority=literal(int(priority)) if priority is not None else Delivery.priority,
            )
        )
        await session.execute(changed.execution_options(synchronize_session=False))
        self.stir(session)

    async def drop(
        self, session: AsyncSession, *, item: int | None = None, chat_ids: Select[Any] | None = None
    ) -> int:
        """Drop what waits to be sent: of an item, or to chats (answers excepted); returns how many.

        What waits to be sent once more is `unsure` again, and so is what is out in part.
        """
        if item is None and chat_ids is None:
            raise ValueError("drop what? Name an item or chats")
        which = LEAVES
        if item is not None:
            which = and_(which, Delivery.item == item)
        if chat_ids is not None:
            which = and_(which, Delivery.chat_id.in_(chat_ids), Delivery.priority != Priority.REPLY)
        await lock(session, which)
        dropped = update(Delivery).where(which).values(state=NOT_NEEDED)
        return await _count(session, dropped.execution_options(synchronize_session=False))

    def stir(self, session: AsyncSession) -> None:
        """Wake the engine after the commit, and those of other processes: there are rows that are new or changed."""
        after_commit(session, self._wake)
        tell(session, DELIVER)

    async def erase_unsent(self, session: AsyncSession) -> int:
        """Erase answers that nobody can be given any more, on whatever lane. Returns how many."""
        return await erase_unsent(session, self._clock.now())

    async def drop_overdue(self, session: AsyncSession) -> int:
        """End copies that nobody shall get any more, on whatever lane. Returns how many."""
        return await drop_overdue(session, self._clock.now())

    async def forget_items(self, session: AsyncSession, items: Collection[int]) -> None:
        """Erase all copies and texts of items; what people hold on their devices stays there."""
        await lock(session, Delivery.item.in_(items))
        await session.execute(delete(Delivery).where(Delivery.item.in_(items)))
        await session.execute(delete(StoredText).where(StoredText.item.in_(items)))


async def _count(session: AsyncSession, statement: Any) -> int:
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount
