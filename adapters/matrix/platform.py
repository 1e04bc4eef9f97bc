"""Matrix as a `Platform`, with `Downloads`, `Resides` and `Splits`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from adapters.matrix.account import Account
from adapters.matrix.choosing import Seeder
from adapters.matrix.conversations import Conversations
from adapters.matrix.errors import RefusedError, changing
from adapters.matrix.files import Files
from adapters.matrix.invitations import Invitations
from adapters.matrix.reading import Reader
from adapters.matrix.rendering import MAX_TEXT
from adapters.matrix.sealed import Sealed
from adapters.matrix.sending import Sender, events
from adapters.matrix.settings import MatrixSettings
from adapters.matrix.sync import Listener, Sleep
from adapters.matrix.wire import Json, room
from bot.clock import Clock, SystemClock
from bot.contract import Address, Attachment, Capabilities, Limits, Outgoing, Platform, Receive, Ref
from bot.host import Media, Store

LIMITS = Limits(per_second=30.0, per_chat_per_second=5.0, per_room_per_minute=60, in_flight=10)
"""Beyond so many in flight only the waiting grows; the homeserver is the limit."""


def _unheard(why: str) -> None:
    """Nobody listens."""


class Matrix:
    """One bot's account on one homeserver."""

    def __init__(
        self,
        settings: MatrixSettings,
        store: Store,
        media: Media,
        *,
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
        well: Callable[[str], None] = _unheard,
    ) -> None:
        self._user = settings.user
        self._limits = settings.limits.applied_to(LIMITS)
        self.account = Account(settings, store)
        self.conversations = Conversations(self.account)
        self.seeder = Seeder(self.conversations)
        self._files = Files(self.account, store, media)
        self._sender = Sender(self.account, self.conversations, self._files, self.seeder)
        self._sealed = Sealed(self.account, store, clock or SystemClock())
        self._listener = Listener(
            self.account,
            self.conversations,
            self._sealed,
            Invitations(self.conversations, store),
            Reader(settings.user, self._own_message),
            sleep,
            well,
        )

    @property
    def name(self) -> str:
        return "matrix"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            buttons=False, idempotent_sends=True, max_text=MAX_TEXT, max_file=20 * 1024 * 1024
        )

    @property
    def limits(self) -> Limits:
        return self._limits

    async def check(self) -> str:
        with changing():
            return await self.account.check()

    async def run(self, receive: Receive, cursor: str | None) -> None:
        await self._listener.run(receive, cursor)

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        return await self._sender.send(to, message, key)

    async def edit(self, to: Address, ref: Ref, message: Outgoing, key: str) -> Ref:
        return await self._sender.edit(to, ref, message, key)

    async def delete(self, to: Address, ref: Ref, key: str) -> None:
        await self._sender.delete(to, ref, key)

    def parts(self, message: Outgoing) -> int:
        return max(1, events(message))

    def start_link(self, payload: str) -> str:
        """Only the plain one: a link to a Matrix account carries no payload, so a code or a Quartier would be lost.

        Source: https://spec.matrix.org/latest/appendices/#matrixto-navigation
        """
        return "" if payload else f"https://matrix.to/#/{self._user}"

    async def fetch(self, attachment: Attachment) -> bytes:
        return await self._files.fetch(attachment, self.capabilities.max_file)

    async def move_in(self) -> str:
        return await self.account.move_in()

    async def move_out(self) -> None:
        await self.account.move_out()

    async def close(self) -> None:
        await self.seeder.close()
        await self.account.close()

    async def _own_message(self, room_id: str, event_id: str) -> Json | None:
        """What a message of ours says now, edits included; None if it isn't ours or isn't there."""
        try:
            raw = await self.account.wire.call("GET", room(room_id, "event", event_id))
        except RefusedError as error:
            if error.status in (403, 404):
                return None
            raise
        if raw.get("sender") != self.account.user:
            return None
        content: Json = self._sealed.open(room_id, raw).get("content") or {}
        edit = ((raw.get("unsigned") or {}).get("m.relations") or {}).get("m.replace")
        if isinstance(edit, dict) and edit.get("sender") == self.account.user:
            content = (self._sealed.open(room_id, edit).get("content") or {}).get("m.new_content") or {}
        return content


_: type[Platform] = Matrix
