"""Telegram for the contract suite: the adapter against the Bot API server in another process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from adapters.telegram import Telegram
from bot.contract import Address
from tests.contract.harness import Files, KeyValues
from tests.fakes.botapi.client import BotApi, User


async def no_pause(seconds: float) -> None:
    """Tests don't wait between the parts of a message."""


@dataclass
class TelegramPerson:
    user: User

    @property
    def address(self) -> Address:
        return Address(str(self.user.id))

    async def types(self, text: str) -> None:
        await self.user.types(text)

    async def taps(self, label: str) -> None:
        await self.user.taps(label)

    async def hands_in(self, content: bytes, name: str, mime: str, caption: str) -> None:
        if mime.startswith("image/"):
            await self.user.sends_photo(content, caption=caption, name=name)
        else:
            await self.user.sends_document(content, caption=caption, name=name, mime=mime)

    async def sees(self) -> list[str]:
        return await self.user.sees()

    async def is_offered(self) -> list[str]:
        return await self.user.buttons()


@dataclass
class TelegramSide:
    api: BotApi
    platform: Telegram
    store: KeyValues
    files: Files
    ids: count[int] = field(default_factory=lambda: count(501))

    async def person(self, *, language: str = "de") -> TelegramPerson:
        return TelegramPerson(await self.api.user(next(self.ids), language_code=language))

    def nobody(self) -> Address:
        return Address("909090909")


@asynccontextmanager
async def telegram_side(port: int, store: KeyValues, files: Files) -> AsyncIterator[TelegramSide]:
    async with BotApi.at(port) as api:
        platform = Telegram(api.token, api.url, store, files, sleep=no_pause)
        try:
            yield TelegramSide(api, platform, store, files)
        finally:
            await platform.close()
