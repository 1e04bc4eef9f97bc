"""The methods that change or take away a message that is out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.fakes.botapi.call import Call
from tests.fakes.botapi.desk import MAX_CAPTION, MAX_TEXT, Desk
from tests.fakes.botapi.state import ApiError, Json, Message

_FORTY_EIGHT_HOURS = timedelta(hours=48).total_seconds()


class Changes(Desk):
    """Edits and deletions."""

    async def edit_message_text(self, call: Call) -> Any:
        message = self._own(call, "edit")
        if message.kind != "text":
            raise ApiError(400, "Bad Request: there is no text in the message to edit")
        text, entities = self._words(call, "text", MAX_TEXT)
        if not text:
            raise ApiError(400, "Bad Request: message text is empty")
        return self._edited(message, text, entities, self._buttons(call))

    async def edit_message_caption(self, call: Call) -> Any:
        message = self._own(call, "edit")
        if message.kind == "text":
            raise ApiError(400, "Bad Request: there is no caption in the message to edit")
        text, entities = self._words(call, "caption", MAX_CAPTION)
        return self._edited(message, text, entities, self._buttons(call))

    async def edit_message_media(self, call: Call) -> Any:
        message = self._own(call, "edit")
        media = call.tree("media")
        text, entities = self._words(Call(call.method, media), "caption", MAX_CAPTION)
        file = self._given(call, media["type"], media["media"])
        same = message.file is not None and message.file.id == file.id
        message.kind, message.file = media["type"], file
        if not same:
            message.revisions += 1
        return self._edited(message, text, entities, self._buttons(call), changed=not same)

    async def edit_message_reply_markup(self, call: Call) -> Any:
        message = self._own(call, "edit")
        return self._edited(message, message.text, message.entities, self._buttons(call))

    def _edited(
        self,
        message: Message,
        text: str,
        entities: list[Json],
        buttons: list[list[Json]],
        *,
        changed: bool = False,
    ) -> Json:
        same = (message.text, message.entities, message.buttons) == (text, entities, buttons)
        if same and not changed:
            why = "specified new message content and reply markup are exactly the same as a current content"
            raise ApiError(
                400, f"Bad Request: message is not modified: {why} and reply markup of the message"
            )
        message.text, message.entities, message.buttons = text, entities, buttons
        message.edited = self.world.now()
        message.revisions += 1
        return self.world.message_json(message)

    async def delete_message(self, call: Call) -> Any:
        message = self._own(call, "delete")
        if self.world.now() - message.date > _FORTY_EIGHT_HOURS:
            raise ApiError(400, "Bad Request: message can't be deleted for everyone")
        chat = self.world.chats[message.chat]
        del chat.messages[message.id]
        chat.deleted.append(message.id)
        return True
