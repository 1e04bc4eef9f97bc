"""The platforms that stories run over: memory with buttons, memory with numbers only, and Telegram over real HTTP."""

from __future__ import annotations

import asyncio
from itertools import count

from sqlalchemy import select

from adapters.memory import Fault, MemoryPlatform
from adapters.memory.phone import Phone
from adapters.memory.platform import UNHURRIED
from adapters.telegram import Telegram
from bot.app import House
from bot.clock import Clock
from bot.contract import Limits, Platform, Unsure
from bot.delivery.model import Lane
from bot.host import Host
from tests.fakes.botapi.client import BotApi, User
from tests.stories.driver import Hand, Seen
from tests.stories.overheard import OVERHEARD

PATIENCE = 15.0
"""Seconds until a story gives up waiting; never a measure of anything."""


class MemorySide:
    """The platform in memory; it outlives a restart of the house."""

    name = "memory"

    def __init__(self, clock: Clock, *, buttons: bool = True) -> None:
        self.platform = MemoryPlatform(buttons=buttons, clock=clock)

    def build(self, host: Host) -> Platform:
        return self.platform

    async def hand(self, name: str, language: str) -> Hand:
        return MemoryHand(self.platform, name, language)

    async def arrived(self, house: House) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self._read(house) < self.platform.happened:
                await asyncio.sleep(0.002)

    async def _read(self, house: House) -> int:
        async with house.database.read() as session:
            cursor = await session.scalar(select(Lane.cursor).where(Lane.platform == self.name))
        return int(cursor or 0)

    async def loses(self, hand: Hand) -> None:
        assert isinstance(hand, MemoryHand)
        self.platform.fails(Fault(Unsure("lost"), act="send", to=hand.phone.address, arrives=True))


class MemoryHand:
    """Somebody on the platform in memory."""

    def __init__(self, platform: MemoryPlatform, name: str, language: str) -> None:
        self._platform = platform
        self._name = name
        self._language = language

    @property
    def phone(self) -> Phone:
        return self._platform.phone(self._name)

    async def types(self, text: str) -> None:
        self._platform.says(self._name, text, language=self._language)

    async def taps(self, label: str) -> None:
        if self._platform.capabilities.buttons:
            self._platform.taps(self._name, label, language=self._language)
            return
        shown, choice = self.phone.choice(label)
        number = dict(zip(shown.choices, shown.message.numbers, strict=True))[choice]
        await self.types(number)

    async def answers(self, text: str, to: str) -> None:
        self._platform.says(self._name, text, reply_to=(to,), language=self._language)

    async def sends_photo(self, content: bytes, caption: str = "") -> None:
        self._platform.attaches(self._name, content, mime="image/jpeg", name="photo.jpg", text=caption)

    async def blocks(self) -> None:
        self._platform.blocks(self._name)

    async def unblocks(self) -> None:
        self._platform.unblocks(self._name)

    async def seen(self) -> list[Seen]:
        return [
            Seen(shown.text, tuple(choice.label for choice in shown.choices), shown.ref[0])
            for shown in self.phone.screen
        ]


class Unhurried(Telegram):
    """Telegram without its pace, so that a story doesn't take minutes; the pace has tests of its own."""

    @property
    def limits(self) -> Limits:
        return UNHURRIED


class TelegramSide:
    """The real adapter against the Bot API server in another process."""

    name = "telegram"

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._ids = count(700_100_200_001)

    def build(self, host: Host) -> Platform:
        return Unhurried(self._api.token, self._api.url, host.store, host.media)

    async def hand(self, name: str, language: str) -> Hand:
        address = next(self._ids)
        OVERHEARD.somebody(name, str(address), self._api.token)
        return TelegramHand(await self._api.user(address, language_code=language, name=name))

    async def arrived(self, house: House) -> None:
        async with asyncio.timeout(PATIENCE):
            while (await self._api.state())["waiting"]:
                await asyncio.sleep(0.005)

    async def loses(self, hand: Hand) -> None:
        assert isinstance(hand, TelegramHand)
        await self._api.fault("drop_after", "sendMessage", chat=hand.user.id)


class TelegramHand:
    """Somebody on Telegram."""

    def __init__(self, user: User) -> None:
        self.user = user

    async def types(self, text: str) -> None:
        await self.user.types(text)

    async def taps(self, label: str) -> None:
        await self.user.taps(label)

    async def answers(self, text: str, to: str) -> None:
        await self.user.types(text, reply_to=int(to))

    async def sends_photo(self, content: bytes, caption: str = "") -> None:
        await self.user.sends_photo(content, caption=caption)

    async def blocks(self) -> None:
        await self.user.blocks()

    async def unblocks(self) -> None:
        await self.user.unblocks()

    async def seen(self) -> list[Seen]:
        return [
            Seen(one.text, tuple(button["label"] for row in one.buttons for button in row), str(one.id))
            for one in await self.user.messages()
        ]
