"""The running program: prepare, open the house, say where the page is, and end in order when asked to."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext

import click

from bot.app import House, open_house
from bot.demo import seed
from bot.host import Build
from bot.prepare import NotReadyError, opened, prepare
from bot.process import ProcessRole
from bot.seeing.port import figures_port
from bot.settings import Settings, WebSettings
from bot.storage.sole import running_program

log = logging.getLogger(__name__)

LAST_MOMENTS = 4.5
"""Seconds for an orderly end: requests under way get the most of it (`Tempo.farewell`), marks and closing the rest.

Then it ends all the same: whatever was confirmed is in the database.
"""
CUT_OFF = 1
"""The exit code that says so."""


async def serve(
    settings: Settings, adapters: Mapping[str, Build] | None = None, role: ProcessRole = ProcessRole.ALL
) -> None:
    """Run until Ctrl-C or SIGTERM. Raises what `bot.refusals` puts into words."""
    _refuse_part_of_sqlite(settings, role)
    if role.serves:
        await _refuse_taken_port(settings.web)
    async with AsyncExitStack() as held:
        async with opened(settings) as database:
            await held.enter_async_context(running_program(database.url))
        await prepare(settings)
        async with open_house(settings, adapters=adapters, role=role) as house:
            if settings.demo and "web" in house.lanes:
                await seed(house.database, house.features, house.place, house.lanes["web"])
            async with _figures(house):
                await _until_asked(house)


def _figures(house: House) -> AbstractAsyncContextManager[None]:
    """The port for the figures of this process, if it is to have one."""
    if house.sights is None:
        return nullcontext()
    web = house.settings.web
    return figures_port(
        web.host, web.metrics_port, web.metrics_token, house.sights.metrics, house.health.report
    )


async def _until_asked(house: House) -> None:
    running = asyncio.create_task(house.run())
    telling = asyncio.create_task(_tell(house.settings, house.role))
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def end() -> None:
        if asked.is_set():
            os._exit(130)  # asked twice: at once
        asked.set()
        loop.call_later(LAST_MOMENTS, _cut_off)
        running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    try:
        await running
    except asyncio.CancelledError:
        if not asked.is_set():
            raise
        log.info("ended in order")
    finally:
        telling.cancel()


def _cut_off() -> None:
    log.warning("not everything ended within %.1f s; the next start goes on from there", LAST_MOMENTS)
    os._exit(CUT_OFF)


async def _tell(settings: Settings, role: ProcessRole) -> None:
    """Where the page is and what to do there, as soon as it answers."""
    if not role.serves:
        url = settings.database_url
        click.echo(f"Quartierbote's {role} works for {url.host}/{url.database}. End it with Ctrl-C.")
        return
    while not await _answers(settings.web):  # noqa: ASYNC110  # what we wait for is a socket, not an event
        await asyncio.sleep(0.05)
    click.echo(welcome(settings))


def welcome(settings: Settings) -> str:
    """What the operator reads once the page is there."""
    address = settings.web.address
    if settings.demo:
        return (
            f"\nQuartierbote's demo is running. Open {address}/demo\n"
            "Three phones side by side: a resident, a member of staff, a moderator. It suggests what to try.\n"
            f"What readers see is on {address}/\n"
            "End it with Ctrl-C."
        )
    return (
        f"\nQuartierbote is running. Open {address}/\n"
        "Readers see there what is on; on /chat they write with the bot.\n"
        "To announce, somebody needs a role: quartierbote role invite --role coordinator\n"
        "End it with Ctrl-C."
    )


def _refuse_part_of_sqlite(settings: Settings, role: ProcessRole) -> None:
    if role is not ProcessRole.ALL and settings.database_url.get_backend_name() == "sqlite":
        raise NotReadyError(
            f"With the embedded SQLite one program does everything, so there is no --role {role}. Leave it out, or use"
            " PostgreSQL. Example: QUARTIERBOTE_DATABASE__URL=postgresql://quartierbote:password@localhost/quartierbote"
        )


async def _refuse_taken_port(web: WebSettings) -> None:
    """Before anything is touched: is there another program (or this one already) on our port?"""
    if web.metrics_port == web.port:
        raise NotReadyError(
            f"QUARTIERBOTE_WEB__METRICS_PORT is the page's own port, {web.port}, where /metrics is answered anyway."
            " Leave it out, or choose another port."
        )
    if await _answers(web):
        raise NotReadyError(
            f"Another program already answers on {web.host}, port {web.port}. End it, or choose another port."
            f" Example: QUARTIERBOTE_WEB__PORT={web.port + 1 if web.port < 65535 else 8081}"
        )


async def _answers(web: WebSettings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(web.host, web.host).strip("[]")  # noqa: S104  # asked, not opened
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, web.port), 1)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
