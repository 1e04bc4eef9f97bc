"""python-telegram-bot as shipped (httpx), its pool as large as the number of sends at once."""

from __future__ import annotations

import asyncio

from telegram import Bot, LinkPreviewOptions, Message
from telegram.request import HTTPXRequest

from tests.bench.peers.common import asked, measured


async def main() -> None:
    order = asked()
    at_once = order["at_once"]
    bot = Bot(
        order["token"],
        base_url=f"{order['url']}/bot",
        request=HTTPXRequest(connection_pool_size=at_once, read_timeout=45.0, pool_timeout=45.0),
    )
    preview = LinkPreviewOptions(is_disabled=True)

    async def send(chat: int) -> Message:
        return await bot.send_message(
            chat, order["text"], parse_mode="HTML", link_preview_options=preview, disable_notification=False
        )

    async with bot:
        await measured(order["chats"], send, at_once)


asyncio.run(main())
