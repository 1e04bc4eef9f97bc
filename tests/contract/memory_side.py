"""The platform in memory for the contract suite, with buttons and without."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from adapters.memory import MemoryPlatform
from bot.contract import Address


@dataclass
class MemoryPerson:
    platform: MemoryPlatform
    address: Address

    async def types(self, text: str) -> None:
        self.platform.says(self.address, text)

    async def taps(self, label: str) -> None:
        if self.platform.capabilities.buttons:
            self.platform.taps(self.address, label)
        else:
            self.platform.says(self.address, str((await self.is_offered()).index(label) + 1))

    async def hands_in(self, content: bytes, name: str, mime: str, caption: str) -> None:
        kind = "image" if mime.startswith("image/") else "document"
        self.platform.attaches(self.address, content, kind=kind, name=name, mime=mime, text=caption)

    async def sees(self) -> list[str]:
        return list(self.platform.phone(self.address).texts)

    async def is_offered(self) -> list[str]:
        offering = [one for one in self.platform.phone(self.address).screen if one.choices]
        return [choice.label for choice in offering[-1].choices] if offering else []


@dataclass
class MemorySide:
    platform: MemoryPlatform
    ids: count[int] = field(default_factory=lambda: count(1))

    async def person(self, *, language: str = "de") -> MemoryPerson:
        return MemoryPerson(self.platform, Address(f"person{next(self.ids)}"))

    def nobody(self) -> Address:
        self.platform.blocks("nobody")
        return Address("nobody")
