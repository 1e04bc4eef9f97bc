"""Conversations that can be written to: found or made, moved, closed, erased."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.erase import NOBODY_HOLDS_IT, erase_chat, erase_messages
from bot.delivery.model import IS_PENDING, Chat, Delivery, Lane, Priority, State
from bot.delivery.order import lock
from bot.storage.many import these
from bot.storage.portable import insert_new

__all__ = ["chat_for", "close_chats", "erase_chat", "lane_for", "move_chat", "open_chats", "readdress"]


async def lane_for(session: AsyncSession, platform: str) -> Lane:
    """The lane of a platform, made at its first start."""
    await insert_new(session, Lane, platform=platform, epoch=0)
    return (await session.execute(select(Lane).where(Lane.platform == platform))).scalar_one()


async def chat_for(session: AsyncSession, lane_id: int, address: str, *, is_room: bool = False) -> Chat:
    """The chat at an address, made when first heard of."""
    found = select(Chat).where(Chat.lane_id == lane_id, Chat.address == address)
    chat = (await session.execute(found)).scalar_one_or_none()
    if chat is None:
        await insert_new(session, Chat, lane_id=lane_id, address=address, is_room=is_room, reachable=True)
        chat = (await session.execute(found)).scalar_one()
    return chat


async def move_chat(session: AsyncSession, chat_id: int, address: str) -> None:
    """The conversation lives at another address now; whoever refers to the chat needn't know.

    If the new address was heard of already, that younger chat yields it: it was made by a message that came in before
    we learned of the move, and nothing refers to it yet but its own inbox.
    """
    chat = await session.get(Chat, chat_id)
    if chat is None:
        return
    younger = select(Chat).where(Chat.lane_id == chat.lane_id, Chat.address == address, Chat.id != chat_id)
    other = (await session.execute(younger)).scalar_one_or_none()
    if other is not None:
        other.address, other.reachable = f"moved:{other.id}", False
        await session.flush()
    chat.address = address
    await session.flush()


async def close_chats(session: AsyncSession, chat_ids: Collection[int]) -> None:
    """Nobody is there any more: what waits for these chats ends as `gone`."""
    waiting = Delivery.chat_id.in_(these(chat_ids)) & IS_PENDING
    await lock(session, waiting)
    shut = update(Chat).where(Chat.id.in_(these(chat_ids))).values(reachable=False)
    await session.execute(shut.execution_options(synchronize_session="fetch"))
    closed = update(Delivery).where(waiting, Delivery.item.is_not(None)).values(state=State.GONE)
    await session.execute(closed.execution_options(synchronize_session=False))
    await erase_messages(session, waiting)


async def open_chats(session: AsyncSession, chat_ids: Collection[int], now: datetime) -> None:
    """Somebody is there (again). What they hold catches up with what was changed or taken back while they were gone;
    what they missed is past, also where some of it had arrived."""
    closed = update(Chat).where(Chat.id.in_(these(chat_ids)), ~Chat.reachable).values(reachable=True)
    opened = await session.execute(closed.returning(Chat.id).execution_options(synchronize_session="fetch"))
    found = list(opened.scalars())
    if found:
        holds = (Delivery.chat_id.in_(found)) & (Delivery.state == State.GONE) & Delivery.ref.is_not(None)
        known = Delivery.held_text.is_not(None) | Delivery.wanted_text.is_(None)
        await lock(session, holds & known)
        behind = update(Delivery).where(holds, known).values(state=State.PENDING, due_at=now, attempts=0)
        await session.execute(behind.execution_options(synchronize_session=False))


async def readdress(session: AsyncSession, chat_ids: Collection[int], to: Chat) -> None:
    """What nobody holds yet goes to another chat of the same person; of an item that is known there, nothing more.

    Answers stay where something was asked, and copies where they are held, to be changed there.
    """
    there = select(Delivery.item).where(Delivery.chat_id == to.id, Delivery.item.is_not(None))
    for chat_id in chat_ids:
        waiting = (Delivery.chat_id == chat_id) & NOBODY_HOLDS_IT & (Delivery.priority != Priority.REPLY)
        await lock(session, waiting)
        known = update(Delivery).where(waiting, Delivery.item.in_(there)).values(state=State.DROPPED)
        moved = update(Delivery).where(waiting, Delivery.item.is_not(None))
        for change in (known, moved.values(chat_id=to.id, lane_id=to.lane_id)):
            await session.execute(change.execution_options(synchronize_session=False))
