"""What several methods ask in common: which chat, are the words well-formed, are the buttons, which file."""

from __future__ import annotations

from tests.fakes.botapi.call import Call
from tests.fakes.botapi.html import parse, units
from tests.fakes.botapi.state import BOT_ID, ApiError, Chat, File, Json, Message, World

MAX_TEXT, MAX_CAPTION, MAX_DATA = 4096, 1024, 64


class Desk:
    """Checks what a call says, and refuses in the real server's words."""

    def __init__(self, world: World) -> None:
        self.world = world

    def _chat(self, call: Call) -> Chat:
        number = call.number("chat_id")
        if number is None:
            raise ApiError(400, "Bad Request: chat_id is empty")
        chat = self.world.chats.get(number)
        if chat is None:
            raise ApiError(400, "Bad Request: chat not found")
        return chat

    def _open_chat(self, call: Call) -> Chat:
        chat = self._chat(call)
        if chat.moved_to is not None:
            moved = {"migrate_to_chat_id": chat.moved_to}
            raise ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)
        if chat.blocked and chat.kind == "private":
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat.blocked:
            raise ApiError(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
        return chat

    def _own(self, call: Call, verb: str) -> Message:
        chat = self._open_chat(call)
        message = chat.messages.get(call.number("message_id") or 0)
        if message is None:
            raise ApiError(400, f"Bad Request: message to {verb} not found")
        if message.sender != BOT_ID:
            raise ApiError(400, f"Bad Request: message can't be {verb}ed".replace("eed", "ed"))
        return message

    def _words(self, call: Call, name: str, limit: int) -> tuple[str, list[Json]]:
        source, mode = call.text(name), call.text("parse_mode")
        if mode not in ("", "HTML"):
            raise ApiError(400, "Bad Request: unsupported parse_mode")
        text, entities = parse(source) if mode else (source, [])
        if units(text) > limit:
            raise ApiError(
                400,
                "Bad Request: message is too long"
                if name == "text"
                else "Bad Request: message caption is too long",
            )
        return text, entities

    def _buttons(self, call: Call) -> list[list[Json]]:
        rows: list[list[Json]] = (call.tree("reply_markup") or {}).get("inline_keyboard", [])
        for button in (button for row in rows for button in row):
            if not button.get("text"):
                raise ApiError(400, "Bad Request: inline keyboard button text must be non-empty")
            data = button.get("callback_data")
            if data is None and not button.get("url"):
                raise ApiError(
                    400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed"
                )
            if data is not None and not 1 <= len(data.encode()) <= MAX_DATA:
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
        return [row for row in rows if row]

    def _given(self, call: Call, field_name: str, said: str) -> File:
        """A file uploaded with the request ("attach://…" or under its own field), or known by id."""
        name = said.removeprefix("attach://") if said.startswith("attach://") else field_name
        if name in call.files:
            content, file_name, mime = call.files[name]
            return self.world.keep(content, file_name, mime)
        return self._file(said)

    def _file(self, file_id: str) -> File:
        file = self.world.files.get(file_id)
        if file is None:
            raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        return file
