"""Matrix, struck: the real adapter against a homeserver in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from pydantic import SecretStr

from adapters.matrix import Matrix, MatrixSettings
from bot.contract import Address, Limits, Outgoing, Ref
from tests.contract.harness import Files, KeyValues
from tests.fakes.broken_homeserver import USER, error, hang_up, page
from tests.fakes.gate import Gate
from tests.fakes.room_server import RoomServer, Strike, cut_off
from tests.faults.scene import FREE, Asked

STRIKES = {
    "429 that names a time": Strike(instead=error(429, "M_LIMIT_EXCEEDED", retry_after_ms=50)),
    "429 without a time": Strike(instead=error(429, "M_LIMIT_EXCEEDED")),
    "403": Strike(instead=error(403, "M_FORBIDDEN")),
    "400": Strike(instead=error(400, "M_BAD_JSON")),
    "500": Strike(instead=error(500, "M_UNKNOWN")),
    "502 as a page": Strike(instead=page(502)),
    "bad JSON": Strike(afterwards=cut_off),
    "dropped before acceptance": Strike(instead=hang_up),
    "dropped after acceptance": Strike(afterwards=hang_up),
    "slow answer": Strike(slow=0.2),
    "time-out": Strike(slow=2.0),
    "unknown token": Strike(instead=error(401, "M_UNKNOWN_TOKEN")),
}


def settings_at(url: str, folder: Path) -> MatrixSettings:
    return MatrixSettings(
        homeserver=url,
        user=USER,
        password=SecretStr("a long password"),
        store_secret=SecretStr("a secret that is long enough"),
        folder=folder / "matrix",
    )


class Watched(Matrix):
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


class FarMatrix:
    """The homeserver, and a door in front of it."""

    lost: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()

    def __init__(self, server: RoomServer, gate: Gate, folder: Path) -> None:
        self._server = server
        self._gate = gate
        self._rooms = count(1)
        self.asked = Asked()
        self.platform = Watched(settings_at(gate.url, folder), KeyValues(), Files())
        self.platform.asked = self.asked

    async def address(self, fault: str) -> str:
        """The room is known to the adapter, as after the person's last word there."""
        address = f"!room{next(self._rooms)}:hameln.test"
        await self.platform.account.open()
        await self.platform.conversations.enter(address)
        return address

    @asynccontextmanager
    async def strikes(self, fault: str, act: str, address: str) -> AsyncIterator[None]:
        if fault == "connection refused":
            await self._gate.shut()
            yield
            await self._gate.open()
            return
        self._server.strike = STRIKES[fault]
        yield
        self._server.strike = None

    async def sees(self, address: str) -> list[str]:
        return list(self._server.rooms.get(address, {}).values())

    async def rang(self, address: str) -> int:
        return self._server.said.get(address, 0)
