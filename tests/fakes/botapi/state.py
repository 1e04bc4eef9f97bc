"""What the server knows: chats with their messages, files, the queue of updates, and what was accepted."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
BOT_ID = 4242
USERNAME = "quartier_test_bot"


class ApiError(Exception):
    """An answer that is not ok: HTTP status, description, and the optional `parameters`."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass
class File:
    id: str
    content: bytes
    name: str
    mime: str


@dataclass
class Message:
    id: int
    chat: int
    date: int
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    kind: str = "text"
    """"text", "photo" or "document"; for the latter two `text` is the caption."""
    file: File | None = None
    sender: int = BOT_ID
    buttons: list[list[Json]] = field(default_factory=list)
    reply_to: int | None = None
    album: str | None = None
    silent: bool = False
    edited: int | None = None
    revisions: int = 0


@dataclass
class Chat:
    id: int
    kind: str = "private"
    name: str = "Someone"
    language: str = "de"
    blocked: bool = False
    moved_to: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)

    def as_json(self) -> Json:
        label = {"first_name": self.name} if self.kind == "private" else {"title": self.name}
        return {"id": self.id, "type": self.kind, **label}

    def person(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}


@dataclass
class Log:
    """What happened when, in seconds of a clock that only runs forward: (when, chat, the first words)."""

    accepted: list[tuple[float, int, str]] = field(default_factory=list)
    refused: list[tuple[float, int, str]] = field(default_factory=list)
    """With 429."""
    typed: list[tuple[float, int, str]] = field(default_factory=list)
    """By people."""
    spans: list[tuple[float, float]] = field(default_factory=list)
    """When each send came in, and when it was answered (or would have been: who asked may be gone)."""

    @staticmethod
    def entry(chat: int, text: str) -> tuple[float, int, str]:
        return time.monotonic(), chat, text[:40]


class World:
    """Everything the server remembers. Message ids count over all chats, as on Telegram."""

    def __init__(self) -> None:
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.updates: deque[Json] = deque()
        self.news = asyncio.Event()
        self.allowed: set[str] | None = None
        self.commands: dict[str, list[Json]] = {}
        self.answered: list[str] = []
        self.taps: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.sends: dict[int, list[str]] = {}
        self.log = Log()
        self.webhook = ""
        self.clock_ahead = 0.0
        self._last_message = 100
        self._last_update = 7000
        self._last_other = 0

    def now(self) -> int:
        return int(time.time() + self.clock_ahead)

    def next_message(self) -> int:
        self._last_message += 1
        return self._last_message

    def next_id(self, prefix: str) -> str:
        self._last_other += 1
        return f"{prefix}{self._last_other}"

    def keep(self, content: bytes, name: str, mime: str) -> File:
        file = File(self.next_id("FILE"), content, name, mime)
        self.files[file.id] = file
        return file

    def push(self, kind: str, payload: Json) -> None:
        """Queue an update if the bot asked for its kind. Left out for good otherwise, as on Telegram."""
        unasked = {"chat_member", "message_reaction", "message_reaction_count"}
        wanted = kind in self.allowed if self.allowed else kind not in unasked
        if wanted:
            self.push_raw({kind: payload})

    def push_raw(self, update: Json) -> None:
        self._last_update += 1
        self.updates.append({"update_id": self._last_update, **update})
        self.news.set()

    def message_json(self, message: Message, *, nested: bool = False) -> Json:
        chat = self.chats[message.chat]
        bot = {"id": BOT_ID, "is_bot": True, "first_name": "Quartierbote", "username": USERNAME}
        sender = bot if message.sender == BOT_ID else self.chats.get(message.sender, chat).person()
        out: Json = {"message_id": message.id, "date": message.date, "chat": chat.as_json(), "from": sender}
        words, marks = ("text", "entities") if message.kind == "text" else ("caption", "caption_entities")
        if message.text:
            out[words] = message.text
        if message.entities:
            out[marks] = message.entities
        if message.file is not None:
            out |= _file_json(message.kind, message.file)
        if message.buttons:
            out["reply_markup"] = {"inline_keyboard": message.buttons}
        if message.album:
            out["media_group_id"] = message.album
        if message.edited:
            out["edit_date"] = message.edited
        if message.reply_to and not nested and message.reply_to in chat.messages:
            out["reply_to_message"] = self.message_json(chat.messages[message.reply_to], nested=True)
        return out


def _file_json(kind: str, file: File) -> Json:
    size = {"file_id": file.id, "file_unique_id": "u" + file.id, "file_size": len(file.content)}
    if kind == "photo":
        small = {"file_id": "s" + file.id, "file_unique_id": "us" + file.id, "width": 90, "height": 60}
        return {"photo": [small, {**size, "width": 1280, "height": 853}]}
    return {"document": {**size, "file_name": file.name, "mime_type": file.mime}}
