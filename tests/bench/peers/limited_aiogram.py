"""aiogram with the loop its users write: one after another, `sleep(0.05)` between, answers from handlers."""

from __future__ import annotations

import asyncio

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter
from aiogram.types import Message

from tests.bench.peers.common import asked, broadcast


async def main() -> None:
    order = asked()
    session = AiohttpSession(api=TelegramAPIServer.from_base(order["url"]))
    bot = Bot(order["token"], session=session)
    dispatcher = Dispatcher()

    async def say(chat: int, text: str) -> None:
        while True:
            try:
                await bot.send_message(chat, text)
            except TelegramRetryAfter as complaint:
                await asyncio.sleep(complaint.retry_after)
            else:
                return

    async def answer(message: Message) -> None:
        await say(message.chat.id, order["answer"])

    async def to_all() -> None:
        for chat in order["chats"]:
            await say(chat, order["news"])
            await asyncio.sleep(0.05)

    dispatcher.message.register(answer)
    async with session:
        polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
        await broadcast(to_all, warm=order["warm"], seconds=order["patience"])
        polling.cancel()


asyncio.run(main())
