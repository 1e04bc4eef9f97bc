"""Somebody with a Matrix program of their own: the real library, a real homeserver, one direct room with the bot."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from nio import AsyncClient, AsyncClientConfig
from nio.crypto.attachments import decrypt_attachment, encrypt_attachment
from nio.events import Event, MegolmEvent
from nio.responses import (
    RoomCreateResponse,
    RoomSendResponse,
    SyncResponse,
    UploadResponse,
)
from nio.store import SqliteMemoryStore

from tests.fakes.synapse import Homeserver

ENCRYPTION: dict[str, Any] = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}
FIELD = "quartierbote.choices"
Raw = dict[str, Any]


@dataclass
class Shown:
    """A message of the bot as it stands now."""

    id: str
    content: Raw
    reactions: dict[str, list[str]] = field(default_factory=dict)
    """Sign, and who chose it."""

    @property
    def text(self) -> str:
        return str(self.content.get("body", "")) if self.content.get("msgtype") == "m.text" else ""

    @property
    def labels(self) -> list[str]:
        """The labels of numbered lines, in order."""
        return list(self.numbered.values())

    @property
    def numbered(self) -> dict[str, str]:
        """What to type, and the label it stands for."""
        lines = [line.replace("\u200f", "").split(" ", 1) for line in self.text.split("\n")]
        lines = [line for line in lines if len(line) == 2 and line[0].isdecimal()]
        heads = [head for head, _ in lines]
        found: dict[str, str] = {}
        for head, label in lines:
            place, _, rest = label.partition(" ")
            if rest and (place == "1" or (heads.count(head) > 1 and place.isdecimal())):
                found[f"{head} {place}"] = rest
            else:
                found[head] = label
        return found


class MatrixPerson:
    """Types, reacts, edits and looks."""

    def __init__(self, server: Homeserver, login: Raw, bot: str) -> None:
        self.server = server
        self.user = str(login["user_id"])
        self.token = str(login["access_token"])
        self.bot = bot
        self.room = ""
        self.is_encrypted = False
        config = AsyncClientConfig(
            store=SqliteMemoryStore, encryption_enabled=True, pickle_key="a person's own", request_timeout=30
        )
        self.client = AsyncClient(server.url, self.user, str(login["device_id"]), "", config)
        self.client.restore_login(self.user, str(login["device_id"]), self.token)
        self._raws: dict[str, Raw] = {}
        self._order: list[str] = []
        self._since = ""

    async def meets(self, *, encrypted: bool = False, version: str = "") -> None:
        """Open a direct room with the bot; it isn't in it yet."""
        await self._sync(timeout=0)
        if encrypted:
            await self._keys()
        made = await self.client.room_create(
            is_direct=True,
            invite=[self.bot],
            initial_state=[ENCRYPTION] if encrypted else [],
            room_version=version or None,
            preset=None,
        )
        assert isinstance(made, RoomCreateResponse), made
        self.room, self.is_encrypted = made.room_id, encrypted

    async def is_met(self) -> None:
        """Return when the bot is in the room."""
        async with asyncio.timeout(20):
            while not await self._is_there():
                await asyncio.sleep(0.02)
        await self._sync(timeout=0)
        await self._keys()

    async def types(self, text: str, **more: Any) -> str:
        return await self.sends({"msgtype": "m.text", "body": text} | more)

    async def answers(self, text: str, to: str) -> str:
        return await self.types(text, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}})

    async def edits(self, event: str, text: str) -> str:
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event}
        return await self.types(f"* {text}", **{"m.new_content": new, "m.relates_to": relation})

    async def reacts(self, event: str, sign: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": sign}
        return await self.sends({"m.relates_to": relation}, kind="m.reaction")

    async def takes_back(self, event: str) -> None:
        await self.client.room_redact(self.room, event)

    async def sends_file(self, content: bytes, name: str, mime: str, caption: str = "") -> str:
        kind = "m.image" if mime.startswith("image/") else "m.file"
        message: Raw = {"msgtype": kind, "body": caption or name, "filename": name}
        message["info"] = {"mimetype": mime, "size": len(content)}
        if self.is_encrypted:
            locked, keys = encrypt_attachment(content)
            message["file"] = keys | {"url": await self._upload(locked, "application/octet-stream")}
        else:
            message["url"] = await self._upload(content, mime)
        return await self.sends(message)

    async def sends(self, content: Raw, *, kind: str = "m.room.message") -> str:
        if self.is_encrypted:
            await self._sync(timeout=0)
            await self._keys()
        elif self.room not in self.client.rooms:
            await self._sync(timeout=0)
        sent = await self.client.room_send(self.room, kind, content, ignore_unverified_devices=True)
        assert isinstance(sent, RoomSendResponse), sent
        return str(sent.event_id)

    async def encrypts(self) -> None:
        """Switch encryption on in a room that had none."""
        await self.client.room_put_state(self.room, ENCRYPTION["type"], ENCRYPTION["content"])
        self.is_encrypted = True

    async def as_it_lies_there(self, event: str) -> Raw:
        """An event as the homeserver has it, never opened."""
        path = f"/_matrix/client/v3/rooms/{quote(self.room)}/event/{quote(event)}"
        return await asyncio.to_thread(self.server.call, "GET", path, None, self.token)

    async def leaves(self) -> None:
        await self.client.room_leave(self.room)

    async def invites(self, user: str) -> None:
        await self.client.room_invite(self.room, user)

    async def looks(self) -> None:
        """Hear what is new."""
        await self._sync(timeout=0)
        await self._keys()

    @property
    def position(self) -> int:
        """How far this person has heard of what happened on the homeserver."""
        return int(self._since.split("_")[0][1:]) if self._since else 0

    async def screen(self) -> list[Shown]:
        """The bot's messages from top to bottom, edits and redactions applied."""
        await self._sync(timeout=0)
        await self._keys()
        shown: dict[str, Shown] = {}
        for event_id in self._order:
            raw = self._raws[event_id]
            content = raw.get("content") or {}
            relation = content.get("m.relates_to") or {}
            kind = raw.get("type")
            if kind == "m.room.redaction":
                gone = raw.get("redacts") or content.get("redacts")
                shown.pop(str(gone), None)
                for one in shown.values():
                    for sign, who in list(one.reactions.items()):
                        one.reactions[sign] = [each for each in who if each != gone]
                        if not one.reactions[sign]:
                            del one.reactions[sign]
            elif kind == "m.reaction" and relation.get("event_id") in shown:
                reactions = shown[relation["event_id"]].reactions
                reactions.setdefault(str(relation["key"]), []).append(event_id)
            elif raw.get("sender") != self.bot or not content:
                continue
            elif kind == "m.room.message" and relation.get("rel_type") == "m.replace":
                if relation["event_id"] in shown:
                    shown[relation["event_id"]].content = content["m.new_content"]
            elif kind == "m.room.message":
                shown[event_id] = Shown(event_id, content)
            elif kind == "m.room.encrypted":
                shown[event_id] = Shown(event_id, {"msgtype": "m.text", "body": "UNREADABLE"})
        return list(shown.values())

    def raws(self, kind: str) -> list[Raw]:
        """Events of a kind, as they were last heard of."""
        return [raw for raw in self._raws.values() if raw.get("type") == kind]

    async def file(self, content: Raw) -> bytes:
        """The bytes a message of the bot shows."""
        url = content["file"]["url"] if "file" in content else content["url"]
        answer = await self.client.download(url)
        body = bytes(answer.body)
        if "file" not in content:
            return body
        locked = content["file"]
        return bytes(decrypt_attachment(body, locked["key"]["k"], locked["hashes"]["sha256"], locked["iv"]))

    async def close(self) -> None:
        await self.client.close()

    # --- inside --------------------------------------------------------------------------------------------------

    async def _upload(self, content: bytes, mime: str) -> str:
        answer, _ = await self.client.upload(lambda *_: content, mime, filesize=len(content))
        assert isinstance(answer, UploadResponse), answer
        return str(answer.content_uri)

    async def _sync(self, timeout: int) -> None:  # noqa: ASYNC109 - the homeserver's, in milliseconds
        while True:
            self.client.next_batch = ""
            answer = await self.client.sync(
                timeout, since=self._since or None, sync_filter={"room": {"timeline": {"limit": 1000}}}
            )
            assert isinstance(answer, SyncResponse), answer
            is_new = answer.next_batch != self._since
            self._since = answer.next_batch
            info = answer.rooms.join.get(self.room)
            for event in info.timeline.events if info else []:
                self._take(event)
            await self._reopen()
            if not is_new or (info is None and not answer.to_device_events):
                return

    def _take(self, event: Event) -> None:
        if event.event_id not in self._raws:
            self._order.append(event.event_id)
        self._raws[event.event_id] = event.source

    async def _reopen(self) -> None:
        """What came before its key."""
        for event_id, raw in list(self._raws.items()):
            if raw.get("type") == "m.room.encrypted" and raw.get("content"):
                event = Event.parse_encrypted_event(raw)
                if isinstance(event, MegolmEvent):
                    event.room_id = self.room
                    with suppress(Exception):
                        self._raws[event_id] = self.client.decrypt_event(event).source

    async def _keys(self) -> None:
        """What encryption wants done between two looks."""
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.should_claim_keys:
            await self.client.keys_claim(self.client.get_users_for_key_claiming())
        await self.client.send_to_device_messages()

    async def _is_there(self) -> bool:
        members = await self.client.joined_members(self.room)
        return self.bot in {member.user_id for member in getattr(members, "members", [])}
