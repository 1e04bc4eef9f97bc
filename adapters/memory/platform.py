"""`bot.contract.Platform` in memory, complete: every method a real platform has, and what each must do at least.

People act through `says`, `taps`, `attaches`, `blocks`; what they see is in `phone(address)`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.faults import Fault, Faults
from adapters.memory.phone import Call, Phone, Shown
from bot.clock import Clock, SystemClock
from bot.contract import (
    Address,
    Attachment,
    Capabilities,
    Happened,
    Inbound,
    Limits,
    Outgoing,
    Receive,
    RecipientGone,
    Ref,
    Rejected,
)

UNHURRIED = Limits(
    per_second=float("inf"), per_chat_per_second=float("inf"), per_room_per_minute=1_000_000, in_flight=30
)
"""No limits, so that tests don't wait."""


class MemoryPlatform:
    """One sending account in memory. `buttons=False`: choices are numbered lines."""

    def __init__(
        self,
        *,
        name: str = "memory",
        buttons: bool = True,
        idempotent: bool = False,
        limits: Limits = UNHURRIED,
        capabilities: Capabilities | None = None,
        clock: Clock | None = None,
        latency: float = 0.0,
    ) -> None:
        """`capabilities` replaces what `buttons` and `idempotent` say. `latency`: seconds each request takes."""
        self._name = name
        self._able = capabilities or Capabilities(buttons=buttons, idempotent_sends=idempotent)
        self._limits = limits
        self._clock = clock or SystemClock()
        self._latency = latency
        self._phones: dict[Address, Phone] = {}
        self._arrived: dict[str, Ref] = {}
        self._faults = Faults()
        self._files: dict[str, bytes] = {}
        self._events: list[Inbound] = []
        self._news = asyncio.Event()
        self._refs = 0
        self.calls: list[Call] = []
        self.menus: dict[tuple[str, Address | None], list[tuple[str, str]]] = {}
        self.is_closed = False

    # --- the contract --------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._able

    @property
    def limits(self) -> Limits:
        return self._limits

    async def check(self) -> str:
        return "memory"

    async def run(self, receive: Receive, cursor: str | None) -> None:
        """Hand over what happens. An event counts as received only once `receive` has stored it with the cursor."""
        done = int(cursor or 0)
        while True:
            self._news.clear()
            if done < len(self._events):
                events = self._events[done:]
                await receive(events, str(done + len(events)))
                done += len(events)
            else:
                await self._news.wait()

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        fault = await self._request("send", to, key)
        phone = self._reach(to)
        if self._able.idempotent_sends and key in self._arrived:
            ref = self._arrived[key]
        else:
            ref = self._arrived[key] = self._new_ref(max(1, len(message.attachments)))
            phone.shown.append(Shown(ref, [message], numbered=not self._able.buttons))
        await _lose_answer(fault)
        return ref

    async def edit(self, to: Address, ref: Ref, message: Outgoing, key: str) -> Ref:
        fault = await self._request("edit", to, key)
        shown = self._reach(to).find(ref)
        if shown is None or not self._able.edits:
            raise Rejected("there is no such message to edit")
        if shown.message != message:
            shown.versions.append(message)
        await _lose_answer(fault)
        return ref

    async def delete(self, to: Address, ref: Ref, key: str) -> None:
        fault = await self._request("delete", to, key)
        if not self._able.deletes:
            raise Rejected("too late to delete")
        shown = self._reach(to).find(ref)
        if shown is not None:
            shown.deleted = True
        await _lose_answer(fault)

    def start_link(self, payload: str) -> str:
        return f"memory://{self._name}?start={payload}"

    async def close(self) -> None:
        self.is_closed = True

    # --- small ports that only some platforms have ---------------------------------------------------------------

    async def fetch(self, attachment: Attachment) -> bytes:
        if attachment.source not in self._files:
            raise Rejected("no such file")
        return self._files[attachment.source]

    async def set_menu(
        self, language: str, commands: Sequence[tuple[str, str]], to: Address | None = None
    ) -> None:
        self.menus[language, to] = list(commands)

    async def forget(self, conversation: Address) -> None:
        self._phones.pop(conversation, None)

    # --- what people do and see ----------------------------------------------------------------------------------

    def phone(self, address: str) -> Phone:
        """The conversation as the person (or room) there sees it."""
        return self._phones.setdefault(Address(address), Phone(Address(address)))

    def happens(self, event: Inbound) -> None:
        """Something happened; whoever runs hears of it, and whoever runs later too."""
        self._events.append(event)
        self._news.set()

    @property
    def happened(self) -> int:
        """How many events there were so far; the cursor of whoever has received them all."""
        return len(self._events)

    def says(
        self, address: str, text: str, *, reply_to: Ref = (), language: str = "", is_room: bool = False
    ) -> None:
        """Somebody writes."""
        happened = self._event(address, Happened.TEXT)
        self.happens(replace(happened, text=text, reply_to=reply_to, language=language, is_room=is_room))

    def taps(self, address: str, label: str, *, language: str = "") -> None:
        """Somebody taps the newest choice with this label. Raises `LookupError` if none is on the screen."""
        shown, choice = self.phone(address).choice(label)
        event = self._event(address, Happened.CHOICE)
        self.happens(replace(event, choice=choice.value, reply_to=shown.ref, language=language))

    def attaches(
        self,
        address: str,
        content: bytes,
        *,
        kind: str = "image",
        name: str = "",
        mime: str = "",
        text: str = "",
    ) -> None:
        """Somebody sends a file, with a caption or none."""
        source = f"file{len(self._files) + 1}"
        self._files[source] = content
        file = Attachment(kind, name, mime, len(content), source)
        self.happens(replace(self._event(address, Happened.ATTACHMENT), attachments=(file,), text=text))

    def blocks(self, address: str) -> None:
        """Somebody blocks the bot: it hears so, and can't write there any more."""
        self.phone(address).is_blocked = True
        self.happens(self._event(address, Happened.BLOCKED))

    def unblocks(self, address: str) -> None:
        self.phone(address).is_blocked = False
        self.happens(self._event(address, Happened.JOINED))

    def fails(self, fault: Fault) -> None:
        """Queue a fault; the first that matches a call strikes it."""
        self._faults.queue(fault)

    def calms(self) -> None:
        """No more faults."""
        self._faults.clear()

    def _event(self, address: str, what: Happened) -> Inbound:
        number = len(self._events) + 1
        now: datetime = self._clock.now()
        return Inbound(f"event{number}", Address(address), what, now, ref=(f"in{number}",))

    # --- inside --------------------------------------------------------------------------------------------------

    async def _request(self, act: str, to: Address, key: str) -> Fault | None:
        """Take note of a request. Raises the fault that strikes before it arrives; returns one that strikes after."""
        self.calls.append(Call(act, to, key))
        if self._latency:
            await asyncio.sleep(self._latency)
        fault = self._faults.next(act, to)
        if fault is not None and not fault.arrives:
            await fault.strike()
        return fault

    def _reach(self, to: Address) -> Phone:
        phone = self.phone(to)
        if phone.is_blocked:
            raise RecipientGone("blocked")
        return phone

    def _new_ref(self, parts: int) -> Ref:
        first = self._refs + 1
        self._refs += parts
        return tuple(f"out{number}" for number in range(first, self._refs + 1))


async def _lose_answer(fault: Fault | None) -> None:
    if fault is not None:
        await fault.strike()
