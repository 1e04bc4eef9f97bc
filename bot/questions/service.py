"""Two ways: a reader's question goes to the Treffpunkt that spoke, and its answer returns. Neither learns a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Choice, Outgoing, Rich
from bot.delivery.model import Chat, Priority
from bot.delivery.outbox import Outbox
from bot.items.guard import Guard, heard
from bot.items.model import Item, ItemState
from bot.items.service import hold, next_publication_no
from bot.language import Languages, M, Name, Renderer, strip_controls, user_rich
from bot.language.common import pair_of
from bot.people.model import Person, Role
from bot.people.pace import after_quiet
from bot.people.roles import Roles
from bot.people.service import People
from bot.posts.leaving.spread import Able
from bot.posts.model import Post, PostText
from bot.questions.model import ANSWER_KIND, QUESTION_KIND, Direction, Message

KEEP = timedelta(days=90)
"""How long questions and answers are kept."""
MAX_TEXT = 2000
"""Characters of a question or answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question set out."""

    number: int
    treffpunkt: int | None
    reached: int
    """How many people will read it."""
    rests_until: datetime | None = None
    """When the first of them gets it, if all of them have their quiet hours now."""
    neighbour: bool = False
    """It goes to the resident who wrote the post."""


class Questions:
    """Use cases of questions. Each runs in the caller's transaction."""

    def __init__(
        self, clock: Clock, outbox: Outbox, people: People, roles: Roles, languages: Languages, able: Able,
        guard: Guard,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._outbox = outbox
        self._people = people
        self._roles = roles
        self._languages = languages
        self._able = able
        self._guard = guard

    async def may_speak(self, session: AsyncSession, person: int) -> None:
        """To be asked before anybody is asked for words. Raises `SilencedError`."""
        await heard(self._guard, session, person)

    async def about(self, session: AsyncSession, item_id: int) -> tuple[str, int | None] | None:
        """Title and Treffpunkt of an announcement that can be asked about; None if there is none (any more)."""
        item = await session.get(Item, item_id)
        post = await session.get(Post, item_id)
        if item is None or post is None or item.state != ItemState.PUBLISHED:
            return None
        if await self.has_run_out(session, item_id):
            return None
        if item.published_at is None or item.published_at > self._clock.now():
            return None  # it can still be undone: nobody has read it
        title = select(PostText.title).where(PostText.item_id == item_id).order_by(PostText.origin)
        return ((await session.execute(title)).scalars().first() or ""), item.treffpunkt

    async def has_run_out(self, session: AsyncSession, item_id: int) -> bool:
        """Whether it is a resident's post whose time is over: its author is left in peace."""
        post = await session.get(Post, item_id)
        return bool(post and post.source and post.until is not None and post.until <= self._clock.now())

    async def message(self, session: AsyncSession, item_id: int) -> Message | None:
        """The question or answer with this item id; None for one that was hidden."""
        item = await session.get(Item, item_id)
        if item is None or item.state != ItemState.PUBLISHED:
            return None
        return await session.get(Message, item_id)

    async def open_to(self, session: AsyncSession, staff: int, item_id: int) -> Message | None:
        """The question, if there is one and this person may answer it."""
        found = await self.message(session, item_id)
        if found is None or found.direction != Direction.QUESTION:
            return None
        return found if staff in await self._readers(session, found) else None

    async def answered(self, session: AsyncSession, question: int) -> bool:
        """Whether somebody answered already."""
        found = select(Message.item_id).where(
            Message.answers == question, Message.direction == Direction.ANSWER
        )
        return (await session.execute(found.limit(1))).first() is not None

    async def ask(
        self, session: AsyncSession, asker: int, language: str, text: str, *, about: int, zone: tzinfo,
        after: int | None = None,
    ) -> Asked:  # fmt: skip
        """Bring a question to the staff of the announcement's Treffpunkt, or else to the coordinator; of a resident's
        post to the resident, while they are there. Raises `SilencedError`.
        """
        await heard(self._guard, session, asker)
        text = strip_controls(text).strip()
        found = await self.about(session, about)
        title, treffpunkt = found if found else ("", None)
        number, item_id = await self._store(
            session, Direction.QUESTION, asker, treffpunkt, language, text, about=about, answers=after
        )
        author = await self._author(session, about, besides=asker)
        if author is not None and await self._people.stopped(session, [author]):
            author = None  # the Treffpunkt answers for who said STOPP
        readers = [author] if author is not None else await self._staff(session, treffpunkt)
        arrives: list[datetime] = []
        for person, (chat_id, spoken) in (await self._people.chats(session, readers)).items():
            render = self._languages.renderer(spoken, zone=zone)
            # Translators: staff read a reader's question. {title}: of the announcement. The question follows.
            head = M("questions.arrived", number=number, title=Name(title))
            if author is not None:
                # Translators: the author of a resident's post reads what a neighbour answers to it. {title}: its.
                head = M("questions.arrived_neighbour", number=number, title=Name(title))
            body = render.rich(head) + user_rich(text)
            choices = ((Choice(render.text(M("questions.answer")), f"answer:{item_id}"),),)
            due = await self._push(session, person, chat_id, render, item_id, body, choices, number, zone)
            arrives.append(due)
        now = self._clock.now()
        return Asked(
            number,
            treffpunkt,
            len(readers),
            min(arrives) if arrives and min(arrives) > now else None,
            neighbour=author is not None,
        )

    async def answer(
        self, session: AsyncSession, staff: int, question: Message, text: str, place: str, *, zone: tzinfo
    ) -> bool:
        """Bring an answer back. Raises `PermissionError` to whom it isn't to answer, and `SilencedError`; False if the
        asker is gone. `place`: whose answer it is; "" is a neighbour's.
        """
        if staff not in await self._readers(session, question):
            raise PermissionError
        await heard(self._guard, session, staff)
        is_author = staff == await self._author(session, question.about, besides=question.asker)
        text = strip_controls(text).strip()
        number, item_id = await self._store(
            session,
            Direction.ANSWER,
            question.asker,
            question.treffpunkt,
            question.language,
            text,
            about=question.about,
            answers=question.item_id,
            author=staff,
            neighbour=is_author,
        )
        asker = [question.asker] if question.asker is not None else []
        reached = await self._people.chats(session, asker)
        for person, (chat_id, spoken) in reached.items():
            render = self._languages.renderer(spoken, zone=zone)
            # Translators: the reader gets the answer. {place}: the Treffpunkt. {question}: what was asked.
            head = M("questions.answered", place=Name(place), question=Name(_short(question.text)))
            if not place:
                # Translators: the same, where the neighbour answers who wrote the post.
                head = M("questions.answered_neighbour", question=Name(_short(question.text)))
            body = render.rich(head) + user_rich(text)
            choices = ((Choice(render.text(M("questions.ask_on")), f"ask-on:{item_id}"),),)
            await self._push(session, person, chat_id, render, item_id, body, choices, number, zone)
        return bool(reached)

    async def for_whom(self, session: AsyncSession, question: Message, person: int) -> Post | None:
        """The resident's post in whose author's name this person answers; None: a Treffpunkt's."""
        if question.about is None or person != await self._author(
            session, question.about, besides=question.asker
        ):
            return None
        return await session.get(Post, question.about)

    async def export(self, session: AsyncSession, person_id: int) -> object:
        """The person's questions and the answers they got, and what they answered about posts of their own."""
        rows = select(Message).where(_of(person_id)).order_by(Message.item_id)
        return [
            {"at": m.created_at.isoformat(), "direction": m.direction, "text": m.text}
            for m in (await session.execute(rows)).scalars()
        ]

    async def hold(self, session: AsyncSession, person_id: int) -> None:
        """Lock what erasing this person changes: somebody may be about to hide one of them."""
        theirs = select(Message.item_id).where(_of(person_id))
        answered = select(Item.id).where(Item.author == person_id, Item.kind == ANSWER_KIND)
        await hold(session, (await session.scalars(theirs.union(answered))).all())

    async def erase(self, session: AsyncSession, person_id: int) -> None:
        """Forget what the person asked, with the answers, and what they answered about posts of their own."""
        ids = list((await session.execute(select(Message.item_id).where(_of(person_id)))).scalars())
        await self._forget(session, ids)
        # What they answered for a Treffpunkt stays the Treffpunkt's, without an author.
        answered = update(Item).where(Item.author == person_id, Item.kind == ANSWER_KIND)
        await session.execute(answered.values(author=None))

    async def erase_old(self, session: AsyncSession) -> None:
        """Forget what is older than `KEEP`."""
        old = select(Message.item_id).where(Message.created_at < self._clock.now() - KEEP)
        await self._forget(session, list((await session.execute(old)).scalars()))

    async def _forget(self, session: AsyncSession, ids: Sequence[int]) -> None:
        await self._outbox.forget_items(session, ids)
        await session.execute(delete(Message).where(Message.item_id.in_(ids)))
        await session.execute(delete(Item).where(Item.id.in_(ids)))

    async def _rings(self, session: AsyncSession, chat_id: int) -> bool:
        lane = await session.scalar(select(Chat.lane_id).where(Chat.id == chat_id))
        able = self._able().get(lane) if lane is not None else None
        return able is None or able.pushes

    async def _author(self, session: AsyncSession, about: int | None, *, besides: int | None) -> int | None:
        """The resident who wrote the post, if one did and can still be reached; never the one who asks."""
        item = await session.get(Item, about) if about is not None else None
        post = await session.get(Post, about) if item is not None else None
        if item is None or post is None or not post.source or item.author in (None, besides):
            return None
        chats = select(Person.id).join(Chat, Chat.id == Person.preferred_chat)
        there = await session.scalar(chats.where(Person.id == item.author, Chat.reachable))
        return item.author if there is not None else None

    async def _readers(self, session: AsyncSession, question: Message) -> list[int]:
        """Who may answer it."""
        author = await self._author(session, question.about, besides=question.asker)
        if author is not None and not await self._people.stopped(session, [author]):
            return [author]
        mine = [author] if author is not None else []
        return [*mine, *await self._staff(session, question.treffpunkt)]

    async def _staff(self, session: AsyncSession, treffpunkt: int | None) -> list[int]:
        """Who answers for a Treffpunkt; the coordinators where nobody does."""
        held = await self._roles.holders(session, Role.STAFF, [treffpunkt]) if treffpunkt is not None else []
        held = held or await self._roles.holders(session, Role.COORDINATOR, [0])
        return sorted({one.person for one in held})

    async def _store(
        self, session: AsyncSession, direction: Direction, asker: int | None, treffpunkt: int | None, language: str,
        text: str, *, about: int | None, answers: int | None, author: int | None = None, neighbour: bool = False,
    ) -> tuple[int, int]:  # fmt: skip
        now = self._clock.now()
        number = await next_publication_no(session)
        item = Item(
            kind=QUESTION_KIND if direction is Direction.QUESTION else ANSWER_KIND,
            author=asker if direction is Direction.QUESTION else author,
            treffpunkt=treffpunkt,
            state=ItemState.PUBLISHED,
            publication_no=number,
            created_at=now,
            published_at=now,
        )
        session.add(item)
        await session.flush()
        session.add(
            Message(
                item_id=item.id,
                direction=direction,
                about=about,
                answers=answers,
                asker=asker,
                treffpunkt=treffpunkt,
                language=language,
                text=text,
                created_at=now,
                neighbour=neighbour,
            )
        )
        await session.flush()
        return number, item.id

    async def _push(
        self, session: AsyncSession, person: int, chat_id: int, render: Renderer, item_id: int,
        body: Rich, choices: tuple[tuple[Choice, ...], ...], number: int, zone: tzinfo,
    ) -> datetime:  # fmt: skip
        """Returns when it may leave."""
        settings = await self._people.settings(session, person)
        report = Choice(render.text(M("posts.button.report")), f"report:{item_id}")
        message = Outgoing(
            body,
            language=render.language.tag,
            rtl=render.language.rtl,
            choices=(*choices, (report,)),
            numbers=(f"{number} 1", f"{number} 2"),
            notice=render.text(pair_of(number)),
        )
        now = self._clock.now()
        # Where nothing rings (the page's chat) nobody is woken, so it need not wait for the morning.
        due = after_quiet(settings.habit, now, zone) if await self._rings(session, chat_id) else now
        await self._outbox.send(session, chat_id, message, priority=Priority.RELAY, item=item_id, due_at=due)
        return due


def _of(person: int) -> ColumnElement[bool]:
    """What is a person's own: what they asked, with the answers, and what they answered as a neighbour."""
    answered = select(Item.id).where(Item.author == person, Item.kind == ANSWER_KIND)
    return or_(Message.asker == person, Message.neighbour & Message.item_id.in_(answered))


def _short(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
