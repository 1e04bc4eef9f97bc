"""Files: uploaded once per kind of room, then sent by their address; and fetched from people.

In an encrypted room the file is locked with a key of its own that travels in the message. Ten copies of an announcement
leave side by side; without a lock each would upload the same picture.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

from nio.crypto.attachments import decrypt_attachment, encrypt_attachment
from nio.exceptions import EncryptionError

from adapters.matrix.account import Account
from adapters.matrix.errors import LostError, changing
from adapters.matrix.wire import Json
from bot.contract import Attachment, Rejected
from bot.host import Media, Store

_PATIENCE = 120.0
_DOWNLOAD = "/_matrix/client/v1/media/download"


class Files:
    """Our files on the homeserver, and other people's."""

    def __init__(self, account: Account, store: Store, media: Media) -> None:
        self._account = account
        self._store = store
        self._media = media
        self._locks: dict[str, asyncio.Lock] = {}

    async def content(self, attachment: Attachment, *, encrypted: bool) -> Json:
        """The message content that shows a file. Raises `Rejected` for one that is no longer there."""
        file = await self._uploaded(attachment, encrypted=encrypted)
        name = attachment.name or ("bild" if attachment.kind == "image" else "datei")
        content: Json = {
            "msgtype": "m.image" if attachment.kind == "image" else "m.file",
            "body": attachment.alt or name,
            "filename": name,
            "info": {"mimetype": attachment.mime or "application/octet-stream", "size": attachment.size},
        }
        return content | ({"file": file} if encrypted else {"url": file["url"]})

    async def fetch(self, attachment: Attachment, most: int) -> bytes:
        """A person's file, unlocked. Raises `Rejected` when it is too large, damaged or no file of Matrix."""
        try:
            file = json.loads(attachment.source)
            server, _, media = str(file["url"]).removeprefix("mxc://").partition("/")
        except (ValueError, KeyError, TypeError):
            raise Rejected("no file of Matrix") from None
        with changing():
            await self._account.open()
            path = f"{_DOWNLOAD}/{quote(server, safe='')}/{quote(media, safe='')}"
            try:
                content = await self._account.wire.raw("GET", path, patience=_PATIENCE, most=most)
            except ValueError:
                raise Rejected("the file is too large to fetch") from None
        if "key" not in file:
            return content
        try:
            return bytes(decrypt_attachment(content, file["key"], file["hash"], file["iv"]))
        except (EncryptionError, KeyError, ValueError):
            raise Rejected("the file can't be unlocked") from None

    async def _uploaded(self, attachment: Attachment, *, encrypted: bool) -> Json:
        if attachment.media is None:
            raise Rejected("the file has no content")
        name = f"{'locked' if encrypted else 'file'}:{attachment.media}"
        async with self._locks.setdefault(name, asyncio.Lock()):
            stored = await self._store.get(name)
            if stored is not None:
                known: Json = json.loads(stored)
                return known
            file = await self._upload(attachment, encrypted=encrypted)
            await self._store.put(name, json.dumps(file))
            return file

    async def _upload(self, attachment: Attachment, *, encrypted: bool) -> Json:
        try:
            content, mime = await self._media.load(attachment.media or 0)
        except KeyError:
            raise Rejected("the file is no longer stored") from None
        keys: dict[str, Any] = {}
        if encrypted:
            content, keys = await asyncio.to_thread(encrypt_attachment, content)
            mime = "application/octet-stream"
        with changing():  # nothing was said yet, so a lost answer is no doubt
            answer = await self._account.wire.raw(
                "POST", "/_matrix/media/v3/upload", content, mime or attachment.mime, patience=_PATIENCE
            )
            try:
                return {"url": str(json.loads(answer)["content_uri"]), **keys}
            except (ValueError, KeyError, TypeError):
                raise LostError("an upload without an address") from None


def source(content: Json) -> str:
    """What `fetch` needs of a person's message, as JSON; empty if there is nothing to fetch."""
    file = content.get("file")
    if isinstance(file, dict) and isinstance(file.get("url"), str):
        key, hashes = file.get("key"), file.get("hashes")
        if not isinstance(key, dict) or not isinstance(hashes, dict):
            return ""
        locked = {"url": file["url"], "key": key.get("k"), "iv": file.get("iv"), "hash": hashes.get("sha256")}
        return json.dumps(locked) if all(isinstance(value, str) for value in locked.values()) else ""
    url = content.get("url")
    return json.dumps({"url": url}) if isinstance(url, str) else ""
