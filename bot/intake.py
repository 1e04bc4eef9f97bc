"""Files that people send: fetched, checked by content, freed of metadata and stored, before their turn begins.

Fetching is slow, so it happens outside the turn's transaction. A file that can't be taken keeps its place in the event,
with the reason, so that the dialogue can say what to do instead.
"""

from __future__ import annotations

from dataclasses import replace

from bot.clock import Clock
from bot.contract import Attachment, Platform, PlatformError
from bot.delivery.store import MediaStore
from bot.media import MediaRefused, clean_async
from bot.ports import Downloads
from bot.storage import Database

REFUSED = "refused:"
"""`Attachment.source` of a file that was not taken: this and the reason (too_big, unknown_kind, broken, unfetched)."""


class Intake:
    """Takes files in."""

    def __init__(self, database: Database, clock: Clock, media: MediaStore) -> None:
        self._database = database
        self._clock = clock
        self._media = media

    async def take_in(self, platform: Platform, file: Attachment) -> Attachment:
        """The stored file, with `media` set; or the same one with the reason it was refused."""
        limit = platform.capabilities.max_file
        if file.size > limit:
            return replace(file, source=f"{REFUSED}too_big")
        if not isinstance(platform, Downloads):
            return replace(file, source=f"{REFUSED}unfetched")
        try:
            content = await platform.fetch(file)
            clean = await clean_async(content, claimed_mime=file.mime, name=file.name, max_bytes=limit)
        except MediaRefused as refused:
            return replace(file, source=f"{REFUSED}{refused.reason}")
        except PlatformError:
            return replace(file, source=f"{REFUSED}unfetched")
        async with self._database.write() as session:
            media = await self._media.save(session, clean.mime, clean.name, clean.content)
        return Attachment(clean.kind, clean.name, clean.mime, len(clean.content), media=media, alt=file.alt)
