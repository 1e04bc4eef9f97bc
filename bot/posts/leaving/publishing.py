"""From a draft to its readers: sent now or at a time, undone within 30 seconds, released by a second person.

Publishing is one transaction: number, texts, one copy per reader and the state, or nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.items.guard import Guard
from bot.items.model import Item, ItemState
from bot.items.service import hold, hold_publications, next_publication_no
from bot.people.audience import audience
from bot.posts.announcement import Announcement, load, take
from bot.posts.drafting.asking import open_question
from bot.posts.errors import MutedError, NotAllowedError, StaleError, TooLateError, WrongStateError
from bot.posts.leaving.approvals import Approvals
from bot.posts.leaving.copies import all_unsent, remove_unsent
from bot.posts.leaving.corrections import Corrections
from bot.posts.leaving.spread import Spread
from bot.posts.model import ITEM_KIND, Post, Receipt
from bot.posts.rights import Rights
from bot.posts.timing import UNDO, over
from bot.storage.again import collided

log = logging.getLogger(__name__)

SOON = timedelta(minutes=1)
"""A post can't be scheduled for sooner than this."""


class Way(StrEnum):
    """What became of a tap on "Senden"."""

    SOON = "soon"
    """It leaves in 30 seconds, and can be undone until then."""
    ASKED = "asked"
    """A second person was asked to release it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a tap on "Senden"."""

    way: Way
    asked: int = 0
    """How many people were asked to release it."""


class Publishing:
    """Use cases around sending. Each runs in the caller's transaction."""

    def __init__(
        self,
        clock: Clock,
        rights: Rights,
        spread: Spread,
        approvals: Approvals,
        corrections: Corrections,
        zone: Callable[[], ZoneInfo],
        guard: Guard,
    ) -> None:
        self._guard = guard
        self._clock = clock
        self._rights = rights
        self._spread = spread
        self._approvals = approvals
        self._corrections = corrections
        self._zone = zone

    async def may_speak(self, session: AsyncSession, person: int) -> None:
        """To be asked before anybody is asked for words. Raises `MutedError`."""
        silence = await self._guard.silence(session, person)
        if silence is not None:
            raise MutedError(silence)

    async def send(self, session: AsyncSession, person: int, item_id: int, *, revision: int) -> Sent:
        """Send this revision. Raises `StaleError`, `WrongStateError` (sent already), `TooLateError` (it is over),
        `NotAllowedError`, `NeedsAnotherError` (an alert, and nobody else could release it).
        """
        draft = await self._ready(session, person, item_id, revision)
        draft.post.sender = person
        now = self._clock.now()
        if await self._is_alert(session, draft):
            return Sent(Way.ASKED, await self._approvals.ask(session, draft, besides=person))
        if draft.post.corrects is not None:
            # A correction waits as a draft: until it leaves, every copy stays as it is.
            draft.item.state, draft.post.due_at = ItemState.SCHEDULED, now + UNDO
            await session.flush()
            return Sent(Way.SOON)
        await self._publish(session, draft, now + UNDO)
        return Sent(Way.SOON)

    async def schedule(
        self, session: AsyncSession, person: int, item_id: int, at: datetime, *, revision: int
    ) -> None:
        """Send it at `at`. Raises as `send`; `TooLateError` also if `at` is past or after what it announces."""
        draft = await self._ready(session, person, item_id, revision)
        ends = over(draft.post, self._zone())
        if at < self._clock.now() + SOON or (ends is not None and at >= ends):
            raise TooLateError
        if draft.post.alert or draft.post.corrects is not None:
            raise WrongStateError  # neither waits for a time
        draft.post.sender = person
        draft.item.state, draft.post.due_at = ItemState.SCHEDULED, at
        await session.flush()

    async def undo(self, session: AsyncSession, person: int, item_id: int) -> Announcement:
        """Halt: it is a draft again. Raises `TooLateError` once it has left, `NotAllowedError`, `WrongStateError`."""
        sent = await take(session, item_id)
        if sent is None:
            raise WrongStateError
        await self._rights.check(session, person, sent.item.treffpunkt)
        if sent.item.state in (ItemState.SCHEDULED, ItemState.AWAITING):
            return await self._back_to_draft(session, sent)
        if sent.item.state != ItemState.PUBLISHED:
            raise WrongStateError
        await hold_publications(session)
        due = sent.post.due_at
        if due is None or self._clock.now() >= due or not await all_unsent(session, item_id):
            raise TooLateError
        await remove_unsent(session, item_id)
        sent.item.publication_no = sent.item.published_at = None
        sent.post.receipt, sent.post.rendered = None, {}
        return await self._back_to_draft(session, sent)

    async def waiting(self, session: AsyncSession, person: int) -> int | None:
        """The newest post this person sent that leaves within the next 30 seconds, and can be undone until then."""
        now = self._clock.now()
        mine = (
            select(Post.item_id)
            .join(Item, Item.id == Post.item_id)
            .where(
                Post.sender == person, Post.due_at > now, Post.due_at <= now + UNDO, Post.follows.is_(None)
            )
            .where(Item.state.in_((ItemState.PUBLISHED, ItemState.SCHEDULED)))
            .order_by(Post.due_at.desc(), Post.item_id.desc())
        )
        return (await session.scalars(mine.limit(1))).first()

    async def approve(
        self, session: AsyncSession, person: int, item_id: int, *, revision: int
    ) -> Announcement:
        """A second person releases an alert: it leaves at once, to everybody. Raises as `send`."""
        alert = await self._approvals.asked(session, person, item_id, revision)
        alert.post.approved_by = person
        if alert.post.corrects is not None:
            await self._corrections.apply(session, alert, self._clock.now())
        else:
            await self._publish(session, alert, self._clock.now())
        return alert

    async def refuse(
        self, session: AsyncSession, person: int, item_id: int, *, revision: int
    ) -> Announcement:
        """The second person says no: it is a draft again, and its sender hears of it. Raises as `send`."""
        alert = await self._approvals.asked(session, person, item_id, revision)
        await self._back_to_draft(session, alert)
        await self._approvals.tell_refused(session, alert)
        return alert

    async def release(self, session: AsyncSession, person: int | None, post: Announcement) -> None:
        """Publish what a resident wrote, in 30 seconds. Whether it may leave is the caller's to ask."""
        post.post.sender = person
        await self._publish(session, post, self._clock.now() + UNDO)

    async def publish_due(self, session: AsyncSession, now: datetime) -> list[int]:
        """Publish what is scheduled until `now`: once, late if we were down. Returns the items."""
        due = (
            select(Post.item_id)
            .join(Item, Item.id == Post.item_id)
            .where(Item.kind == ITEM_KIND, Item.state == ItemState.SCHEDULED, Post.due_at <= now)
            .order_by(Post.due_at, Post.item_id)
        )
        published, failed = [], []
        items = (await session.scalars(due)).all()
        if not items:
            return []
        await hold(session, items)
        # What they correct, too: no item is locked once a number is taken.
        corrected = select(Post.corrects).where(Post.item_id.in_(items), Post.corrects.is_not(None))
        await hold(session, [one for one in (await session.scalars(corrected)).all() if one is not None])
        for item_id in items:
            try:
                async with session.begin_nested():
                    post = await take(session, item_id)
                    if post is not None and _is_due(post, now) and await self._leave(session, post, now):
                        published.append(item_id)
            except Exception as fault:
                if isinstance(fault, DBAPIError) and collided(fault):
                    raise  # nothing is wrong with it: all of it begins again
                # One that can't be rendered waits, and holds no other up.
                failed.append(fault)
        if failed:
            log.error("%d scheduled posts could not be published", len(failed), exc_info=failed[0])
        return published

    async def _leave(self, session: AsyncSession, post: Announcement, now: datetime) -> bool:
        """What was scheduled leaves, unless it is over or its sender may no longer, or not at present."""
        ends = over(post.post, self._zone())
        try:
            await self._rights.check(session, post.post.sender, post.item.treffpunkt)
        except NotAllowedError:
            allowed = False
        else:
            allowed = True
        if not allowed or (ends is not None and ends <= now and not post.post.corrects):
            await self._back_to_draft(session, post)
            await self._approvals.tell_not_sent(session, post)
            return False
        sender = post.post.sender
        silence = await self._guard.silence(session, sender) if sender is not None else None
        if silence is not None:
            await self._back_to_draft(session, post)
            await self._approvals.tell_not_sent(session, post, silence)
            return False
        if post.post.corrects is not None:
            await self._corrections.apply(session, post, now)
            return True
        await self._publish(session, post, now)
        return True

    async def _is_alert(self, session: AsyncSession, draft: Announcement) -> bool:
        """Also the correction of an alert: nobody alone changes what frightens a city."""
        if draft.post.alert or draft.post.corrects is None:
            return draft.post.alert
        corrected = await load(session, draft.post.corrects)
        return corrected is not None and corrected.post.alert

    async def _publish(self, session: AsyncSession, post: Announcement, leaves: datetime) -> None:
        post.item.publication_no = await next_publication_no(session)
        post.item.state = ItemState.PUBLISHED
        post.item.published_at = post.post.due_at = leaves
        post.post.receipt = Receipt.PUBLISHED
        post.post.rendered = {}
        await session.flush()
        await self._spread.copies(session, post, audience(post.quartiere), leaves)
        await session.flush()

    async def _ready(self, session: AsyncSession, person: int, item_id: int, revision: int) -> Announcement:
        draft = await take(session, item_id)
        if draft is None or draft.item.kind != ITEM_KIND:
            raise StaleError
        await self._rights.check(session, person, draft.item.treffpunkt)
        await self.may_speak(session, person)
        if draft.item.state != ItemState.DRAFT:
            raise WrongStateError
        if draft.item.revision != revision or open_question(draft, self._zone()) is not None:
            raise StaleError
        ends = over(draft.post, self._zone())
        if ends is not None and ends <= self._clock.now() and draft.post.corrects is None:
            raise TooLateError
        return draft

    async def _back_to_draft(self, session: AsyncSession, post: Announcement) -> Announcement:
        post.item.state = ItemState.DRAFT
        # An old preview's "Senden" must not send it again.
        post.item.revision += 1
        post.post.due_at = None
        await session.flush()
        return post


def _is_due(post: Announcement, now: datetime) -> bool:
    """Whether nobody else published or stopped it, while we waited for its row."""
    due = post.post.due_at
    return post.item.state == ItemState.SCHEDULED and due is not None and due <= now
