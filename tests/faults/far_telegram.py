"""Telegram, struck: the real adapter against the Bot API server of the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from adapters.telegram import Telegram
from bot.contract import Address, Limits, Outgoing, Ref
from tests.contract.harness import Files, KeyValues
from tests.fakes.botapi.client import BotApi, User
from tests.fakes.gate import Gate
from tests.faults.scene import FREE, Asked

METHODS = {"send": "sendMessage", "edit": "editMessageText", "delete": "deleteMessage"}
KINDS = {
    "403": "403",
    "400": "400",
    "500": "500",
    "502 as a page": "502",
    "bad JSON": "bad_json",
    "dropped before acceptance": "drop_before",
    "dropped after acceptance": "drop_after",
    "unknown token": "401",
    "429 without a time": "429",
}
SO_ALREADY = {
    "edit": "Bad Request: message is not modified",
    "delete": "Bad Request: message to delete not found",
}
ALWAYS = 1_000_000


class Watched(Telegram):
    """The adapter, without its pace; it counts what it is asked."""

    asked: Asked

    @property
    def limits(self) -> Limits:
        return FREE

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        return await self.asked.noted(super().send(to, message, key))

    async def edit(self, to: Address, ref: Ref, message: Outgoing, key: str) -> Ref:
        return await self.asked.noted(super().edit(to, ref, message, key))

    async def delete(self, to: Address, ref: Ref, key: str) -> None:
        await self.asked.noted(super().delete(to, ref, key))


class FarTelegram:
    """The Bot API server, and a door in front of it."""

    lost = frozenset({"400: it is so already", "migrated chat"})
    # A change that was made is made: asked for again, Telegram says so at once.
    ends = lost | {"time-out", "dropped after acceptance"}

    def __init__(self, api: BotApi, gate: Gate) -> None:
        self._api = api
        self._gate = gate
        self._ids = count(501)
        self.asked = Asked()
        self.platform = Watched(api.token, gate.url, KeyValues(), Files())
        self.platform.asked = self.asked

    async def address(self, fault: str) -> str:
        number = next(self._ids)
        if fault == "migrated chat":
            return str((await self._api.group(-number)).id)
        return str((await self._api.user(number)).id)

    @asynccontextmanager
    async def strikes(self, fault: str, act: str, address: str) -> AsyncIterator[None]:
        method = METHODS[act]
        match fault:
            case "connection refused":
                await self._gate.shut()
                yield
                await self._gate.open()
                return
            case "migrated chat":
                await User(self._api, int(address)).moves(_moved(address))
            case "429 that names a time":
                await self._api.fault("429", method, count=ALWAYS, retry_after=0.05)
            case "slow answer":
                await self._api.fault("slow", method, seconds=0.2)
            case "time-out":
                await self._api.fault("slow", method, count=ALWAYS, seconds=2.0)
            case "400: it is so already":
                await self._api.fault("400", method, count=ALWAYS, description=SO_ALREADY[act])
            case _:
                await self._api.fault(KINDS[fault], method, count=ALWAYS)
        yield
        await self._api.calm()

    async def sees(self, address: str) -> list[str]:
        known = (await self._api.state())["sends"]
        moved = str(_moved(address))
        return await User(self._api, int(moved if moved in known else address)).sees()

    async def rang(self, address: str) -> int:
        sends = await self._api.sends()
        return len(sends.get(int(address), [])) + len(sends.get(_moved(address), []))


def _moved(address: str) -> int:
    return -1_000_000_000 + int(address)
