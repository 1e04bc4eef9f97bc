"""A post's copies as its sender may know them: how many have it, wait for it, could not get it. Never who.

Which items a digest told says `text_item`, beside the delivery of that text: nothing else is noted about anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Select,
    and_,
    case,
    delete,
    exists,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Capabilities
from bot.delivery.erase import NOBODY_HOLDS_IT
from bot.delivery.model import Delivery, State, TextItem
from bot.delivery.order import lock
from bot.posts.hidden_model import HiddenCopy
from bot.posts.leaving.tally import ON_THE_WAY, ByLane, tallies


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of copies. `web` and `web_waiting`: of the page's chat, which rings for nobody; counted nowhere else."""

    held: int = 0
    waiting: int = 0
    gone: int = 0
    rejected: int = 0
    unsure: int = 0
    web: int = 0
    web_waiting: int = 0
    digest: int = 0
    """Of those that hold it: who read it in a digest, which is never changed."""
    lately: int = 0
    """How many it reached within the last minute."""
    due: int = 0
    """Copies whose time has come and that are not there yet."""
    left: float | None = None
    """Seconds until they are, as long as the slowest messenger takes; None if nobody can tell."""

    @property
    def people(self) -> int:
        """All whom it was to reach by now or will."""
        return self.held + self.waiting + self.gone + self.rejected + self.unsure


async def figures(
    session: AsyncSession, items: Collection[int], waits: Collection[int], now: datetime | None = None
) -> dict[int, Figures]:
    """Figures of each item; `waits`: the lanes that ring for nobody. `now`: also how fast it goes at this moment."""
    found = await tallies(session, items, now)
    return {item: _figures(by_lane, waits, now) for item, by_lane in found.items()}


def _figures(by_lane: ByLane, waits: Collection[int], now: datetime | None) -> Figures:
    lanes = by_lane.among(by_lane.lanes.keys() - set(waits))
    ringing, page = lanes.total, by_lane.of(waits)
    return Figures(
        held=ringing.reached,
        waiting=ringing.waiting,
        gone=ringing.gone,
        rejected=ringing.rejected,
        unsure=ringing.unsure,
        web=page.reached,
        web_waiting=page.waiting,
        digest=ringing.digest + page.digest,
        lately=ringing.lately,
        due=ringing.due,
        left=lanes.left(now, {}) if now else None,
    )


async def is_under_way(session: AsyncSession, item: int, now: datetime) -> bool:
    """Whether a copy that is due has not ended yet."""
    due = exists().where(Delivery.item == item, Delivery.state.in_(ON_THE_WAY), Delivery.due_at <= now)
    return bool((await session.execute(select(due))).scalar_one())


async def remove_unsent(session: AsyncSession, item: int) -> int:
    """Take off every copy nobody has seen. Returns how many."""
    await lock(session, (Delivery.item == item) & NOBODY_HOLDS_IT)
    gone = delete(Delivery).where(Delivery.item == item, NOBODY_HOLDS_IT)
    result = await session.execute(gone.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


async def all_unsent(session: AsyncSession, item: int) -> bool:
    """Whether surely nobody has seen the item yet."""
    seen = exists().where(Delivery.item == item, ~NOBODY_HOLDS_IT)
    return not (await session.execute(select(seen))).scalar_one()


_REACHED = Delivery.held_text.is_not(None) | Delivery.state.in_((State.SENDING, State.UNSURE))


def holders(item: int) -> Select[Any]:
    """Chats that hold a copy of the item or a digest that tells of it, or perhaps do."""
    told = select(Delivery.chat_id).join(TextItem, TextItem.text == Delivery.wanted_text)
    mine = select(Delivery.chat_id).where(Delivery.item == item, _REACHED)
    return mine.union(told.where(TextItem.item == item, _REACHED)).subquery().select()


def has_copy(item: int) -> Select[Any]:
    """Chats with any copy of the item, or a digest that tells of it, on its way or there."""
    told = select(Delivery.chat_id).join(TextItem, TextItem.text == Delivery.wanted_text)
    mine = select(Delivery.chat_id).where(Delivery.item == item)
    return mine.union(told.where(TextItem.item == item)).subquery().select()


def beyond_deletion(able: Mapping[int, Capabilities], now: datetime) -> ColumnElement[bool] | None:
    """Which held copies their platform won't delete any more, but can still edit; None if every one can go."""
    late = None
    for lane, capabilities in able.items():
        if not capabilities.edits:
            continue
        here: ColumnElement[bool] = Delivery.lane_id == lane
        if capabilities.deletes and capabilities.deletes_after is None:
            continue
        if capabilities.deletes and capabilities.deletes_after is not None:
            here = and_(here, Delivery.held_at <= now - capabilities.deletes_after)
        late = here if late is None else late | here
    return None if late is None else and_(late, Delivery.ref.is_not(None))


_EDITABLE = (State.HELD, State.PENDING, State.REJECTED, State.UNSURE, State.GONE)


async def overwrite(
    session: AsyncSession, item: int, which: ColumnElement[bool], texts: Mapping[int, int], now: datetime
) -> int:
    """Copies that say text `old` (key) shall be edited to say `new`, those of who is gone should they come back.

    Of which nobody knows what they say (an older version, a part of a message that broke off) they say any of `texts`:
    none stays. Returns how many.
    """
    if not texts:
        return 0
    await lock(session, (Delivery.item == item) & which)
    waits = case((Delivery.state == State.GONE, State.GONE), else_=State.PENDING)
    hidden = select(HiddenCopy.text).where(HiddenCopy.delivery_id == Delivery.id).scalar_subquery()
    known = (Delivery.held_text, Delivery.wanted_text, hidden)
    notice = case(
        *[(said == old, literal(new, BigInteger)) for said in known for old, new in texts.items()],
        else_=literal(next(iter(texts.values())), BigInteger),
    )
    # Who is gone with a part of it: what they missed is no change of it. It is deleted, or refused, once they are back.
    part_of_gone = and_(Delivery.state == State.GONE, Delivery.held_text.is_(None))
    edit = update(Delivery).where(Delivery.item == item, which, Delivery.state.in_(_EDITABLE), ~part_of_gone)
    # The notice is due even after the post is over.
    ends = case((Delivery.held_text.is_(None), null()), else_=Delivery.expires_at)
    edit = edit.values(wanted_text=notice, state=waits, due_at=now, expires_at=ends, attempts=0)
    result = await session.execute(edit.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


REFUSED: ColumnElement[bool] = and_(
    Delivery.state == State.REJECTED, Delivery.wanted_text.is_(None), Delivery.ref.is_not(None)
)
"""Copies that were to be deleted and are still there, because their platform refused."""


async def refused_deletion(session: AsyncSession, item: int) -> bool:
    """Whether there is such a copy of the item."""
    return bool((await session.execute(select(exists().where(Delivery.item == item, REFUSED)))).scalar_one())
