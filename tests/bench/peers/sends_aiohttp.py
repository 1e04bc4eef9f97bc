"""aiohttp alone, as one would write it by hand: what no client on top of it can undercut by much."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from tests.bench.peers.common import asked, measured


async def main() -> None:
    order = asked()
    url = f"{order['url']}/bot{order['token']}/sendMessage"
    fixed = {
        "text": order["text"],
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "disable_notification": False,
    }
    async with aiohttp.ClientSession() as session:

        async def send(chat: int) -> Any:
            async with session.post(url, json={"chat_id": chat, **fixed}) as answer:
                told = await answer.json()
            if not told["ok"]:
                raise RuntimeError("refused")
            return told["result"]["message_id"]

        await measured(order["chats"], send, order["at_once"])


asyncio.run(main())
