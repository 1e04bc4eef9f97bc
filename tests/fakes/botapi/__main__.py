"""`python -m tests.fakes.botapi --port 0`: prints the port it listens on, serves until it is ended."""

from __future__ import annotations

import argparse
import asyncio

from aiohttp import web

from tests.fakes.botapi.server import Server

TOKEN = "4242:fake-token-for-tests"


async def _serve(port: int, token: str) -> None:
    runner = web.AppRunner(Server(token).app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - the caller reads the port from here
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.botapi")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    asked = parser.parse_args()
    asyncio.run(_serve(asked.port, asked.token))


if __name__ == "__main__":
    main()
