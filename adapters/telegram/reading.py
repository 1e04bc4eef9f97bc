"""Updates as `Inbound`: what Telegram calls a message, a callback query, a chat member."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, ChatMember, ChatMemberUpdated, Message, Update

from adapters.telegram.request import RawBot
from bot.clock import Clock
from bot.contract import Address, Attachment, Happened, Inbound

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
"""Sent with every poll: left out, the server keeps what an earlier program asked for."""

_INSIDE = frozenset({ChatMember.MEMBER, ChatMember.ADMINISTRATOR, ChatMember.OWNER, ChatMember.RESTRICTED})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll brought. `next_offset` is None when nothing in it had an id."""

    events: tuple[Inbound, ...]
    taps: tuple[str, ...]
    next_offset: int | None


class Reader:
    """Reads updates one by one: one that can't be read is left out by itself, and the others count."""

    def __init__(self, bot: RawBot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self.username = ""
        """Our own, once known: "/help@our_bot" means us."""

    def batch(self, raw: list[dict[str, Any]]) -> Batch:
        events: list[Inbound] = []
        taps: list[str] = []
        ids = [update["update_id"] for update in raw if isinstance(update.get("update_id"), int)]
        for one in raw:
            try:
                update = Update.de_json(one, self._bot)
                event = self._event(update)
            except Exception as error:  # whatever it is, it concerns this update alone
                _log.warning("left out a %s from Telegram (%s)", _kind(one), type(error).__name__)
                continue
            if update.callback_query is not None:
                taps.append(update.callback_query.id)
            if event is not None:
                events.append(event)
        return Batch(tuple(events), tuple(taps), max(ids) + 1 if ids else None)

    def _event(self, update: Update) -> Inbound | None:
        event_id = str(update.update_id)
        if update.message is not None:
            return self._message(event_id, update.message, update.message.date)
        if update.edited_message is not None:
            edited = update.edited_message
            return self._message(event_id, edited, edited.edit_date or edited.date, edited=True)
        if update.callback_query is not None:
            return self._tap(event_id, update.callback_query)
        if update.my_chat_member is not None:
            return _membership(event_id, update.my_chat_member)
        return None

    def _message(
        self, event_id: str, message: Message, at: datetime, *, edited: bool = False
    ) -> Inbound | None:
        if _is_housekeeping(message):
            return None
        attachments = _attachments(message)
        arrived = Happened.ATTACHMENT if attachments else Happened.TEXT
        answered = message.reply_to_message
        return Inbound(
            event_id=event_id,
            conversation=Address(str(message.chat.id)),
            what=Happened.EDITED if edited else arrived,
            at=at,
            text=self._words(message),
            attachments=attachments,
            ref=(str(message.message_id),),
            reply_to=(str(answered.message_id),) if answered is not None else (),
            is_room=message.chat.type != "private",
            language=_language(message),
        )

    def _words(self, message: Message) -> str:
        """What was written. In a group a command names its bot; "/help@our_bot" is "/help"."""
        text = message.text or message.caption or (message.sticker.emoji if message.sticker else "") or ""
        head, space, tail = text.partition(" ")
        command, at, name = head.partition("@")
        if text.startswith("/") and at and name.lower() == self.username.lower():
            return command + space + tail
        return text

    def _tap(self, event_id: str, query: CallbackQuery) -> Inbound | None:
        if not query.data:
            return None
        on = query.message
        return Inbound(
            event_id=event_id,
            conversation=Address(str(on.chat.id if on is not None else query.from_user.id)),
            what=Happened.CHOICE,
            at=self._clock.now(),  # Telegram doesn't say when
            choice=query.data,
            reply_to=(str(on.message_id),) if on is not None else (),
            is_room=on is not None and on.chat.type != "private",
            language=query.from_user.language_code or "",
        )


def _membership(event_id: str, change: ChatMemberUpdated) -> Inbound | None:
    """We were blocked or removed, or let in (again); a change of rights is neither."""
    was, now = (member.status in _INSIDE for member in (change.old_chat_member, change.new_chat_member))
    if was == now:
        return None
    return Inbound(
        event_id=event_id,
        conversation=Address(str(change.chat.id)),
        what=Happened.JOINED if now else Happened.BLOCKED,
        at=change.date,
        is_room=change.chat.type != "private",
        language=change.from_user.language_code or "",
    )


def _attachments(message: Message) -> tuple[Attachment, ...]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return (Attachment("image", "", "image/jpeg", largest.file_size or 0, largest.file_id),)
    file = message.document or message.video or message.audio or message.animation
    if file is not None:
        mime = file.mime_type or ""
        kind = "image" if mime.startswith("image/") else "document"
        return (Attachment(kind, file.file_name or "", mime, file.file_size or 0, file.file_id),)
    voice = message.voice
    if voice is not None:
        return (Attachment("document", "", voice.mime_type or "", voice.file_size or 0, voice.file_id),)
    return ()


def _is_housekeeping(message: Message) -> bool:
    """Somebody came or went, a title changed, a message was pinned: nobody said anything."""
    return any(
        (
            message.new_chat_members,
            message.left_chat_member,
            message.new_chat_title,
            message.new_chat_photo,
            message.delete_chat_photo,
            message.group_chat_created,
            message.supergroup_chat_created,
            message.migrate_to_chat_id,
            message.migrate_from_chat_id,
            message.pinned_message,
            message.message_auto_delete_timer_changed,
        )
    )


def _language(message: Message) -> str:
    return (message.from_user.language_code or "") if message.from_user is not None else ""


def _kind(raw: dict[str, Any]) -> str:
    """The update's kind if we asked for it: an unknown key could be anything."""
    return next((kind for kind in ALLOWED if kind in raw), "thing of unknown kind")
