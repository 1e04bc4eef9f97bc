"""What an author does with a proposal: begun, changed, sent for review, agreed to in other words, taken back.

Each asks first whose it is, and whether that person may speak at present.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Attachment
from bot.items.guard import Guard, heard
from bot.items.model import Item, ItemState
from bot.posts.announcement import Announcement, put_text, set_quartiere
from bot.posts.drafting import editing
from bot.posts.drafting.asking import open_question
from bot.posts.errors import NotAllowedError, StaleError, TooLateError, WrongStateError
from bot.posts.kinds import PROPOSED, Kind
from bot.posts.model import ITEM_KIND, PROPOSAL_KIND, Origin, Post, Source
from bot.posts.service import Posts
from bot.posts.timing import day_end, over
from bot.posts.understanding.danger import ASKED
from bot.posts.understanding.headline import tidy_text, word
from bot.proposals.model import WAITING, Proposal, Stage
from bot.proposals.records import Found, Records, TooManyError
from bot.proposals.telling import Telling

MOST_OPEN, MOST_A_WEEK = 3, 5
"""Of one resident; an organisation has a week's number alone."""
WEEK = timedelta(days=7)
USUAL_DAYS = 14
MOST_DAYS = 60
"""How long what is offered or wanted stays, unless somebody says otherwise; and at most."""
EXTENDABLE = timedelta(weeks=4)
"""How long after its end its author can have it go on."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """How a proposal set out: how many will read it."""

    reached: int


class Authoring:
    """Use cases of authors. All raise `NotAllowedError` for what isn't theirs, `StaleError` for an old preview."""

    def __init__(self, clock: Clock, posts: Posts, records: Records, telling: Telling, guard: Guard) -> None:
        self._clock = clock
        self._posts = posts
        self._records = records
        self._telling = telling
        self._guard = guard

    async def may_begin(self, session: AsyncSession, person: int, organisation: int | None) -> None:
        """Raises `SilencedError`, `NotAllowedError` (not their organisation), `TooManyError`."""
        await heard(self._guard, session, person)
        if organisation is not None:
            if organisation not in await self._records.organisations(session, person):
                raise NotAllowedError
            await self._weekly(session, Post.organisation == organisation)
            return
        mine = (Item.author == person) & Post.organisation.is_(None)
        await self._weekly(session, mine)
        rows = self._counted().where(mine, Proposal.stage.in_(WAITING))
        if (await session.scalar(rows) or 0) >= MOST_OPEN:
            raise TooManyError(MOST_OPEN, weekly=False)

    async def begin(
        self, session: AsyncSession, person: int, kind: Kind, text: str, language: str, *,
        organisation: int | None = None, quartier: int | None = None, files: Sequence[Attachment] = (),
    ) -> Found:  # fmt: skip
        """A draft from the first words. `quartier`: None is asked for."""
        if kind not in PROPOSED:
            raise StaleError
        await self.may_begin(session, person, organisation)
        item = Item(
            kind=PROPOSAL_KIND, author=person, treffpunkt=None, state=ItemState.DRAFT, revision=1,
            created_at=self._clock.now(),
        )  # fmt: skip
        session.add(item)
        await session.flush()
        post = Post(
            item_id=item.id, kind=kind, language=language, template=False, fields={}, alert=False, media=[],
            doubts=[], asked=[ASKED], rendered={}, place="", new_place="", cost="", all_day=False,
            new_all_day=False, cancelled=False, organisation=organisation,
            source=Source.RESIDENT if organisation is None else Source.ORGANISATION,
        )  # fmt: skip
        proposal = Proposal(item_id=item.id, stage=Stage.DRAFT, words="", told=False, requests=[])
        session.add(post)
        await session.flush()
        session.add(proposal)
        found = Found(Announcement(item, post, {}, ()), proposal)
        put_text(session, found.post, language, Origin.AUTHOR, "", "")
        await set_quartiere(session, found.post, [] if quartier is None else [quartier])
        if files:
            await self._posts.drafts.attach(session, found.post, files)
        await self.reword(session, found, text)
        if kind is not Kind.EVENT:
            post.until = self._until(USUAL_DAYS)
        await session.flush()
        return found

    async def look(
        self, session: AsyncSession, person: int, item_id: int, *, revision: int | None = None
    ) -> Found:
        """One's own draft, as it stands."""
        found = await self._records.mine(session, person, item_id)
        if revision is not None and found.post.item.revision != revision:
            raise StaleError
        if found.stage is not Stage.DRAFT:
            raise WrongStateError
        return found

    async def edit(
        self, session: AsyncSession, person: int, item_id: int, *, revision: int | None = None
    ) -> Found:
        """The same, to be changed."""
        found = await self.look(session, person, item_id, revision=revision)
        found.post.item.revision += 1
        return found

    async def reword(self, session: AsyncSession, found: Found, text: str) -> None:
        """These words in place of those there were; of an event the facts in them, too."""
        kind = Kind(found.post.post.kind)
        if kind is Kind.EVENT:
            await self._posts.drafts.read(session, found.post, text)
            found.post.post.kind = kind
            return
        wording = word(tidy_text(text), ())
        editing.write(session, found.post, wording.title, wording.body)
        await session.flush()

    async def last_day(self, session: AsyncSession, found: Found, until: datetime) -> None:
        """It runs out then. Raises `TooLateError` for what is past or too far ahead."""
        now = self._clock.now()
        if not now < until <= day_end(now + timedelta(days=MOST_DAYS), self._posts.zone()):
            raise TooLateError
        found.post.post.until = until
        await session.flush()

    def day_after(self, days: int) -> datetime:
        """The end of a day to come."""
        return self._until(days)

    async def submit(self, session: AsyncSession, person: int, item_id: int, *, revision: int) -> Submitted:
        """Send it for review. Raises `TooLateError` if it is over, and what `may_begin` raises."""
        found = await self.look(session, person, item_id, revision=revision)
        post = found.post.post
        await self.may_begin(session, person, post.organisation)
        if open_question(found.post, self._posts.zone()) is not None or not found.post.quartiere:
            raise StaleError
        if post.starts_at is not None:
            post.until = None
            post.until = over(post, self._posts.zone())
        post.until = post.until or self._until(USUAL_DAYS)
        now = self._clock.now()
        if post.until <= now:
            raise TooLateError
        found.proposal.submitted_at = now
        return Submitted(await self._telling.ask_reviewers(session, found))

    async def agree(self, session: AsyncSession, person: int, item_id: int, *, revision: int) -> bool:
        """The author agrees to a reviewer's words: it leaves. False if it has to be released anew after all."""
        found = await self._asked(session, person, item_id, revision)
        await heard(self._guard, session, person)
        wording = word(tidy_text(found.proposal.words), ())
        editing.write(session, found.post, wording.title, wording.body)
        reviewer, found.proposal.words = found.proposal.reviewer, ""
        reviewers = await self._records.reviewers(session, found)
        until = found.post.post.until
        if until is not None and until <= self._clock.now():
            raise TooLateError
        if reviewer not in reviewers:
            found.post.item.revision += 1
            await self._telling.ask_reviewers(session, found)
            return False
        await self._telling.agreed(session, found)
        await release(session, self._posts, found, reviewer, reviewers[reviewer])
        return True

    async def disagree(self, session: AsyncSession, person: int, item_id: int, *, revision: int) -> None:
        """Not in those words: it waits again, as it was."""
        found = await self._asked(session, person, item_id, revision)
        found.proposal.words = ""
        await self._telling.ask_reviewers(session, found, refused=True)

    async def revise(self, session: AsyncSession, person: int, item_id: int) -> Found:
        """Write it anew: after other words were proposed, or it was declined, or taken back by oneself."""
        found = await self._records.mine(session, person, item_id)
        if found.stage not in (Stage.OPEN, Stage.CONSENT, Stage.DECLINED):
            raise WrongStateError
        await self._telling.forget(session, found)
        found.proposal.stage, found.proposal.words = Stage.DRAFT, ""
        found.post.item.revision += 1
        await session.flush()
        return found

    async def withdraw(self, session: AsyncSession, person: int, item_id: int) -> bool:
        """Take it back, also where it was published. Returns whether it was."""
        found = await self._records.mine(session, person, item_id)
        if found.stage in (Stage.WITHDRAWN, Stage.TAKEN_BACK):
            raise WrongStateError
        await self._posts.corrections.hold(session, found.id)
        await self._telling.forget(session, found)
        published = found.post.item.state == ItemState.PUBLISHED
        if published:
            await self._posts.corrections.take_back(session, found.post, None)
        else:
            found.post.item.state = ItemState.DISCARDED
        found.proposal.stage = Stage.WITHDRAWN
        await session.flush()
        return published

    async def extend(self, session: AsyncSession, person: int, item_id: int) -> datetime:
        """It goes on. Raises `TooLateError` if it ended long ago, or takes place on a day."""
        found = await self._records.mine(session, person, item_id)
        post, now = found.post.post, self._clock.now()
        if found.stage not in (Stage.RELEASED, Stage.ENDED) or found.post.item.state != ItemState.PUBLISHED:
            raise WrongStateError
        await heard(self._guard, session, person)
        if post.starts_at is not None or post.until is None or post.until + EXTENDABLE < now:
            raise TooLateError
        post.until = self._until(USUAL_DAYS)
        found.proposal.stage = Stage.RELEASED
        await self._posts.corrections.refresh(session, found.post)
        await session.flush()
        return post.until

    async def _asked(self, session: AsyncSession, person: int, item_id: int, revision: int) -> Found:
        found = await self._records.mine(session, person, item_id)
        if found.stage is not Stage.CONSENT:
            raise WrongStateError
        if found.post.item.revision != revision:
            raise StaleError
        return found

    async def _weekly(self, session: AsyncSession, whose: ColumnElement[bool]) -> None:
        since = self._clock.now() - WEEK
        rows = self._counted().where(whose, Proposal.submitted_at > since)
        if (await session.scalar(rows) or 0) >= MOST_A_WEEK:
            raise TooManyError(MOST_A_WEEK, weekly=True)

    @staticmethod
    def _counted() -> Select[int]:
        rows = select(func.count()).select_from(Proposal).join(Item, Item.id == Proposal.item_id)
        return rows.join(Post, Post.item_id == Proposal.item_id)

    def _until(self, days: int) -> datetime:
        return day_end(self._clock.now() + timedelta(days=days), self._posts.zone())


async def release(
    session: AsyncSession, posts: Posts, found: Found, reviewer: int | None, treffpunkt: int | None
) -> None:
    """From now on it is a post like any other, on behalf of that Treffpunkt."""
    found.post.item.kind, found.post.item.treffpunkt = ITEM_KIND, treffpunkt
    found.proposal.stage, found.proposal.told = Stage.RELEASED, False
    found.proposal.reviewer = found.post.post.approved_by = reviewer
    await posts.publishing.release(session, reviewer, found.post)
