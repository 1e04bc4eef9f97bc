"""A severe alert needs a second person: who is asked, what they see, and that they were the one to decide."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Choice, Rich
from bot.items.guard import Silence
from bot.items.model import Item, ItemState
from bot.items.service import next_publication_no
from bot.language import M, Name, Renderer, join
from bot.posts.announcement import Announcement, take
from bot.posts.errors import NeedsAnotherError, NotAllowedError, StaleError, WrongStateError
from bot.posts.leaving.senders import Senders
from bot.posts.model import APPROVAL_KIND
from bot.posts.render import post_rich
from bot.posts.rights import Rights
from bot.posts.voices import Voices


class Approvals:
    """Asks for the release of alerts, and tells the sender what became of a post that didn't leave."""

    def __init__(self, clock: Clock, rights: Rights, senders: Senders, voices: Voices) -> None:
        self._clock = clock
        self._rights = rights
        self._senders = senders
        self._voices = voices

    async def ask(self, session: AsyncSession, alert: Announcement, *, besides: int) -> int:
        """Ask everybody else who may. Returns how many. Raises `NeedsAnotherError` if there is nobody."""
        others = await self._rights.others(session, alert.item.treffpunkt, besides=besides)
        if not others:
            raise NeedsAnotherError
        now, number = self._clock.now(), await next_publication_no(session)
        request = Item(
            kind=APPROVAL_KIND, author=None, treffpunkt=alert.item.treffpunkt, state=ItemState.PUBLISHED,
            revision=1, publication_no=number, created_at=now, published_at=now,
        )  # fmt: skip
        session.add(request)
        await session.flush()
        voice = await self._voices.of(session, alert)
        value = f"{alert.id}.{alert.item.revision}"

        def write(render: Renderer) -> Rich:
            # Translators: to a second person of staff: a severe alert waits for them. {place}: who wants to send it.
            head = render.rich(M("posts.approval.asked", place=Name(voice.place)))
            return head + post_rich(render, alert, voice)

        def buttons(render: Renderer) -> list[Choice]:
            # Translators: buttons of the second person: release the alert / don't.
            return [
                Choice(render.text(M("posts.button.approve")), f"post.approve:{value}"),
                Choice(render.text(M("posts.button.refuse")), f"post.refuse:{value}"),
            ]

        asked = await self._senders.ask(session, others, request.id, number, write, buttons)
        alert.item.state = ItemState.AWAITING
        await session.flush()
        return asked

    async def asked(self, session: AsyncSession, person: int, item_id: int, revision: int) -> Announcement:
        """The alert this person decides about. Raises `NotAllowedError` (also for its sender), `StaleError`,
        `WrongStateError` (decided already).
        """
        alert = await take(session, item_id)
        if alert is None:
            raise StaleError
        others = await self._rights.others(session, alert.item.treffpunkt, besides=alert.post.sender)
        if person not in others:
            raise NotAllowedError
        if alert.item.state == ItemState.PUBLISHED:
            raise WrongStateError
        if alert.item.state != ItemState.AWAITING or alert.item.revision != revision:
            raise StaleError
        return alert

    async def tell_refused(self, session: AsyncSession, alert: Announcement) -> None:
        """Its sender hears that the second person said no."""
        title = Name(alert.original.title)
        # Translators: to the sender: the second person did not release the alert. It is a draft again.
        await self._senders.tell(
            session, alert.post.sender, lambda render: render.rich(M("posts.approval.refused", title=title))
        )

    async def tell_not_sent(
        self, session: AsyncSession, post: Announcement, silence: Silence | None = None
    ) -> None:
        """Its sender hears that a scheduled post did not leave: it was over, the role was taken back, or `silence`."""
        title = Name(post.original.title)
        if silence is not None:
            # Translators: to the sender: a scheduled post was not sent, because they may not write at present. Until
            # when follows.
            muted = M("posts.not_sent_muted", title=title)
            until = silence.said()
            await self._senders.tell(
                session, post.post.sender, lambda render: join(render.rich(muted), render.rich(until))
            )
            return
        # Translators: to the sender: a scheduled post was not sent, because it is over or the role is gone.
        await self._senders.tell(
            session, post.post.sender, lambda render: render.rich(M("posts.not_sent", title=title))
        )
