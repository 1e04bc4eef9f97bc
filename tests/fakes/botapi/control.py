"""The people's side, for tests: what a person does, what they see, and what shall go wrong next."""

from __future__ import annotations

import base64
import random
from typing import Any

from aiohttp import web

from tests.fakes.botapi.faults import Fault
from tests.fakes.botapi.limits import Limiter
from tests.fakes.botapi.state import BOT_ID, USERNAME, Chat, Json, Log, Message, World


class Control:
    """POST /_control/<action> with a JSON object; answers JSON. A wrong order of a test is a 409 with its reason."""

    def __init__(self, world: World, limiter: Limiter) -> None:
        self._world = world
        self._limiter = limiter
        self._faults: list[Fault] = []
        self.latency = self.jitter = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        action = getattr(self, "do_" + request.match_info["action"], None)
        if action is None:
            return web.json_response({"error": "no such action"}, status=409)
        try:
            return web.json_response(action(await request.json()))
        except LookupError as error:
            return web.json_response({"error": str(error)}, status=409)

    def fault_for(self, method: str, chat: int | None) -> Fault | None:
        """The next fault for this call, used up by asking."""
        for fault in self._faults:
            if fault.fits(method, chat):
                fault.count -= 1
                return fault
        return None

    def delay(self) -> float:
        """Seconds that the next call is on its way before the server counts it."""
        return self.latency + (random.uniform(0.0, self.jitter) if self.jitter else 0.0)

    # --- what people do ------------------------------------------------------------------------------------

    def do_chats(self, order: Json) -> Any:
        """Make chats known to the bot: `chats` of {id, kind, name, language}."""
        for one in order["chats"]:
            self._world.chats.setdefault(one["id"], Chat(**one))
        return True

    def do_type(self, order: Json) -> Any:
        message = self._written(order, order["text"])
        return self._say(message)

    def do_send_file(self, order: Json) -> Any:
        message = self._written(order, order.get("caption", ""))
        content = base64.b64decode(order["content"])
        message.kind = order["kind"]
        message.file = self._world.keep(content, order["name"], order["mime"])
        return self._say(message)

    def do_edit(self, order: Json) -> Any:
        message = self._world.chats[order["chat"]].messages[order["message"]]
        message.text, message.edited = order["text"], self._world.now()
        self._world.push("edited_message", self._world.message_json(message))
        return True

    def do_tap(self, order: Json) -> Any:
        """Tap the newest button whose label or data is `button`; `message`: on that one."""
        chat = self._world.chats[order["chat"]]
        for message in reversed(chat.messages.values()):
            if order.get("message") not in (None, message.id):
                continue
            for button in (button for row in message.buttons for button in row):
                if order["button"] in (button["text"], button.get("callback_data")):
                    return self._tapped(chat, message, button)
        raise LookupError(f"no button {order['button']!r} in sight")

    def _tapped(self, chat: Chat, message: Message, button: Json) -> Any:
        if button.get("url"):
            return {"url": button["url"]}
        tap = self._world.next_id("TAP")
        self._world.taps.add(tap)
        query = {"id": tap, "from": chat.person(), "chat_instance": "1", "data": button["callback_data"]}
        self._world.push("callback_query", {**query, "message": self._world.message_json(message)})
        return {"tap": tap}

    def do_block(self, order: Json) -> Any:
        """Block (`blocked` true) or let in again; in a group: remove or add the bot."""
        chat = self._world.chats[order["chat"]]
        before = "kicked" if chat.blocked else "member"
        chat.blocked = order["blocked"]
        after = "kicked" if chat.blocked else "member"
        change = {"chat": chat.as_json(), "from": chat.person(), "date": self._world.now()}
        states = {"old_chat_member": _member(before), "new_chat_member": _member(after)}
        self._world.push("my_chat_member", {**change, **states})
        return True

    def do_move(self, order: Json) -> Any:
        """A group becomes a supergroup with the id `new`."""
        chat = self._world.chats[order["chat"]]
        chat.moved_to = order["new"]
        self._world.chats[order["new"]] = Chat(order["new"], "supergroup", chat.name)
        return True

    def do_update(self, order: Json) -> Any:
        """Any update at all, also one that can't be parsed."""
        self._world.push_raw(order["update"])
        return True

    def _written(self, order: Json, text: str) -> Message:
        chat = self._world.chats[order["chat"]]
        sender = order.get("sender", chat.id)
        message = Message(self._world.next_message(), chat.id, self._world.now(), text, sender=sender)
        message.reply_to = order.get("reply_to")
        return message

    def _say(self, message: Message) -> int:
        self._world.chats[message.chat].messages[message.id] = message
        self._world.log.typed.append(self._world.log.entry(message.chat, message.text))
        self._world.push("message", self._world.message_json(message))
        return message.id

    # --- what people see -----------------------------------------------------------------------------------

    def do_transcript(self, order: Json) -> Any:
        chat = self._world.chats[order["chat"]]
        return [_seen(message) for message in chat.messages.values()]

    def do_state(self, order: Json) -> Any:
        """What the server counted: accepted texts by chat, calls by method, taps answered, menus, updates waiting."""
        world = self._world
        return {
            "sends": {str(chat): texts for chat, texts in world.sends.items()},
            "calls": dict(world.calls),
            "answered": world.answered,
            "commands": world.commands,
            "allowed": sorted(world.allowed or ()),
            "waiting": len(world.updates),
            "files": len(world.files),
        }

    def do_log(self, order: Json) -> Any:
        """What was typed, accepted and refused with 429, and when: see `state.Log`. `clear`: and forget it."""
        log = self._world.log
        if order.get("clear"):
            self._world.log = Log()
        return {"accepted": log.accepted, "refused": log.refused, "typed": log.typed}

    def do_spans(self, order: Json) -> Any:
        """From when to when each send was under way: see `state.Log`."""
        return self._world.log.spans

    # --- what shall happen ---------------------------------------------------------------------------------

    def do_fault(self, order: Json) -> Any:
        self._faults.append(Fault(**order))
        return True

    def do_calm(self, order: Json) -> Any:
        self._faults.clear()
        return True

    def do_set(self, order: Json) -> Any:
        """At any time, as often as wanted: what isn't named stays.

        `limiter` (bool), `model` ("strict" or "bucket"), `per_second`, `per_chat` (a second), `per_group_minute`:
        see `limits.Limiter`. `latency` and `jitter` (s): a call is on its way for `latency` and a random part of
        `jitter`, each drawn anew, before it is counted. `ahead` (s the server's clock is put on), `webhook` (URL).
        """
        limiter = self._limiter
        limiter.on = order.get("limiter", limiter.on)
        limiter.model = order.get("model", limiter.model)
        limiter.per_second = order.get("per_second", limiter.per_second)
        limiter.per_chat = order.get("per_chat", limiter.per_chat)
        limiter.per_group_minute = order.get("per_group_minute", limiter.per_group_minute)
        self.latency = order.get("latency", self.latency)
        self.jitter = order.get("jitter", self.jitter)
        self._world.clock_ahead = order.get("ahead", self._world.clock_ahead)
        self._world.webhook = order.get("webhook", self._world.webhook)
        return True


def _seen(message: Message) -> Json:
    return {
        "id": message.id,
        "from_bot": message.sender == BOT_ID,
        "text": message.text,
        "entities": message.entities,
        "kind": message.kind,
        "file": message.file.name if message.file else "",
        "buttons": [[_button(button) for button in row] for row in message.buttons],
        "reply_to": message.reply_to,
        "album": message.album,
        "silent": message.silent,
        "revisions": message.revisions,
    }


def _button(button: Json) -> Json:
    return {"label": button["text"], "data": button.get("callback_data", ""), "url": button.get("url", "")}


def _member(status: str) -> Json:
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "Quartierbote", "username": USERNAME}
    return {"status": status, "user": bot, **({"until_date": 0} if status == "kicked" else {})}
