"""Files that readers hand in, kept in the store until the house has taken them in.

In pieces, because the database's one writer must never wait for a whole photo. What the file really is, is looked at
twice: here, to answer at once; in the house, thoroughly, where also its metadata go.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from starlette.datastructures import UploadFile

from bot.clock import Clock, Ids
from bot.contract import Attachment, Rejected
from bot.host import Store
from bot.ports import everything

_PIECE = 384 * 1024
_KEPT = timedelta(hours=24)
"""As long as an event may wait for its turn."""
_BEGINNINGS = (
    (b"\xff\xd8\xff", "image", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image", "image/png"),
    (b"GIF8", "image", "image/gif"),
    (b"%PDF-", "document", "application/pdf"),
)


class UnknownKindError(Exception):
    """Neither a picture nor a PDF."""


def kind_of(beginning: bytes) -> tuple[str, str]:
    """Kind and MIME type by the first bytes, never by the name. Raises `UnknownKindError`."""
    for magic, kind, mime in _BEGINNINGS:
        if beginning.startswith(magic):
            return kind, mime
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image", "image/webp"
    raise UnknownKindError


class Uploads:
    """Keeps files for a day at most."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def keep(self, file: UploadFile) -> Attachment:
        """Store the file; `source` names it. Raises `UnknownKindError`."""
        piece = await file.read(_PIECE)
        kind, mime = kind_of(piece)
        source = self._ids.token(20)
        await self._store.put(f"u/{source}", self._clock.now().isoformat())
        size = number = 0
        while piece:
            await self._store.put(_piece_key(source, number), base64.b64encode(piece).decode())
            size, number = size + len(piece), number + 1
            piece = await file.read(_PIECE)
        return Attachment(kind, (file.filename or "")[:120], mime, size, source)

    async def fetch(self, source: str) -> bytes:
        """The content. Kept on: a turn that fails is tried again. Raises `Rejected` if it is not there any more."""
        if await self._store.get(f"u/{source}") is None:
            raise Rejected("this file is not kept any more")
        return b"".join([base64.b64decode(piece) for _, piece in await self._pieces(source)])

    async def sweep(self) -> int:
        """Erase what is older than a day; returns how many files."""
        erased = 0
        async for key, since in everything(self._store, "u/"):
            if datetime.fromisoformat(since) < self._clock.now() - _KEPT:
                await self._erase(key.removeprefix("u/"))
                erased += 1
        return erased

    async def _erase(self, source: str) -> None:
        for key, _ in await self._pieces(source):
            await self._store.delete(key)
        await self._store.delete(f"u/{source}")

    async def _pieces(self, source: str) -> list[tuple[str, str]]:
        return [piece async for piece in everything(self._store, f"p/{source}/", page=8)]


def _piece_key(source: str, number: int) -> str:
    return f"p/{source}/{number:04d}"
