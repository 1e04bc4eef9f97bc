"""Telegram as a `Platform`, with `Downloads`, `Menus`, `Remains` and `Splits`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from telegram import BotCommand, BotCommandScopeChat

from adapters.telegram.editing import Editor
from adapters.telegram.errors import changing
from adapters.telegram.files import Files
from adapters.telegram.polling import Poller, Sleep
from adapters.telegram.reading import Reader
from adapters.telegram.render import MAX_TEXT
from adapters.telegram.request import make_bot
from adapters.telegram.sending import Sender
from bot.clock import Clock, SystemClock
from bot.contract import (
    Address,
    Attachment,
    Capabilities,
    Limits,
    Outgoing,
    Platform,
    PlatformDown,
    Receive,
    Ref,
)
from bot.host import Media, Store

LIMITS = Limits(per_second=30.0, per_chat_per_second=1.0, per_room_per_minute=20, in_flight=30)
PAID_LIMITS = replace(LIMITS, per_second=1000.0, in_flight=200)
"""With paid broadcasts (https://core.telegram.org/bots/api#paid-broadcasts). Under way: for answers within 0.2 s."""
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TWO_LETTERS = re.compile(r"[a-z]{2}")


def _unheard(why: str) -> None:
    """Nobody listens."""


class Telegram:
    """One bot. Give it the token and the root of a Bot API server."""

    def __init__(
        self,
        token: str,
        base_url: str,
        store: Store,
        media: Media,
        *,
        limits: Limits = LIMITS,
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
        pays: bool = False,
        well: Callable[[str], None] = _unheard,
    ) -> None:
        """`pays`: messages beyond what is free are paid for, from the bot's balance."""
        self._limits = limits
        # Beside what the engine sends: taps, menus, downloads.
        self._bot = make_bot(token, base_url, connections=2 * limits.in_flight)
        self._reader = Reader(self._bot, clock or SystemClock())
        self._files = Files(self._bot, store, media)
        self._sender = Sender(self._bot, self._files, store, sleep, pays=pays)
        self._editor = Editor(self._bot, self._files, self._sender, store)
        self._sleep = sleep
        self._well = well

    @property
    def name(self) -> str:
        return "telegram"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            buttons=True,
            deletes_after=timedelta(hours=48),
            max_text=MAX_TEXT,
            max_file=20 * 1024 * 1024,
        )

    @property
    def limits(self) -> Limits:
        return self._limits

    async def check(self) -> str:
        with changing(""):
            await self._login()
        if not self._reader.username:
            raise PlatformDown("Telegram didn't say who we are")
        return f"@{self._reader.username}"

    async def run(self, receive: Receive, cursor: str | None) -> None:
        await Poller(self._bot, self._reader, self._login, self._sleep, self._well).run(receive, cursor)

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        return await self._sender.send(to, message, key)

    async def edit(self, to: Address, ref: Ref, message: Outgoing, key: str) -> Ref:
        return await self._editor.edit(to, ref, message, key)

    async def delete(self, to: Address, ref: Ref, key: str) -> None:
        await self._editor.delete(to, ref)

    async def remains(self, key: str) -> Ref:
        return await self._sender.remains(key) or await self._editor.remains(key)

    async def all_remains(self) -> Mapping[str, Ref]:
        return {**await self._editor.all_remains(), **await self._sender.all_remains()}

    async def settle_remains(self, key: str) -> None:
        await self._sender.settle_remains(key)
        await self._editor.settle_remains(key)

    def parts(self, message: Outgoing) -> int:
        return self._sender.plans.parts(message)

    def start_link(self, payload: str) -> str:
        """Empty until `check` or `run` has learnt the bot's name."""
        if not self._reader.username or not _PAYLOAD.fullmatch(payload):
            return ""
        return f"https://t.me/{self._reader.username}?start={payload}"

    async def fetch(self, attachment: Attachment) -> bytes:
        return await self._files.fetch(attachment, self.capabilities.max_file)

    async def set_menu(
        self, language: str, commands: Sequence[tuple[str, str]], to: Address | None = None
    ) -> None:
        """In one chat the menu is that chat's, whatever its language. For all, Telegram knows two-letter languages
        only: another tag ("de-simple") is left out; an empty one is for everybody without a menu of their own."""
        menu = [BotCommand(name, description) for name, description in commands]
        if to is None and language and not _TWO_LETTERS.fullmatch(language):
            return
        with changing(to or ""):
            if to is not None:
                await self._bot.set_my_commands(menu, BotCommandScopeChat(to))
            else:
                await self._bot.set_my_commands(menu, language_code=language or None)

    async def close(self) -> None:
        await self._bot.hang_up()

    async def _login(self) -> None:
        me = await self._bot.get_me()
        self._reader.username = me.username or ""


_: type[Platform] = Telegram
