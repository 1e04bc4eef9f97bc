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

LIMITS = Limits(per_second=6, per_chat_per_second=1, per_room_per_minute=5, in_flight=4)
"""Fewer a second than there are people: else nothing would come near it."""
LATENCY, SLOW, STALL = 0.1, 4.0, 2.0


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
    STALLED = "held up on its way, and all that follow it: they arrive together"


class Told(StrEnum):
    """What the asking program knows afterwards."""

    NOTHING = "nothing"
    DONE = "done"
    NOT_SENT = "not sent"
    REFUSED = "refused"
    GONE = "gone"
    MOVED = "moved"


_TOLD: dict[type, Told] = {
    type(None): Told.DONE,
    RateLimited: Told.NOT_SENT,
    PlatformDown: Told.NOT_SENT,
    LoginRefused: Told.NOT_SENT,
    RecipientGone: Told.GONE,
    AddressMoved: Told.MOVED,
    Rejected: Told.REFUSED,
}


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
    arrived_at: float = float("inf")
    """When it reached the platform, which counts it from then on."""
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
    _stalled_until: float = 0.0

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

    async def answer(self, request: Request, address: str, ref: Ref) -> Ref:
        """Do what is asked, or something else. The effect comes on arrival, the answer later, a refusal too."""
        self.requests.append(request)
        trouble = self.troubles.popleft() if self.troubles else None
        await self._arrives(request, trouble)
        complaint = self._refuses(request, address, trouble)
        if complaint is None:
            self._accepted.append(request.arrived_at)
            ref, complaint = self._take_effect(request, ref)
        await asyncio.sleep(SLOW if trouble is Trouble.SLOW else LATENCY)
        if request.took_effect:
            await self._loses_the_answer(trouble)
        request.told = _TOLD[type(complaint)]
        if complaint is not None:
            raise complaint
        return ref

    async def _arrives(self, request: Request, trouble: Trouble | None) -> None:
        """Unless it gets lost; nobody is told of that."""
        if trouble is Trouble.STALLED:
            self._stalled_until = self.loop.time() + STALL
        while (stall := self._stalled_until - self.loop.time()) > 0:
            await asyncio.sleep(stall)
        match trouble:
            case Trouble.LOST_BEFORE:
                await asyncio.sleep(LATENCY)
                raise Unsure
            case Trouble.SILENT_BEFORE:
                await asyncio.Event().wait()
            case Trouble.BUG_BEFORE:
                raise ValueError
        request.arrived_at = self.loop.time()

    def _refuses(self, request: Request, address: str, trouble: Trouble | None) -> Exception | None:
        here = Address(self.address(request.chat))
        match trouble:
            case Trouble.LIMITED:
                return RateLimited(3)
            case Trouble.CHAT_LIMITED:
                return RateLimited(5, chat_only=True)
            case Trouble.GONE:
                return RecipientGone()
            case Trouble.MOVED_IN_CIRCLES:
                return AddressMoved(here)
            case Trouble.REJECTED:
                return Rejected("bad markup")
            case Trouble.DOWN:
                return PlatformDown("no network")
            case Trouble.LOGIN:
                return LoginRefused("bad token")
        if len(self._since_a_second()) >= self.allows:
            return RateLimited(1)
        if address in self._moved:
            return AddressMoved(here)
        return RecipientGone() if request.chat in self.blocked else None

    def _take_effect(self, request: Request, ref: Ref) -> tuple[Ref, Exception | None]:
        if request.act == "send":
            request.took_effect = True
            if self.keys and request.key in self._known:
                return (self._known[request.key],), None
            made = f"m{len(self.messages) + 1}"
            self.messages[made] = Message(request.chat, request.key, request.text)
            self._known[request.key] = made
            self.arrivals[request.key] += 1
            return (made,), None
        message = self.messages.get(ref[0])
        if message is None or message.chat != request.chat:
            return ref, Rejected("no such message")
        if message.is_deleted and request.act == "edit":
            return ref, Rejected("it was deleted")
        request.took_effect = True
        message.is_deleted = request.act == "delete"
        if request.act == "edit":
            message.text = request.text
        return ref, None

    async def _loses_the_answer(self, trouble: Trouble | None) -> None:
        match trouble:
            case Trouble.LOST_AFTER:
                raise Unsure
            case Trouble.SILENT_AFTER:
                await asyncio.Event().wait()
            case Trouble.BUG_AFTER:
                raise ValueError

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
