"""The page as a platform: what the house sends becomes entries of a chat, what readers do becomes events."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from starlette.types import ASGIApp

from adapters.web.accounts import Accounts
from adapters.web.application import application
from adapters.web.limits import Buckets, Streams
from adapters.web.seals import Seals
from adapters.web.server import serve
from adapters.web.site import Problem, Site
from adapters.web.threads import Threads
from adapters.web.uploads import Uploads
from bot.clock import Clock, Ids
from bot.contract import (
    Address,
    Attachment,
    Capabilities,
    Inbound,
    Limits,
    Outgoing,
    PlatformDown,
    Receive,
    RecipientGone,
    Ref,
    Rejected,
)
from bot.host import Host
from bot.language import M
from bot.settings import WebSettings

log = logging.getLogger(__name__)

_SWEEP_EVERY = 3600.0


class WebPlatform:
    """The chat in the page. Also `Downloads`, `Forgets` and `Shares`."""

    name = "web"

    def __init__(
        self, host: Host, settings: WebSettings, clock: Clock, ids: Ids, *, patience: float = 2.5
    ) -> None:
        self._host = host
        self._settings = settings
        self._receive: Receive | None = None
        self.capabilities = Capabilities(
            buttons=True, idempotent_sends=True, max_text=20_000, pushes=False, roles=host.demo
        )
        self.limits = Limits(per_second=2000, per_chat_per_second=50, per_room_per_minute=1000, in_flight=100)
        self._site = Site(
            host=host,
            settings=settings,
            clock=clock,
            ids=ids,
            seals=Seals(host.secret),
            buckets=Buckets(clock),
            streams=Streams(),
            threads=Threads(host.store, clock),
            accounts=Accounts(host.store, clock, ids, demo=host.demo),
            uploads=Uploads(host.store, clock, ids),
            deliver=self._deliver,
            patience=patience,
        )
        self.app: ASGIApp = application(self._site, self.capabilities.max_file)

    async def check(self) -> str:
        """The page needs no login; its address says what there is."""
        self._check_demo()
        return self._site.public_url

    async def run(self, receive: Receive, cursor: str | None) -> None:
        """Serve the pages until cancelled. Raises `PlatformDown` if the port can't be had."""
        self._check_demo()
        self._receive = receive
        self._site.threads.closing = False
        sweeping = asyncio.create_task(self._sweep())
        try:
            await serve(self.app, self._settings.host, self._settings.port, self._site.threads.close)
        finally:
            self._receive = None
            sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sweeping

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        if not await self._site.accounts.exists(to):
            raise RecipientGone("this chat was ended on its device")
        return await self._site.threads.say(to, message, key)

    async def edit(self, to: Address, ref: Ref, message: Outgoing, key: str) -> Ref:
        if not await self._site.threads.change(to, ref, message):
            raise Rejected("this message is not kept any more")
        return ref

    async def delete(self, to: Address, ref: Ref, key: str) -> None:
        await self._site.threads.change(to, ref, None)

    async def fetch(self, attachment: Attachment) -> bytes:
        """What a reader handed in. Raises `Rejected` if it is not kept any more."""
        return await self._site.uploads.fetch(attachment.source)

    async def forget(self, conversation: Address) -> None:
        """Erase the account and what was said; its cookie opens nothing then."""
        await self._site.accounts.end(conversation)
        await self._site.threads.forget(conversation)

    def share(self) -> None:
        self._site.threads.share()

    def stored(self, key: str) -> None:
        self._site.threads.stored(key)

    def start_link(self, payload: str) -> str:
        return f"{self._site.public_url}/chat?start={payload}"

    async def close(self) -> None:
        self._site.threads.close()

    async def _deliver(self, event: Inbound) -> None:
        if self._receive is None:
            raise Problem(503, M("web.problem.ours"))
        await self._receive([event], None)

    async def _sweep(self) -> None:
        while True:
            try:
                await self._site.uploads.sweep()
            except Exception as fault:
                log.exception("sweeping old uploads failed: %s", type(fault).__name__)
            await asyncio.sleep(_SWEEP_EVERY)

    def _check_demo(self) -> None:
        """The demo's roles need no login, so nobody else may reach it."""
        if self._host.demo and not self._settings.is_loopback:
            raise PlatformDown(
                f"The demo must not be reachable from elsewhere, but the page would listen on {self._settings.host}. "
                "Set QUARTIERBOTE_WEB__HOST=127.0.0.1 or switch the demo off with QUARTIERBOTE_DEMO=false."
            )
