"""What the house keeps for its adapters: a drawer of their own per lane, and the files that go through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.lease import still_ours
from bot.delivery.model import AdapterValue, StoredMedia
from bot.storage import Database
from bot.storage.notify import STORED, tell
from bot.storage.portable import insert_new

SHORT_LIFE = timedelta(hours=24)
"""How long a file is kept that no announcement needs."""


class LaneStore:
    """`bot.host.Store` of one lane. Every call is a transaction of its own, durable when it returns.

    What is written in the name of a lease (`ACTS_FOR`) is written only while the lane is ours: an owner that was shut
    out can't overwrite what the next one wrote.
    """

    def __init__(self, database: Database, lane_id: int) -> None:
        self.tells = False
        """Whether other processes hear of each key that is written or deleted."""
        self._database = database
        self._lane_id = lane_id

    async def get(self, key: str) -> str | None:
        async with self._database.read() as session:
            row = await session.get(AdapterValue, (self._lane_id, key))
            return row.value if row else None

    async def put(self, key: str, value: str) -> None:
        async with self._writing(key) as session:
            await session.merge(AdapterValue(lane_id=self._lane_id, key=key, value=value))

    async def put_new(self, key: str, value: str) -> bool:
        async with self._writing(key) as session:
            return await insert_new(session, AdapterValue, lane_id=self._lane_id, key=key, value=value)

    async def delete(self, key: str) -> None:
        async with self._writing(key) as session:
            mine = AdapterValue.lane_id == self._lane_id
            await session.execute(delete(AdapterValue).where(mine, AdapterValue.key == key))

    async def listing(self, prefix: str, *, after: str = "", limit: int = 100) -> list[tuple[str, str]]:
        # A range of the primary key and nothing else: other chats' keys, however many, are not read.
        key = AdapterValue.key
        begins = key > after if after >= prefix else key >= prefix
        rows = select(key, AdapterValue.value).where(AdapterValue.lane_id == self._lane_id, begins)
        if prefix:
            rows = rows.where(key < _behind(prefix))
        async with self._database.read() as session:
            found = await session.execute(rows.order_by(key).limit(limit))
        return [(key, value) for key, value in found.all()]

    @asynccontextmanager
    async def _writing(self, key: str) -> AsyncIterator[AsyncSession]:
        async with self._database.write() as session:
            await still_ours(session)
            if self.tells:
                tell(session, f"{STORED} {self._lane_id} {key}")
            yield session


def _behind(prefix: str) -> str:
    """What is greater than all that begins so. An adapter's keys are ASCII."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


class MediaStore:
    """Files that were checked, kept for whoever they are sent to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def save(
        self, session: AsyncSession, mime: str, name: str, content: bytes, *, owner: int | None = None
    ) -> int:
        """Keep a checked file; returns our id for it. `owner`: the person it was made for."""
        row = StoredMedia(mime=mime, name=name, content=content, owner=owner, created_at=self._clock.now())
        session.add(row)
        await session.flush()
        return row.id

    async def erase_of(self, session: AsyncSession, owner: int) -> None:
        """Erase what was made for a person."""
        await session.execute(delete(StoredMedia).where(StoredMedia.owner == owner))

    async def erase_unused(self, session: AsyncSession, in_use: Collection[int]) -> None:
        """Erase files older than `SHORT_LIFE` that nobody refers to: hand-outs, and pictures that were never sent."""
        old = StoredMedia.created_at < self._clock.now() - SHORT_LIFE
        await session.execute(delete(StoredMedia).where(old, StoredMedia.id.not_in(in_use)))


class MediaReader:
    """`bot.contract.Media` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, media: int) -> tuple[bytes, str]:
        """Content and MIME type. Raises `KeyError` for an unknown id."""
        async with self._database.read() as session:
            row = await session.get(StoredMedia, media)
        if row is None:
            raise KeyError(media)
        return row.content, row.mime
