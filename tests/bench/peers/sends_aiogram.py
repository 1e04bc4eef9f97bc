"""aiogram as shipped (aiohttp)."""

from __future__ import annotations

import asyncio

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import LinkPreviewOptions, Message

from tests.bench.peers.common import asked, measured


async def main() -> None:
    order = asked()
    session = AiohttpSession(api=TelegramAPIServer.from_base(order["url"]))
    bot = Bot(order["token"], session=session)
    preview = LinkPreviewOptions(is_disabled=True)

    async def send(chat: int) -> Message:
        return await bot.send_message(
            chat, order["text"], parse_mode="HTML", link_preview_options=preview, disable_notification=False
        )

    async with session:
        await measured(order["chats"], send, order["at_once"])


asyncio.run(main())
