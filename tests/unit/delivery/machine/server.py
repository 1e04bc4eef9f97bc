"""The platform: what it shows on each device, what it was asked and when, and all it can do instead of answering."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.contract import (
    Address,
    AddressMoved,
    Capabilities,
    Limits,
    LoginRefused,
    Outgoing,
    PlatformDown,
    RateLimited,
    Receive,
    RecipientGone,
    Ref,
    Rejected,
    Unsure,
)
from bot.delivery.lease import ACTS_FOR
from bot.language import plain
from tests.unit.delivery.machine.skipping import SkippingLoop

LIMITS = Limits(per_second=20, per_chat_per_second=1, per_room_per_minute=5, in_flight=4)
LATENCY, SLOW = 0.1, 4.0


class Trouble(StrEnum):
    """What can become of a request."""

    LIMITED = "too fast"
    CHAT_LIMITED = "too fast for this chat"
    GONE = "there is nobody"
    MOVED_IN_CIRCLES = "moved, and moved again"
    REJECTED = "refused"
    DOWN = "out of reach"
    LOGIN = "login refused"
    LOST_BEFORE = "lost on the way"
    LOST_AFTER = "arrived, the answer lost"
    SILENT_BEFORE = "never arrived, no answer ever"
    SILENT_AFTER = "arrived, no answer ever"
    BUG_BEFORE = "the adapter failed before it asked"
    BUG_AFTER = "the adapter failed on the answer"
    SLOW = "slow"


class Told(StrEnum):
    """What the asking program knows afterwards."""

    NOTHING = "nothing"
    DONE = "done"
    NOT_SENT = "not sent"
    REFUSED = "refused"
    GONE = "gone"
    MOVED = "moved"


def row_of(key: str) -> int:
    """The delivery that a key stands for: "7", what is changed "7.1", what is sent anew "7~1"."""
    return int(re.split("[.~]", key)[0])


@dataclass(slots=True)
class Request:
    """One request, and what became of it."""

    number: int
    at: float
    owner: int
    """The epoch of its lease."""
    act: str
    chat: str
    key: str
    text: str
    done_at: float = float("inf")
    told: Told = Told.NOTHING
    took_effect: bool = False

    @property
    def row(self) -> int:
        """The delivery it was made for."""
        return row_of(self.key)

    def __str__(self) -> str:
        ends = f"{self.at:.3f}-{self.done_at:.3f}"
        return f"{ends} by {self.owner}: {self.act} {self.key} {self.text!r} to {self.chat}: {self.told}"


@dataclass(slots=True)
class Message:
    """What a device shows."""

    chat: str
    key: str
    text: str
    is_deleted: bool = False


@dataclass(slots=True)
class Server:
    """All conversations, each under the name it had first. `keys`: the same key sent twice arrives once."""

    loop: SkippingLoop
    keys: bool
    requests: list[Request] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    """By our id of the message."""
    arrivals: Counter[str] = field(default_factory=Counter)
    """How often each key made a device ring."""
    blocked: set[str] = field(default_factory=set)
    troubles: deque[Trouble] = field(default_factory=deque)
    """Each strikes one request."""
    allows: float = float("inf")
    """Requests a second, whatever it promises."""
    _names: dict[str, str] = field(default_factory=dict)
    _moved: dict[str, str] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)
    _accepted: deque[float] = field(default_factory=deque)

    def name(self, address: str) -> str:
        return self._names.setdefault(address, address)

    def address(self, chat: str) -> str:
        """Where a conversation lives now."""
        here = chat
        while here in self._moved:
            here = self._moved[here]
        return here

    def addresses(self) -> list[str]:
        """All there ever were."""
        return list(self._names)

    def moves(self, chat: str) -> None:
        old = self.address(chat)
        new = f"{old}'"
        self._moved[old] = new
        self._names[new] = chat

    def shown(self, chat: str) -> list[str]:
        return [
            message.text
            for message in self.messages.values()
            if message.chat == chat and not message.is_deleted
        ]

    async def answer(self, request: Request, address: str, ref: Ref) -> Ref:
        """Do what is asked, or something else. The effect comes at once, the answer later."""
        self.requests.append(request)
        trouble = self.troubles.popleft() if self.troubles else None
        await self._before(request, trouble)
        if len(self._since_a_second()) >= self.allows:
            self._say(request, Told.NOT_SENT, RateLimited(1))
        if address in self._moved:
            self._say(request, Told.MOVED, AddressMoved(Address(self.address(address))))
        if request.chat in self.blocked:
            self._say(request, Told.GONE, RecipientGone())
        self._accepted.append(request.at)
        done = self._take_effect(request, ref)
        await self._after(request, trouble)
        self._say(request, Told.DONE)
        return done

    def _take_effect(self, request: Request, ref: Ref) -> Ref:
        request.took_effect = True
        if request.act == "send":
            if self.keys and request.key in self._known:
                return (self._known[request.key],)
            made = f"m{len(self.messages) + 1}"
            self.messages[made] = Message(request.chat, request.key, request.text)
            self._known[request.key] = made
            self.arrivals[request.key] += 1
            return (made,)
        message = self.messages.get(ref[0])
        if message is None or message.chat != request.chat:
            self._say(request, Told.REFUSED, Rejected("no such message"))
        elif request.act == "delete":
            message.is_deleted = True
        elif message.is_deleted:
            self._say(request, Told.REFUSED, Rejected("it was deleted"))
        else:
            message.text = request.text
        return ref

    async def _before(self, request: Request, trouble: Trouble | None) -> None:
        match trouble:
            case Trouble.LIMITED:
                self._say(request, Told.NOT_SENT, RateLimited(3))
            case Trouble.CHAT_LIMITED:
                self._say(request, Told.NOT_SENT, RateLimited(5, chat_only=True))
            case Trouble.GONE:
                self._say(request, Told.GONE, RecipientGone())
            case Trouble.MOVED_IN_CIRCLES:
                self._say(request, Told.MOVED, AddressMoved(Address(self.address(request.chat))))
            case Trouble.REJECTED:
                self._say(request, Told.REFUSED, Rejected("bad markup"))
            case Trouble.DOWN:
                self._say(request, Told.NOT_SENT, PlatformDown("no network"))
            case Trouble.LOGIN:
                self._say(request, Told.NOT_SENT, LoginRefused("bad token"))
            case Trouble.LOST_BEFORE:
                await asyncio.sleep(LATENCY)
                self._say(request, Told.NOTHING, Unsure())
            case Trouble.SILENT_BEFORE:
                await asyncio.Event().wait()
            case Trouble.BUG_BEFORE:
                self._say(request, Told.NOTHING, ValueError())

    async def _after(self, request: Request, trouble: Trouble | None) -> None:
        await asyncio.sleep(SLOW if trouble is Trouble.SLOW else LATENCY)
        match trouble:
            case Trouble.LOST_AFTER:
                self._say(request, Told.NOTHING, Unsure())
            case Trouble.SILENT_AFTER:
                await asyncio.Event().wait()
            case Trouble.BUG_AFTER:
                self._say(request, Told.NOTHING, ValueError())

    def _say(self, request: Request, told: Told, complaint: Exception | None = None) -> None:
        request.told = told
        if complaint is not None:
            raise complaint

    def _since_a_second(self) -> deque[float]:
        while self._accepted and self._accepted[0] <= self.loop.time() - 1:
            self._accepted.popleft()
        return self._accepted


class Adapter:
    """`bot.contract.Platform` as one program has it. `alive` raises in a program that is dead."""

    name = "strict"
    limits = LIMITS

    def __init__(self, server: Server, alive: Callable[[], None]) -> None:
        self._server = server
        self._alive = alive
        self.capabilities = Capabilities(idempotent_sends=server.keys)

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        return await self._ask("send", to, plain(message.body), key, ())

    async def edit(self, to: Address, ref: Ref, message: Outgoing, key: str) -> Ref:
        return await self._ask("edit", to, plain(message.body), key, ref)

    async def delete(self, to: Address, ref: Ref, key: str) -> None:
        await self._ask("delete", to, "", key, ref)

    async def _ask(self, act: str, to: Address, text: str, key: str, ref: Ref) -> Ref:
        self._alive()
        server = self._server
        now = server.loop.time()
        lease = ACTS_FOR.get()
        assert lease is not None
        request = Request(len(server.requests), now, lease.epoch, act, server.name(to), key, text)
        try:
            done = await server.answer(request, to, ref)
        finally:
            request.done_at = server.loop.time()
        self._alive()
        return done

    async def check(self) -> str:
        return self.name

    async def run(self, receive: Receive, cursor: str | None) -> None:
        await asyncio.Event().wait()

    def start_link(self, payload: str) -> str:
        return ""

    async def close(self) -> None:
        """Nothing is open."""
