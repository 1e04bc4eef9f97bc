"""What goes out: sent, changed and taken away, each request under a transaction id made of the delivery's key.

A message with files or many words is several events, each with an id of its own under that key; repeated whole, the
homeserver gives back what it has. A copy's `ref` lists its event ids, and ends with marks of what it is made of
("files:7,8": our ids of its files; "seeds": reactions stand below), because a later change must know what it finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from adapters.matrix import choosing, rendering
from adapters.matrix.account import Account
from adapters.matrix.choosing import Seeder
from adapters.matrix.conversations import Conversations
from adapters.matrix.errors import HomeserverError, sending
from adapters.matrix.files import Files
from adapters.matrix.rendering import Part
from adapters.matrix.wire import Json, room
from bot.contract import Address, Attachment, Outgoing, Ref, Rejected

_MESSAGE = "m.room.message"


@dataclass(frozen=True, slots=True)
class Layout:
    """The events of one copy."""

    media: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    files: tuple[int, ...] = ()
    seeded: bool = False

    def ref(self) -> Ref:
        files = ("files:" + ",".join(map(str, self.files)),) if self.media else ()
        return (*self.media, *self.text, *files, *(("seeds",) if self.seeded else ()))

    @classmethod
    def of(cls, ref: Ref) -> Layout:
        ids = event_ids(ref)
        listed = next((mark.removeprefix("files:") for mark in ref if mark.startswith("files:")), "")
        files = tuple(int(one) for one in listed.split(",") if one)
        return cls(ids[: len(files)], ids[len(files) :], files, "seeds" in ref)


def event_ids(ref: Ref) -> tuple[str, ...]:
    return tuple(one for one in ref if one.startswith("$"))


def events(message: Outgoing) -> int:
    """How many events a message is. Reactions below it are sent later, as fast as the homeserver likes."""
    return len(message.attachments) + len(rendering.parts(message))


class Sender:
    """Sends messages, changes them and takes them away."""

    def __init__(self, account: Account, conversations: Conversations, files: Files, seeder: Seeder) -> None:
        self._account = account
        self._conversations = conversations
        self._files = files
        self._seeder = seeder

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        texts = rendering.parts(message)
        if not texts and not message.attachments:
            raise Rejected("there is nothing to send")
        with sending():
            await self._account.open()
            media = await self._send_files(to, message.attachments, key)
            signs = choosing.seeds(message)
            text: list[str] = []
            for number, part in enumerate(texts):
                content = _content(part)
                if number == 0 and not media and (answered := event_ids(message.reply_to)):
                    content["m.relates_to"] = {"m.in_reply_to": {"event_id": answered[-1]}}
                if signs and number == len(texts) - 1:
                    content[choosing.FIELD] = signs
                text.append(await self._conversations.put(to, _MESSAGE, content, f"{_key(key)}-{number}"))
        if signs and text:
            self._seeder.plant(to, text[-1], signs, _key(key))
        files = tuple(one.media or 0 for one in message.attachments)
        return Layout(media, tuple(text), files, bool(signs and text)).ref()

    async def edit(self, to: Address, ref: Ref, message: Outgoing, key: str) -> Ref:
        old = Layout.of(ref)
        texts = rendering.parts(message)
        if not old.text and not old.media:
            raise Rejected("there is no such message to edit")
        signs = choosing.seeds(message)
        with sending():
            await self._account.open()
            media, files = old.media, tuple(one.media or 0 for one in message.attachments)
            if files != old.files:
                media = await self._send_files(to, message.attachments, key)
                await self._take_away(to, old.media, f"{_key(key)}-o")
            text: list[str] = []
            for number, part in enumerate(texts):
                content = _content(part)
                if signs and number == len(texts) - 1:
                    content[choosing.FIELD] = signs
                if number < len(old.text):
                    content = _replacing(old.text[number], part, content)
                sent = await self._conversations.put(to, _MESSAGE, content, f"{_key(key)}-{number}")
                text.append(old.text[number] if number < len(old.text) else sent)
            await self._take_away(to, old.text[len(texts) :], f"{_key(key)}-x")
            if old.seeded:
                await self._clear_seeds(to, old.text, key, but=signs if text == list(old.text) else {})
        if signs and text:
            self._seeder.plant(to, text[-1], signs, _key(key))
        return Layout(media, tuple(text), files, bool(signs and text)).ref()

    async def delete(self, to: Address, ref: Ref, key: str) -> None:
        old = Layout.of(ref)
        with sending():
            await self._account.open()
            if old.seeded:
                await self._clear_seeds(to, old.text, key, but={})
            await self._take_away(to, (*old.media, *old.text), f"{_key(key)}-x")

    async def _send_files(
        self, to: Address, attachments: tuple[Attachment, ...], key: str
    ) -> tuple[str, ...]:
        if not attachments:
            return ()
        encrypted = await self._conversations.is_encrypted(to)
        sent = []
        for number, attachment in enumerate(attachments):
            content = await self._files.content(attachment, encrypted=encrypted)
            sent.append(await self._conversations.put(to, _MESSAGE, content, f"{_key(key)}-f{number}"))
        return tuple(sent)

    async def _take_away(self, to: Address, events: tuple[str, ...], key: str) -> None:
        for number, event in enumerate(events):
            await self._conversations.redact(to, event, f"{key}{number}")

    async def _clear_seeds(
        self, to: Address, events: tuple[str, ...], key: str, *, but: dict[str, str]
    ) -> None:
        """Take our own reactions away, except those that still stand for something."""
        for event in events[-1:]:
            self._seeder.uproot(event)
            for number, (reaction, sign) in enumerate(await self._own_reactions(to, event)):
                if sign not in but:
                    await self._conversations.redact(to, reaction, f"{_key(key)}-r{number}")

    async def _own_reactions(self, to: Address, event: str) -> list[tuple[str, str]]:
        path = room(to, "relations", event, "m.annotation", "m.reaction").replace(
            "/client/v3/", "/client/v1/"
        )
        try:
            answer = await self._account.wire.call("GET", path, query={"limit": "100"})
        except HomeserverError:
            return []  # they stay; nobody is harmed
        found = []
        for one in answer.get("chunk", []):
            relation: Json = one.get("content", {}).get("m.relates_to", {})
            if one.get("sender") == self._account.user and "key" in relation:
                found.append((str(one["event_id"]), str(relation["key"])))
        return found


def _key(key: str) -> str:
    return f"qb-{quote(key, safe='')}"


def _content(part: Part) -> Json:
    return {
        "msgtype": "m.text",
        "body": part.plain,
        "format": "org.matrix.custom.html",
        "formatted_body": part.html,
    }


def _replacing(event: str, part: Part, content: Json) -> Json:
    """An edit. What stands outside the new content is for programs that know no edits."""
    return {
        "msgtype": "m.text",
        "body": f"* {part.plain[:200]}",
        "m.new_content": content,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    }
