"""The Bot API's methods, judged as the real server judges them. Each takes parsed parameters and gives the result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tests.fakes.botapi.call import Call
from tests.fakes.botapi.changes import Changes
from tests.fakes.botapi.desk import MAX_CAPTION, MAX_TEXT
from tests.fakes.botapi.limits import Limiter
from tests.fakes.botapi.state import BOT_ID, USERNAME, ApiError, Chat, Json, Message, World

MAX_DOWNLOAD = 20 * 1024 * 1024


class Methods(Changes):
    """The methods by name: `methods.find("sendMessage")`."""

    def __init__(self, world: World, limiter: Limiter) -> None:
        super().__init__(world)
        self.limiter = limiter
        self._poll = 0

    def find(self, name: str) -> Callable[[Call], Awaitable[Any]] | None:
        return self._table().get(name.lower())

    def _table(self) -> dict[str, Callable[[Call], Awaitable[Any]]]:
        all_of_them = (
            self.get_me, self.get_updates, self.send_message, self.send_photo, self.send_document,
            self.send_media_group, self.get_file, self.edit_message_text, self.edit_message_caption,
            self.edit_message_media, self.edit_message_reply_markup, self.delete_message,
            self.answer_callback_query, self.set_my_commands, self.get_my_commands, self.delete_webhook,
            self.set_webhook, self.get_chat,
        )  # fmt: skip
        return {method.__name__.replace("_", ""): method for method in all_of_them}

    # --- the bot itself ------------------------------------------------------------------------------------

    async def get_me(self, call: Call) -> Any:
        can = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        return {"id": BOT_ID, "is_bot": True, "first_name": "Quartierbote", "username": USERNAME, **can}

    async def set_webhook(self, call: Call) -> Any:
        self.world.webhook = call.text("url")
        return True

    async def delete_webhook(self, call: Call) -> Any:
        self.world.webhook = ""
        return True

    async def set_my_commands(self, call: Call) -> Any:
        commands = call.tree("commands") or []
        for one in commands:
            name = one["command"]
            if not (0 < len(name) <= 32 and all(c.islower() or c.isdigit() or c == "_" for c in name)):
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        self.world.commands[_menu_key(call)] = commands
        return True

    async def get_my_commands(self, call: Call) -> Any:
        return self.world.commands.get(_menu_key(call), [])

    async def get_chat(self, call: Call) -> Any:
        return {**self._chat(call).as_json(), "accent_color_id": 0, "max_reaction_count": 1}

    # --- what comes in -------------------------------------------------------------------------------------

    async def get_updates(self, call: Call) -> Any:
        """Long polling: confirms what is below `offset`; a newer call ends an older one with 409."""
        if self.world.webhook:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        allowed = call.tree("allowed_updates")
        if allowed is not None:
            self.world.allowed = set(allowed) or None
        queue = self.world.updates
        offset = call.number("offset")
        while offset and queue and queue[0]["update_id"] < offset:
            queue.popleft()
        self._poll += 1
        await self._wait_for_news(self._poll, call.number("timeout") or 0)
        return list(queue)[: call.number("limit") or 100]

    async def _wait_for_news(self, me: int, seconds: int) -> None:
        self.world.news.set()  # wakes an older poll, which finds itself replaced
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not self.world.updates and loop.time() < end:
            self.world.news.clear()
            try:
                await asyncio.wait_for(self.world.news.wait(), timeout=max(0.0, end - loop.time()))
            except TimeoutError:
                return
            if me != self._poll:
                why = (
                    "terminated by other getUpdates request; make sure that only one bot instance is running"
                )
                raise ApiError(409, f"Conflict: {why}")

    async def answer_callback_query(self, call: Call) -> Any:
        tap = call.text("callback_query_id")
        if tap not in self.world.taps:
            raise ApiError(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        self.world.answered.append(tap)
        return True

    async def get_file(self, call: Call) -> Any:
        file = self._file(call.text("file_id"))
        if len(file.content) > MAX_DOWNLOAD:
            raise ApiError(400, "Bad Request: file is too big")
        path = f"documents/{file.id}"
        return {
            "file_id": file.id,
            "file_unique_id": "u" + file.id,
            "file_size": len(file.content),
            "file_path": path,
        }

    # --- what goes out -------------------------------------------------------------------------------------

    async def send_message(self, call: Call) -> Any:
        chat = self._open_chat(call)
        text, entities = self._words(call, "text", MAX_TEXT)
        if not text:
            raise ApiError(400, "Bad Request: message text is empty")
        draft = self._draft(call, chat, text, entities)
        self.limiter.admit(chat, 1, paid=call.flag("allow_paid_broadcast"))
        return self._accept(draft)

    async def send_photo(self, call: Call) -> Any:
        return self._send_file(call, "photo")

    async def send_document(self, call: Call) -> Any:
        return self._send_file(call, "document")

    def _send_file(self, call: Call, kind: str) -> Json:
        chat = self._open_chat(call)
        text, entities = self._words(call, "caption", MAX_CAPTION)
        draft = self._draft(call, chat, text, entities)
        self.limiter.admit(chat, 1, paid=call.flag("allow_paid_broadcast"))
        draft.kind, draft.file = kind, self._given(call, kind, call.text(kind))
        return self._accept(draft)

    async def send_media_group(self, call: Call) -> Any:
        chat = self._open_chat(call)
        parts = call.tree("media") or []
        if not 2 <= len(parts) <= 10:
            raise ApiError(400, "Bad Request: MEDIA_COUNT_INVALID")
        if len({part["type"] for part in parts}) > 1:
            raise ApiError(400, "Bad Request: document can't be mixed with other media types")
        if call.values.get("reply_markup"):
            raise ApiError(400, "Bad Request: reply markup isn't supported for albums")
        drafts = []
        for part in parts:
            words = Call(call.method, part)
            text, entities = self._words(words, "caption", MAX_CAPTION)
            draft = self._draft(call, chat, text, entities)
            draft.kind, draft.file = part["type"], self._given(call, part["type"], part["media"])
            drafts.append(draft)
        self.limiter.admit(chat, len(parts), paid=call.flag("allow_paid_broadcast"))
        album = self.world.next_id("ALBUM")
        for draft in drafts:
            draft.album = album
        return [self._accept(draft) for draft in drafts]

    def _draft(self, call: Call, chat: Chat, text: str, entities: list[Json]) -> Message:
        message = Message(0, chat.id, self.world.now(), text, entities)
        message.buttons = self._buttons(call)
        message.silent = call.flag("disable_notification")
        reply = call.tree("reply_parameters")
        if reply:
            if reply["message_id"] in chat.messages:
                message.reply_to = reply["message_id"]
            elif not reply.get("allow_sending_without_reply"):
                raise ApiError(400, "Bad Request: message to be replied not found")
        return message

    def _accept(self, message: Message) -> Json:
        message.id = self.world.next_message()
        self.world.chats[message.chat].messages[message.id] = message
        self.world.sends.setdefault(message.chat, []).append(message.text)
        self.world.log.accepted.append(self.world.log.entry(message.chat, message.text))
        return self.world.message_json(message)


def _menu_key(call: Call) -> str:
    """The scope and language a list of commands is for, as "default/de" or "chat:17/"."""
    scope = call.tree("scope") or {"type": "default"}
    where = scope["type"] + (f":{scope['chat_id']}" if "chat_id" in scope else "")
    return f"{where}/{call.text('language_code')}"
