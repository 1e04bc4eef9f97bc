"""From a row that is due to a job that may go out: checked once more, marked `sending`, its text at hand."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Address, Capabilities, Outgoing
from bot.delivery.claim import SAYS, Due
from bot.delivery.job import Job
from bot.delivery.model import Delivery, Priority, State, StoredText
from bot.delivery.wire import from_wire
from bot.storage.many import numbers

log = logging.getLogger(__name__)

TEXTS_AT_HAND = 300

_COPIES = cast("Table", Delivery.__table__)
_COPY = _COPIES.c
_MARK = update(_COPIES).where(_COPY.id.in_(numbers("rows")))
_SENDING = _MARK.values(
    state=State.SENDING,
    sending_text=SAYS,
    changes=_COPY.changes + case((_COPY.ref.is_(None), 0), else_=1),
    requests=_COPY.requests + 1,
)
_ENDED = _MARK.values(state=bindparam("becomes"), sending_text=None)


class Texts:
    """Stored texts, the latest few kept: a broadcast says the same few again and again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Outgoing] = OrderedDict()

    async def load(self, session: AsyncSession, ids: Collection[int]) -> dict[int, Outgoing]:
        """The messages of these ids. Missing are unreadable ones, and erased ones unless they are still at hand."""
        missing = {text for text in ids if text not in self._kept}
        try:
            await self._read(session, missing)
        except ValueError:
            # One of them is no message (another version's, or damaged). Which one shows when each is read alone.
            for text in missing:
                try:
                    await self._read(session, {text})
                except ValueError as fault:
                    log.error("the stored text %d can't be read: %s", text, type(fault).__name__)  # noqa: TRY400 - see carry.py
        found = {text: self._kept[text] for text in ids if text in self._kept}
        while len(self._kept) > TEXTS_AT_HAND:
            self._kept.popitem(last=False)
        return found

    async def _read(self, session: AsyncSession, ids: Collection[int]) -> None:
        if ids:
            rows = await session.execute(select(StoredText.id, StoredText.body).where(StoredText.id.in_(ids)))
            self._kept.update((text, from_wire(body)) for text, body in rows.all())


@dataclass(slots=True)
class Begun:
    """Jobs to carry out, and rows that ended without a request."""

    jobs: list[Job] = field(default_factory=list)
    ended: dict[State, list[Due]] = field(default_factory=dict)


async def begin(
    session: AsyncSession, rows: Sequence[Due], now: datetime, *, texts: Texts, able: Capabilities
) -> Begun:
    """Mark what may go out `sending`, and end what may not."""
    begun = Begun()
    able_to_go: list[tuple[Due, int | None]] = []
    for row in rows:
        end = _ends_as(row, now, able)
        if end is not None:
            begun.ended.setdefault(end, []).append(row)
        else:
            able_to_go.append((row, row.says))
    messages = await texts.load(session, {text for _, text in able_to_go if text is not None})
    going = [(row, text) for row, text in able_to_go if text is None or text in messages]
    without_words = [row for row, text in able_to_go if text is not None and text not in messages]
    if without_words:
        begun.ended.setdefault(State.REJECTED, []).extend(without_words)
    connection = await session.connection()
    if going:
        await connection.execute(_SENDING, {"rows": [row.id for row, _ in going]})
    for state, ended in begun.ended.items():
        await connection.execute(_ENDED, {"rows": [row.id for row in ended], "becomes": state})
    begun.jobs = [_job(row, text, messages) for row, text in going]
    return begun


def _ends_as(row: Due, now: datetime, able: Capabilities) -> State | None:
    """The state of a row that needs no request, or mustn't have one. None: it goes out."""
    held = bool(row.ref)
    # After a change that perhaps arrived it isn't known what is held: it takes another request.
    if held and row.wanted_text is not None and row.wanted_text == row.held_text and not row.attempts:
        return State.HELD
    # An answer follows something the person just did: the chat is open again, whatever was noted.
    if not row.reachable and row.priority != Priority.REPLY:
        return State.GONE
    if held and row.held_text is None and row.wanted_text is not None and row.is_late:
        return State.UNSURE  # what is missing of it would be sent
    if held:
        return None if _can_change(row, now, able) else State.REJECTED
    if row.sending_text is None and (row.wanted_text is None or row.is_late):
        return State.UNSURE if row.attempts else State.DROPPED
    return None


def _can_change(row: Due, now: datetime, able: Capabilities) -> bool:
    if row.wanted_text is not None:
        return able.edits
    too_late = able.deletes_after is not None and row.held_at and row.held_at + able.deletes_after <= now
    return able.deletes and not too_late


def _job(row: Due, text: int | None, messages: dict[int, Outgoing]) -> Job:
    return Job(
        id=row.id,
        item=row.item,
        chat_id=row.chat_id,
        address=Address(row.address),
        is_room=row.is_room,
        priority=row.priority,
        text=text,
        message=messages[text] if text is not None else None,
        ref=tuple(row.ref or ()),
        attempts=row.attempts,
        changes=row.changes + bool(row.ref),
        generation=row.generation,
        moves=row.moves,
        request=row.requests + 1,
        due_at=row.due_at,
        completes=bool(row.ref) and row.held_text is None and text is not None,
    )
