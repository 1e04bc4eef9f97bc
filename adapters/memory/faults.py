"""What can go wrong on the way, to be queued by a test: before the message arrived, or after, with the answer lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.contract import Address, PlatformError, Unsure


@dataclass(slots=True)
class Fault:
    """Strikes the next `times` calls that match. `error=None`: no answer, ever."""

    error: PlatformError | None = None
    times: int = 1
    to: Address | None = None
    act: str = ""
    """"send", "edit" or "delete"; any if empty."""
    arrives: bool = False
    """The message arrives all the same; only the answer is lost."""

    def matches(self, act: str, to: Address) -> bool:
        return self.times > 0 and self.act in ("", act) and self.to in (None, to)

    async def strike(self) -> None:
        if self.error is None:
            await asyncio.Event().wait()
        raise self.error or Unsure


class Faults:
    """The faults in store."""

    def __init__(self) -> None:
        self._queued: list[Fault] = []

    def queue(self, fault: Fault) -> None:
        self._queued.append(fault)

    def clear(self) -> None:
        self._queued.clear()

    def next(self, act: str, to: Address) -> Fault | None:
        """The fault that strikes this call, if any."""
        for fault in self._queued:
            if fault.matches(act, to):
                fault.times -= 1
                return fault
        return None
