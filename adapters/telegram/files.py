"""Files: uploaded once, then sent by Telegram's own id; and fetched from people.

Thirty copies of a fresh announcement leave side by side; without a lock each would upload the same picture.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from telegram import InputFile, InputMediaDocument, InputMediaPhoto, Message

from adapters.telegram.errors import changing
from adapters.telegram.layout import is_photo
from adapters.telegram.request import RawBot
from bot.contract import Attachment, PlatformDown, Rejected
from bot.host import Media, Store

Source = str | InputFile


class Files:
    """Our files on Telegram. `bot.id` is part of the key: another bot's file ids are worthless."""

    def __init__(self, bot: RawBot, store: Store, media: Media) -> None:
        self._bot = bot
        self._store = store
        self._media = media
        self._prefix = f"file:{bot.token.partition(':')[0]}:"
        self._known: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def lend(self, attachments: Sequence[Attachment]) -> AsyncIterator[list[Source]]:
        """What to send for each: an id, or the content; nobody else uploads the same meanwhile."""
        async with AsyncExitStack() as held:
            for key in sorted({_key(one) for one in attachments if one.media is not None}):
                await self._hold(key, held)
            yield [await self._source(one) for one in attachments]

    async def learn(self, attachments: Sequence[Attachment], sent: Sequence[Message]) -> None:
        """Remember Telegram's ids of what was just sent."""
        for attachment, message in zip(attachments, sent, strict=True):
            file = message.photo[-1] if message.photo else message.document
            if attachment.media is None or file is None or _key(attachment) in self._known:
                continue
            self._known[_key(attachment)] = file.file_id
            await self._store.put(self._prefix + _key(attachment), file.file_id)

    async def fetch(self, attachment: Attachment, max_bytes: int) -> bytes:
        """A person's file. Raises `Rejected` when it is too large or gone."""
        if attachment.size > max_bytes:
            raise Rejected("the file is too large to fetch")
        content = b""
        found = False
        with changing(""):
            file = await self._bot.get_file(attachment.source)
            content, found = bytes(await file.download_as_bytearray()), True
        if not found:
            raise PlatformDown("Telegram gave no file")
        return content

    async def _hold(self, key: str, held: AsyncExitStack) -> None:
        """Keep the file's lock unless its id is known, or becomes known while waiting."""
        if await self._id(key) is not None:
            return
        lock = self._locks.setdefault(key, asyncio.Lock())
        await lock.acquire()
        if await self._id(key) is not None:
            lock.release()
        else:
            held.callback(lock.release)

    async def _source(self, attachment: Attachment) -> Source:
        if attachment.media is None:
            if not attachment.source:
                raise Rejected("the file has no content")
            return attachment.source
        known = await self._id(_key(attachment))
        if known is not None:
            return known
        try:
            content, _ = await self._media.load(attachment.media)
        except KeyError:
            raise Rejected("the file is no longer stored") from None
        return InputFile(content, filename=attachment.name or None, attach=True)

    async def _id(self, key: str) -> str | None:
        if key not in self._known:
            stored = await self._store.get(self._prefix + key)
            if stored is None:
                return None
            self._known[key] = stored
        return self._known[key]


def as_media(
    attachment: Attachment, source: Source, caption: str = ""
) -> InputMediaPhoto | InputMediaDocument:
    """One part of an album, or the new file of a message."""
    kind = InputMediaPhoto if is_photo(attachment) else InputMediaDocument
    return kind(source, caption=caption or None, parse_mode="HTML")


def _key(attachment: Attachment) -> str:
    """A picture and the same content as a file have different ids on Telegram."""
    return f"{attachment.media}{'p' if is_photo(attachment) else 'd'}"
