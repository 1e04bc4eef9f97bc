"""The words that go between author and reviewers. Neither learns who the other is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Attachment, Rich
from bot.language import M, Msg, Name, Renderer, join, user_rich
from bot.posts.announcement import Announcement
from bot.posts.model import Origin, PostText
from bot.posts.render import Voice, attachments, post_rich
from bot.posts.understanding.headline import tidy_text, word
from bot.posts.voices import Voices
from bot.proposals.model import Stage
from bot.proposals.pushing import Pushing, Write
from bot.proposals.records import Found, Records


class Telling:
    """Tells authors and reviewers what happened."""

    def __init__(self, records: Records, voices: Voices, pushing: Pushing) -> None:
        self._records = records
        self._voices = voices
        self._pushing = pushing

    async def shown(
        self, session: AsyncSession, render: Renderer, post: Announcement, words: str = ""
    ) -> Rich:
        """As it will read, before it is known who releases it. `words`: in place of the author's."""
        voice = await self._voices.of(session, post)
        return self._shown(render, post, voice, words)

    async def ask_reviewers(self, session: AsyncSession, found: Found, *, refused: bool = False) -> int:
        """Everybody who may release it. Returns how many. `refused`: its author did not agree to other words."""
        await self.forget(session, found)
        found.proposal.stage = Stage.OPEN
        who = list(await self._records.reviewers(session, found))
        if not who:
            await session.flush()
            return 0
        voice = await self._voices.of(session, found.post)

        def write(render: Renderer, number: int) -> Rich:
            # Translators: to staff: a resident's proposal waits for them; it follows. {number}: its number.
            asked = M("proposals.review.asked", number=number)
            # Translators: to staff: the author doesn't want the changed words; the proposal as it was follows.
            again = M("proposals.review.disagreed", number=number)
            return join(render.rich(again if refused else asked), self._shown(render, found.post, voice))

        files = attachments(found.post)
        await self._ask(session, found, who, write, review_choices(found), files)
        return len(who)

    async def ask_consent(self, session: AsyncSession, found: Found) -> None:
        """The author: is it right in these words?"""
        await self.forget(session, found)
        voice = await self._voices.of(session, found.post)

        def write(render: Renderer, number: int) -> Rich:
            # Translators: to the author of a proposal: the team would rather write it so; the changed text follows.
            head = render.rich(M("proposals.consent.asked", number=number, title=Name(found.title)))
            return join(head, self._shown(render, found.post, voice, found.proposal.words))

        author = [found.post.item.author] if found.post.item.author is not None else []
        choices = [
            # Translators: the author's choices: these words are fine; not so; write it anew.
            (M("proposals.button.agree"), f"prop.agree:{found.key}"),
            (M("proposals.button.disagree"), f"prop.disagree:{found.key}"),
            (M("proposals.button.revise"), f"prop.revise:{found.id}"),
        ]
        await self._ask(session, found, author, write, choices)

    async def agreed(self, session: AsyncSession, found: Found) -> None:
        """The reviewer: the author agreed, and it leaves."""
        title = Name(found.title)
        # Translators: to staff: the author agreed to the changed words; it is sent now. {title}.
        said = M("proposals.review.agreed", title=title)
        await self._pushing.tell(session, found.proposal.reviewer, lambda render: render.rich(said))

    async def declined(self, session: AsyncSession, found: Found, reason: Msg | str) -> None:
        """The author: not released, and why."""
        title = Name(found.title)

        def write(render: Renderer, number: int) -> Rich:
            # Translators: to the author: the proposal was not released. Friendly; the reason follows in its own lines.
            head = render.rich(M("proposals.declined", title=title))
            why = render.rich(reason) if isinstance(reason, Msg) else user_rich(reason)
            # Translators: below it: one may change it and try again.
            return join(head, why, render.rich(M("proposals.declined_again")))

        choices = [(M("proposals.button.revise"), f"prop.revise:{found.id}")]
        author = [found.post.item.author] if found.post.item.author is not None else []
        await self._ask(session, found, author, write, choices)

    async def is_out(self, session: AsyncSession, found: Found) -> None:
        """The author: it has left."""
        title = Name(found.title)
        # Translators: to the author: the proposal was released and is out now; answers come through the bot.
        said = M("proposals.is_out", title=title, place=Name(await self._place(session, found)))
        await self._pushing.tell(session, found.post.item.author, lambda render: render.rich(said))

    async def was_taken_back(self, session: AsyncSession, found: Found) -> None:
        """The author: the Treffpunkt has taken it back."""
        # Translators: to the author: the Treffpunkt has taken the post back. {place}.
        said = M(
            "proposals.was_taken_back", title=Name(found.title), place=Name(await self._place(session, found))
        )
        await self._pushing.tell(session, found.post.item.author, lambda render: render.rich(said))

    async def ran_out(self, session: AsyncSession, found: Found) -> None:
        """The author: its time is over."""
        title = Name(found.title)
        # Translators: to the author: the post has run out. / Nobody released the proposal in time.
        said = M("proposals.ran_out", title=title)
        if found.stage is not Stage.RELEASED:
            said = M("proposals.ran_out_unread", title=title)
        author = found.post.item.author
        if found.stage is not Stage.RELEASED or found.post.post.starts_at is not None or author is None:
            await self._pushing.tell(session, author, lambda render: render.rich(said))
            return
        # Translators: button: the post goes on for two more weeks.
        choices = [(M("proposals.button.extend"), f"prop.extend:{found.id}")]
        await self._ask(session, found, [author], lambda render, number: render.rich(said), choices)

    async def forget(self, session: AsyncSession, found: Found) -> None:
        """What was asked about it needs no answer any more."""
        await self._pushing.forget(session, found.proposal.requests)

    async def _ask(
        self, session: AsyncSession, found: Found, people: Sequence[int], write: Write,
        choices: Sequence[tuple[Msg, str]], files: tuple[Attachment, ...] = (),
    ) -> None:  # fmt: skip
        item = await self._pushing.ask(session, people, write, choices, files)
        found.proposal.requests = [*found.proposal.requests, item]
        await session.flush()

    async def _place(self, session: AsyncSession, found: Found) -> str:
        return await self._voices.place(session, found.post.item.treffpunkt)

    def _shown(self, render: Renderer, post: Announcement, voice: Voice, words: str = "") -> Rich:
        # Translators: in place of the name of a Treffpunkt that isn't known yet ("released by a Treffpunkt").
        some = render.text(M("proposals.some_place"))
        voice = Voice(some, voice.quartiere, voice.city, voice.source, voice.organisation)
        text = None
        if words:
            wording = word(tidy_text(words), ())
            text = PostText(
                item_id=post.id, language=post.post.language, revision=post.item.revision,
                origin=Origin.AUTHOR, title=wording.title, body=wording.body,
            )  # fmt: skip
        return post_rich(render, post, voice, text=text)


def review_choices(found: Found) -> list[tuple[Msg, str]]:
    """What a reviewer can do."""
    return [
        # Translators: a reviewer's choices: release it; propose other words; decline it.
        (M("proposals.button.release"), f"prop.release:{found.key}"),
        (M("proposals.button.change"), f"prop.change:{found.key}"),
        (M("proposals.button.decline"), f"prop.decline:{found.key}"),
    ]
