"""How the house sends: a use case writes rows in its own transaction, and the engine brings them about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Outgoing
from bot.delivery.model import Chat, Delivery, Priority, State, StoredText
from bot.delivery.wire import to_wire
from bot.storage.database import after_commit


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
        """One message to one chat: a reply by default."""
        lane_id = (await session.execute(select(Chat.lane_id).where(Chat.id == chat_id))).scalar_one()
        text_id = await self.store_text(session, message, item=item)
        session.add(
            Delivery(
                item=item,
                chat_id=chat_id,
                lane_id=lane_id,
                priority=priority,
                quartier=quartier,
                due_at=due_at or self._clock.now(),
                expires_at=expires_at,
                wanted_text=text_id,
                state=State.PENDING,
            )
        )
        await session.flush()
        after_commit(session, self._wake)

    async def enqueue(self, session: AsyncSession, *, item: int, priority: Priority, recipients: Select[Any]) -> int:
        """One copy of `item` per row of `recipients`, in one statement; returns how many.

        `recipients` selects, in this order: chat_id, lane_id, quartier, wanted_text, due_at, expires_at.
        """
        rows = recipients.subquery()
        chat_id, lane_id, quartier, wanted, due_at, expires_at = rows.c
        source = select(item_literal(item), chat_id, lane_id, quartier, wanted, due_at, expires_at).add_columns(
            *priority_columns(priority)
        )
        columns = (
            "item", "chat_id", "lane_id", "quartier", "wanted_text", "due_at", "expires_at",
            "priority", "state", "attempts", "epoch",
        )  # fmt: skip
        result = cast("CursorResult[Any]", await session.execute(insert(Delivery).from_select(columns, source)))
        after_commit(session, self._wake)
        return result.rowcount

    async def replace(self, session: AsyncSession, *, item: int, texts: dict[int, int | None]) -> None:
        """Every copy that wants an old text (key) shall say the new one (value); None takes the copy back.

        Copies not sent yet go out with the new text (or are dropped); held ones are edited (or deleted).
        """
        for old, new in texts.items():
            copies = update(Delivery).where(Delivery.item == item, Delivery.wanted_text == old)
            if new is None:
                unsent = copies.where(Delivery.state == State.PENDING, Delivery.ref.is_(None))
                await session.execute(unsent.values(state=State.DROPPED))
            await session.execute(copies.where(Delivery.state != State.DROPPED).values(wanted_text=new))
            held = update(Delivery).where(
                Delivery.item == item, Delivery.state == State.HELD, Delivery.wanted_text.is_not_distinct_from(new)
            )
            await session.execute(held.values(state=State.PENDING, due_at=self._clock.now()))
        after_commit(session, self._wake)

    async def drop(self, session: AsyncSession, *, item: int | None = None, chat_ids: Select[Any] | None = None) -> int:
        """Drop what is pending and nobody holds yet: of an item, or of chats. Returns how many."""
        pending = update(Delivery).where(Delivery.state == State.PENDING, Delivery.ref.is_(None))
        if item is not None:
            pending = pending.where(Delivery.item == item)
        if chat_ids is not None:
            pending = pending.where(Delivery.chat_id.in_(chat_ids), Delivery.priority != Priority.REPLY)
        result = cast("CursorResult[Any]", await session.execute(pending.values(state=State.DROPPED)))
        return result.rowcount


def item_literal(item: int) -> Any:
    from sqlalchemy import BigInteger, literal

    return literal(item, BigInteger)


def priority_columns(priority: Priority) -> tuple[Any, ...]:
    from sqlalchemy import literal

    return (literal(int(priority)), literal(State.PENDING.value), literal(0), literal(0))
