"""A room's events as `Inbound`: what Matrix calls a message, a reaction, a redaction, a member.

It reads the plain JSON of one event at a time, decrypted or never encrypted. One that can't be read is left out by
itself, and the others count.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from adapters.matrix.choosing import chosen
from adapters.matrix.files import source
from adapters.matrix.wire import Json
from bot.contract import Address, Attachment, Happened, Inbound, Ref

Look = Callable[[str, str], Awaitable[Json | None]]
"""The content of one of our own messages as it stands now, by room and event id; None if it isn't ours."""

_FILES = {"m.image": "image", "m.file": "document", "m.video": "document", "m.audio": "document"}
_KNOWN = frozenset({"m.room.message", "m.room.member", "m.room.redaction", "m.reaction", "m.sticker"})
_UNSPOKEN = ("m.notice", "m.key.verification")
_INSIDE = frozenset({"join"})
_log = logging.getLogger(__name__)


class Reader:
    """Reads what others did. What we did ourselves comes back too, and is passed over."""

    def __init__(self, me: str, look: Look) -> None:
        self._me = me
        self._look = look

    async def event(self, room_id: str, raw: Json, *, is_room: bool) -> Inbound | None:
        """What happened, or None if it is nothing to us. A homeserver's failure is the caller's."""
        try:
            return await self._read(room_id, raw, is_room=is_room)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            _log.warning("left out a %s from Matrix (%s)", _kind(raw), type(error).__name__)
            return None

    async def _read(self, room_id: str, raw: Json, *, is_room: bool) -> Inbound | None:
        happened = _Happening(room_id, raw, is_room)
        if raw.get("type") == "m.room.member":
            return self._member(happened)
        if raw.get("state_key") is not None or happened.sender == self._me or not happened.content:
            return self._redaction(happened) if raw.get("type") == "m.room.redaction" else None
        match raw.get("type"):
            case "m.room.message":
                return _message(happened)
            case "m.sticker":
                return happened.told(Happened.TEXT, text=str(happened.content.get("body", "")))
            case "m.reaction":
                return await self._reaction(happened)
            case "m.room.redaction":
                return self._redaction(happened)
        return None

    def _redaction(self, happened: _Happening) -> Inbound | None:
        gone = happened.raw.get("redacts") or happened.content.get("redacts")
        if happened.sender == self._me or not isinstance(gone, str):
            return None
        return happened.told(Happened.DELETED, ref=(gone,))

    def _member(self, happened: _Happening) -> Inbound | None:
        """We came in, or somebody went. What changes is only a name or a picture is neither."""
        before = happened.raw.get("unsigned", {}).get("prev_content", {}).get("membership")
        now = happened.content["membership"]
        if before == now:
            return None
        if happened.raw.get("state_key") == self._me:
            if now == "join":
                return happened.told(Happened.JOINED)
            if now in ("leave", "ban") and happened.sender != self._me:
                return happened.told(Happened.BLOCKED)
            return None
        if now in ("leave", "ban") and before in ("join", "invite", None) and not happened.is_room:
            return happened.told(Happened.LEFT)
        return None

    async def _reaction(self, happened: _Happening) -> Inbound | None:
        relation = happened.content["m.relates_to"]
        sign, to = str(relation["key"]), str(relation["event_id"])
        ours = await self._look(happened.room_id, to)
        value = chosen(ours, sign) if ours else ""
        if value:
            return happened.told(Happened.CHOICE, choice=value, reply_to=(to,))
        return happened.told(Happened.REACTION, text=sign, reply_to=(to,))


class _Happening:
    """One event, with what every kind of it has."""

    def __init__(self, room_id: str, raw: Json, is_room: bool) -> None:
        self.room_id = room_id
        self.raw = raw
        self.is_room = is_room
        self.content: Json = raw["content"]
        self.sender = str(raw["sender"])
        self.event_id = str(raw["event_id"])
        self.at = datetime.fromtimestamp(raw["origin_server_ts"] / 1000, UTC)

    def told(
        self,
        what: Happened,
        *,
        text: str = "",
        choice: str = "",
        attachments: tuple[Attachment, ...] = (),
        ref: Ref = (),
        reply_to: Ref = (),
    ) -> Inbound:
        return Inbound(
            event_id=self.event_id,
            conversation=Address(self.room_id),
            what=what,
            at=self.at,
            text=text,
            choice=choice,
            attachments=attachments,
            ref=ref or (self.event_id,),
            reply_to=reply_to,
            is_room=self.is_room,
        )


def _message(happened: _Happening) -> Inbound | None:
    """Words or a file. An edit is told as one: taken for a new text it would be a second command."""
    content = happened.content
    relation: Json = content.get("m.relates_to") or {}
    if relation.get("rel_type") == "m.replace":
        new: Json = content.get("m.new_content") or {}
        words, files = _words(new), _attachments(new)
        return happened.told(Happened.EDITED, text=words, attachments=files, ref=(str(relation["event_id"]),))
    kind = str(content.get("msgtype", ""))
    if kind.startswith(_UNSPOKEN):
        return None
    files = _attachments(content)
    if kind in _FILES and not files:
        return None
    return happened.told(
        Happened.ATTACHMENT if files else Happened.TEXT,
        text=_words(content),
        attachments=files,
        reply_to=_answered(relation),
    )


def _words(content: Json) -> str:
    """What was written: below a file only if it isn't the file's name; without a quoted answer above it."""
    body = str(content.get("body", ""))
    if content.get("msgtype") in _FILES:
        name = content.get("filename")
        return body if name is not None and name != body else ""
    answered = (content.get("m.relates_to") or {}).get("m.in_reply_to")
    return _unquoted(body) if answered else body


def _unquoted(body: str) -> str:
    """Without the quote that older programs put above an answer: "> <@a:b> words"."""
    if not body.startswith("> <"):
        return body
    lines = body.split("\n")
    while lines and lines[0].startswith(">"):
        lines.pop(0)
    return "\n".join(lines).lstrip("\n")


def _answered(relation: Json) -> Ref:
    if relation.get("rel_type") == "m.thread" and relation.get("is_falling_back"):
        return (str(relation["event_id"]),)
    answered = relation.get("m.in_reply_to")
    return (str(answered["event_id"]),) if isinstance(answered, dict) else ()


def _attachments(content: Json) -> tuple[Attachment, ...]:
    kind = _FILES.get(str(content.get("msgtype")))
    where = source(content)
    if kind is None or not where:
        return ()
    info: Json = content.get("info") or {}
    size = info.get("size")
    name = str(content.get("filename") or content.get("body") or "")
    mime = str(info.get("mimetype") or "")
    return (Attachment(kind, name, mime, size if isinstance(size, int) and size > 0 else 0, where),)


def _kind(raw: Any) -> str:
    """The event's kind if it is a known one: an unknown one could be anything."""
    kind = raw.get("type") if isinstance(raw, dict) else ""
    return kind if kind in _KNOWN else "thing of unknown kind"
