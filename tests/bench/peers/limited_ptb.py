"""python-telegram-bot with its `AIORateLimiter`: the whole broadcast handed over by `gather`, answers from handlers."""

from __future__ import annotations

import asyncio
from typing import Any

from telegram import Update
from telegram.ext import AIORateLimiter, Application, ContextTypes, MessageHandler, filters

from tests.bench.peers.common import asked, broadcast


async def main() -> None:
    order = asked()

    async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        chat = update.effective_chat
        if chat is not None:
            await context.bot.send_message(chat.id, order["answer"])

    app: Application[Any, Any, Any, Any, Any, Any] = (
        Application.builder()
        .token(order["token"])
        .base_url(f"{order['url']}/bot")
        .rate_limiter(AIORateLimiter(max_retries=10_000))
        .concurrent_updates(True)
        .read_timeout(45.0)
        .pool_timeout(45.0)
        .build()
    )
    app.add_handler(MessageHandler(filters.ALL, answer))

    async def to_all() -> None:
        await asyncio.gather(*(app.bot.send_message(chat, order["news"]) for chat in order["chats"]))

    async with app:
        await app.start()
        if app.updater is None:
            raise RuntimeError("nobody polls")
        await app.updater.start_polling()
        await broadcast(to_all, warm=order["warm"], seconds=order["patience"])


asyncio.run(main())
