"""Which of our messages somebody answered: from the platform's ids back to the item."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Delivery, StoredText
from bot.delivery.wire import from_wire

LOOK_BACK = 500
"""How many of a chat's latest copies are looked through; an answer to an older one is read as plain text."""


async def item_of(session: AsyncSession, chat_id: int, ref: Sequence[str]) -> int | None:
    """The item whose copy in this chat is the message `ref`; None if it is none of ours."""
    copies = (
        select(Delivery.item, Delivery.ref)
        .where(Delivery.chat_id == chat_id, Delivery.item.is_not(None), Delivery.ref.is_not(None))
        .order_by(Delivery.id.desc())
        .limit(LOOK_BACK)
    )
    answered = set(ref)
    for item, held in (await session.execute(copies)).all():
        if item is not None and answered.intersection(held or ()):
            return item
    return None


async def choice_of(session: AsyncSession, chat_id: int, item: int, number: str) -> str | None:
    """The value of the choice that the copy of `item` in this chat shows under `number` ("12 1")."""
    wanted = (
        select(StoredText.body)
        .join(Delivery, Delivery.held_text == StoredText.id)
        .where(Delivery.chat_id == chat_id, Delivery.item == item)
    )
    body = (await session.execute(wanted)).scalar_one_or_none()
    if body is None:
        return None
    message = from_wire(body)
    values = [choice.value for row in message.choices for choice in row]
    return dict(zip(message.numbers, values, strict=False)).get(number)
