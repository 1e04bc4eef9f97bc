"""What people do, on the real tables; and beside it, what each of them should hold in the end, kept in a few sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import case, func, literal, null, select, update

from bot.contract import Outgoing, Paragraph, Text
from bot.delivery.chats import chat_for, erase_chat, lane_for, open_chats
from bot.delivery.model import Chat, Delivery, Priority
from bot.delivery.outbox import Outbox
from bot.storage import BigInt, UTCDateTime
from tests.unit.delivery.machine.database import WatchedDatabase
from tests.unit.delivery.machine.process import Process, mine
from tests.unit.delivery.machine.server import LIMITS, Server, Told
from tests.unit.delivery.machine.skipping import JumpingClock, SkippingLoop

PEOPLE = tuple(f"p{n}" for n in range(8))
ROOMS = ("r0", "r1")
CHATS = PEOPLE + ROOMS
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(slots=True, repr=False)
class Item:
    """Something published. `says`: what everybody should read; None: nobody should any more."""

    number: int
    priority: Priority
    to: set[str]
    text: int
    says: str | None
    versions: dict[int, str]
    expires_at: datetime | None
    seen_text: int
    """What was shown before it was hidden."""
    classes: set[Priority]
    """All in which it ever went."""
    taken_back: tuple[str, list[int]] | None = None
    """What it said until it was taken back, and which copies were meant to say it."""

    def __repr__(self) -> str:
        return f"item {self.number}: {self.says!r}, ends {self.expires_at}"


@dataclass(slots=True)
class Answer:
    """A reply to somebody. `is_first_in_line`: nothing stood in its way when it was written."""

    id: int
    to: str
    says: str
    due: datetime
    at: float
    is_first_in_line: bool
    owner: int | None


@dataclass
class Town:
    """One lane, its chats, the programs that ran on it."""

    loop: SkippingLoop
    database: WatchedDatabase
    clock: JumpingClock
    server: Server
    lane: int
    several: bool
    """More than one program may be up."""
    processes: list[Process] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    left_behind: set[int] = field(default_factory=set)
    """Rows that were under way when their owner died."""
    was_gone: set[str] = field(default_factory=set)
    came_back: dict[str, list[float]] = field(default_factory=dict)
    """When, by the loop's time."""
    written: int = 0

    @classmethod
    async def make(cls, url: str, loop: SkippingLoop, *, keys: bool, several: bool) -> Town:
        loop.set_task_factory(mine)  # type: ignore[arg-type]  # typeshed's protocol wants a narrower one
        database = WatchedDatabase(url, loop)
        async with database.write() as session:
            lane = (await lane_for(session, "strict")).id
            for chat in CHATS:
                await chat_for(session, lane, chat, is_room=chat in ROOMS)
        server = Server(loop, keys)
        for chat in CHATS:
            server.name(chat)
        return cls(loop, database, JumpingClock(NOON, loop), server, lane, several)

    # --- programs --------------------------------------------------------------------------------------------------

    @property
    def process(self) -> Process | None:
        """The one that runs and can reach its database."""
        return next((one for one in reversed(self.processes) if one.is_up and not one.is_cut_off), None)

    def start(self) -> Process:
        process = Process(self.lane, self.database, self.clock, self.server, several=self.several)
        process.start()
        self.processes.append(process)
        return process

    def wake(self) -> None:
        for process in self.processes:
            if process.is_up:
                process.engine.wake()

    # --- what is written -------------------------------------------------------------------------------------------

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.clock, self.wake)

    def words(self) -> str:
        """Never said before."""
        self.written += 1
        return f"words {self.written}"

    async def publish(
        self, priority: Priority, to: set[str], *, quartier: int, after: int, life: int | None
    ) -> None:
        says, number = self.words(), len(self.items) + 1
        due = self.clock.now() + timedelta(seconds=after)
        ends = None if life is None else due + timedelta(seconds=life)
        to = to - self.erased
        async with self.database.write() as session:
            text = await self.outbox.store_text(session, message(says), item=number)
            recipients = select(
                Chat.id, Chat.lane_id, literal(quartier, BigInt), literal(text, BigInt), literal(due, UTCDateTime),
                literal(ends, UTCDateTime) if ends else null(),
            ).where(Chat.address.in_(self._addresses(to)))  # fmt: skip
            await self.outbox.enqueue(session, item=number, priority=priority, recipients=recipients)
        self.items.append(Item(number, priority, to, text, says, {text: says}, ends, text, {priority}))

    async def answer(self, to: str) -> None:
        says = self.words()
        async with self.database.write() as session:
            chat = await session.scalar(select(Chat.id).where(Chat.address.in_(self._addresses({to}))))
            assert chat is not None
            await self.outbox.send(session, chat, message(says))
            row = await session.scalar(select(func.max(Delivery.id)))
            assert row is not None
        process = self.process
        first = process is not None and self._is_free(to)
        now = self.loop.time()
        self.answers.append(
            Answer(row, to, says, self.clock.now(), now, first, process.owns if process is not None else None)
        )

    async def change(self, item: Item, says: str, priority: Priority | None = None) -> None:
        """Correct, translate better, put a notice in its place."""
        async with self.database.write() as session:
            new = await self.outbox.store_text(session, message(says), item=item.number)
            await self.outbox.replace(session, item=item.number, texts={item.text: new}, priority=priority)
        if priority is not None:
            item.classes.add(priority)
        item.seen_text, item.text = item.text, new
        item.versions[new] = item.says = says

    async def change_back(self, item: Item) -> None:
        """Say again what it said before."""
        async with self.database.write() as session:
            await self.outbox.replace(session, item=item.number, texts={item.text: item.seen_text})
        item.text, item.seen_text = item.seen_text, item.text
        item.says = item.versions[item.text]

    async def take_back(self, item: Item) -> None:
        """Hide it where platforms can delete."""
        async with self.database.write() as session:
            meant = select(Delivery.id).where(Delivery.item == item.number, Delivery.wanted_text.is_not(None))
            copies = (await session.scalars(meant)).all()
            await self.outbox.replace(session, item=item.number, texts={item.text: None})
        if item.says is not None:
            item.taken_back = item.says, list(copies)
        item.says = None

    async def give_back(self, item: Item) -> None:
        """As `bot.posts.leaving.hiding` does: what was deleted leaves anew, the rest as if nothing had been."""
        assert item.taken_back is not None
        state = Delivery.state
        stays = state.in_(("sending", "gone")) | ((state == "unsure") & Delivery.ref.is_(None))
        waits = Delivery.ref.is_(None) & state.in_(("pending", "sending"))
        async with self.database.write() as session:
            await session.execute(
                update(Delivery)
                .where(Delivery.id.in_(item.taken_back[1]))
                .values(
                    wanted_text=item.text,
                    state=case((stays, state), else_="pending"),
                    attempts=case((waits, Delivery.attempts), else_=0),
                    due_at=self.clock.now(),
                )
                .execution_options(synchronize_session=False)
            )
            self.outbox.stir(session)
        item.says, item.taken_back = item.taken_back[0], None

    # --- what people do --------------------------------------------------------------------------------------------

    def block(self, chat: str) -> None:
        self.server.blocked.add(chat)
        self.was_gone.add(chat)

    async def unblock(self, chat: str) -> None:
        """They come back: the event opens the chat again."""
        self.server.blocked.discard(chat)
        async with self.database.write() as session:
            known = select(Chat.id).where(Chat.address.in_(self._addresses({chat})))
            await open_chats(session, (await session.scalars(known)).all(), self.clock.now())
        self.came_back.setdefault(chat, []).append(self.loop.time())
        self.wake()

    async def erase(self, chat: str) -> None:
        async with self.database.write() as session:
            row = await session.scalar(select(Chat.id).where(Chat.address.in_(self._addresses({chat}))))
            assert row is not None
            await erase_chat(session, row)
        self.erased.add(chat)

    # --- what is there ---------------------------------------------------------------------------------------------

    async def rows(self) -> Sequence[tuple[Delivery, str]]:
        """Every copy, and the conversation it is for."""
        async with self.database.read() as session:
            found = await session.execute(
                select(Delivery, Chat.address).join(Chat, Chat.id == Delivery.chat_id).order_by(Delivery.id)
            )
            return [(row, self.server.name(address)) for row, address in found.all()]

    async def on_the_way(self) -> Sequence[int]:
        async with self.database.read() as session:
            waiting = select(Delivery.id).where(Delivery.state.in_(("pending", "sending")))
            return (await session.scalars(waiting)).all()

    async def due_at_the_latest(self) -> datetime | None:
        async with self.database.read() as session:
            waiting = select(Delivery.due_at).where(Delivery.state == "pending")
            return max((await session.scalars(waiting)).all(), default=None)

    def told(self, chat: str) -> set[Told]:
        """All that we were ever told of this chat."""
        return {request.told for request in self.server.requests if request.chat == chat}

    def classes(self, words: str) -> set[Priority]:
        """In which classes these words may have gone."""
        for item in self.items:
            if words in item.versions.values():
                return item.classes
        return {Priority.REPLY}

    def _addresses(self, chats: set[str]) -> list[str]:
        """Under which we may know them."""
        return [address for address in self.server.addresses() if self.server.name(address) in chats]

    def _is_free(self, chat: str) -> bool:
        """Nothing was said to it lately, or waits to be, that would make the next message wait."""
        said = {request.text for request in self.server.requests}
        if any(answer.to == chat and answer.says not in said for answer in self.answers):
            return False
        lately = self.loop.time() - 200
        return not any(
            one.chat == chat and (one.done_at > lately or one.at > lately) for one in self.server.requests
        )


TOWNS: list[Town] = []
"""That of this example."""


def message(says: str) -> Outgoing:
    return Outgoing((Paragraph(((Text(says),),)),))


__all__ = ["CHATS", "LIMITS", "PEOPLE", "ROOMS", "TOWNS", "Answer", "Item", "Town", "message"]
