"""What staff of a Treffpunkt do with a proposal: release it, propose other words, decline it. The first one wins."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.items.guard import Guard, heard
from bot.language import Msg, strip_controls
from bot.posts.errors import NotAllowedError, StaleError, TooLateError, WrongStateError
from bot.posts.model import PROPOSAL_KIND, Post
from bot.posts.service import Posts
from bot.proposals.authoring import release
from bot.proposals.model import WAITING, Proposal, Stage
from bot.proposals.records import Found, Records
from bot.proposals.telling import Telling


class Reviewing:
    """Use cases of reviewers. All raise `NotAllowedError` to whom it isn't to review, `WrongStateError` when somebody
    else was quicker, `StaleError` when its author has changed it.
    """

    def __init__(self, clock: Clock, posts: Posts, records: Records, telling: Telling, guard: Guard) -> None:
        self._clock = clock
        self._posts = posts
        self._records = records
        self._telling = telling
        self._guard = guard

    async def waiting(self, session: AsyncSession, person: int) -> list[Found]:
        """What this person may decide about, the oldest first."""
        rows = select(Proposal.item_id).where(Proposal.stage.in_(WAITING)).order_by(Proposal.submitted_at)
        found = await self._records.shown(session, (await session.scalars(rows)).all())
        return [one for one in found if person in await self._records.reviewers(session, one)]

    async def seen(self, session: AsyncSession, person: int, item_id: int) -> Found:
        """A proposal that was handed in, to one of its reviewers."""
        found = await self._records.find(session, item_id)
        if found is None or found.proposal.submitted_at is None or found.stage is Stage.DRAFT:
            raise NotAllowedError
        if person not in await self._records.reviewers(session, found):
            raise NotAllowedError
        return found

    async def look(self, session: AsyncSession, person: int, item_id: int, revision: int) -> Found:
        """The same, while it waits for a decision."""
        found = await self.seen(session, person, item_id)
        if found.stage is not Stage.OPEN:
            raise WrongStateError
        if found.post.item.revision != revision:
            raise StaleError
        return found

    async def may_speak(self, session: AsyncSession, person: int) -> None:
        """To be asked before anybody is asked for words. Raises `SilencedError`."""
        await heard(self._guard, session, person)

    async def release(self, session: AsyncSession, person: int, item_id: int, *, revision: int) -> Found:
        """It leaves in 30 seconds. Raises `TooLateError` if it is over, `SilencedError` if its author may not speak."""
        found = await self.look(session, person, item_id, revision)
        author, until = found.post.item.author, found.post.post.until
        if author is not None:
            await heard(self._guard, session, author)
        if until is not None and until <= self._clock.now():
            raise TooLateError
        place = (await self._records.reviewers(session, found))[person]
        await self._telling.forget(session, found)
        await release(session, self._posts, found, person, place)
        return found

    async def undo(self, session: AsyncSession, person: int, item_id: int) -> Found:
        """Halt: it waits again. Raises `TooLateError` once it has left."""
        found = await self.seen(session, person, item_id)
        if found.stage is not Stage.RELEASED:
            raise WrongStateError
        await self._posts.publishing.undo(session, person, item_id)
        again = await self._records.find(session, item_id)
        if again is None:
            raise StaleError
        again.post.item.kind, again.post.item.treffpunkt = PROPOSAL_KIND, None
        again.proposal.stage, again.proposal.reviewer = Stage.OPEN, None
        again.post.post.approved_by = again.post.post.sender = None
        await session.flush()
        return again

    async def just_released(self, session: AsyncSession, person: int) -> int | None:
        """What this person has released, while it can be halted."""
        item = await self._posts.publishing.waiting(session, person)
        post = await session.get(Post, item) if item is not None else None
        return item if post is not None and post.source else None

    async def propose(
        self, session: AsyncSession, person: int, item_id: int, words: str, *, revision: int
    ) -> Found:
        """Other words: they count when its author agrees."""
        found = await self.look(session, person, item_id, revision)
        await heard(self._guard, session, person)
        found.proposal.words = strip_controls(words).strip()
        found.proposal.stage, found.proposal.reviewer = Stage.CONSENT, person
        found.post.item.revision += 1
        await self._telling.ask_consent(session, found)
        return found

    async def decline(
        self, session: AsyncSession, person: int, item_id: int, reason: Msg | str, *, revision: int
    ) -> Found:
        """Not released; its author hears why."""
        found = await self.look(session, person, item_id, revision)
        await heard(self._guard, session, person)
        await self._telling.forget(session, found)
        found.proposal.stage, found.proposal.reviewer = Stage.DECLINED, person
        await session.flush()
        await self._telling.declined(session, found, reason)
        return found
