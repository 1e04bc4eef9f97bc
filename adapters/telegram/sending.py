"""What goes out, step by step.

Most messages are one request. One that needs several (a long text, files and words) notes after each what is out. If
it breaks off, that is asked for (`remains`) and kept with the copy, which is then completed, or taken back, by an edit
or deletion. Only where nobody could ask is it sent once more under the same key: then it goes on from the note.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable

from telegram import LinkPreviewOptions, Message, ReplyParameters

from adapters.telegram.errors import changing, sending
from adapters.telegram.files import Files, Source, as_media
from adapters.telegram.layout import Layout, Plans, Step, is_photo, message_ids
from adapters.telegram.request import RawBot
from bot.contract import Address, Outgoing, Ref
from bot.host import Store
from bot.ports import everything

Sleep = Callable[[float], Awaitable[None]]
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_BETWEEN_PARTS = 1.05
"""Seconds: Telegram takes one message a second per chat."""


class Sender:
    """Sends messages and parts of messages."""

    def __init__(
        self, bot: RawBot, files: Files, store: Store, sleep: Sleep = asyncio.sleep, *, pays: bool = False
    ) -> None:
        self._bot = bot
        self._files = files
        self._store = store
        self._sleep = sleep
        self.plans = Plans()
        self._pays = True if pays else None
        """As the Bot API has it: not said at all unless it is so."""

    async def send(self, to: Address, message: Outgoing, key: str) -> Ref:
        plan = self.plans.steps(message)
        if len(plan) == 1 and not plan[0].attachments:
            return tuple(map(str, await self.step(to, plan[0], message, first=True)))
        done = await self._begun(to, plan, key) if len(plan) > 1 else []
        for number, step in enumerate(plan):
            if number < len(done):
                continue
            if number:
                await self._sleep(_BETWEEN_PARTS)
            done.append(await self.step(to, step, message, first=number == 0))
            if len(plan) > 1 and number + 1 < len(plan):
                await self._note(plan, key, done)
        if len(plan) > 1:
            await self._store.delete(_name(key))
        return _layout(plan, done).ref()

    async def step(self, to: Address, step: Step, message: Outgoing, *, first: bool) -> list[int]:
        """One request; the ids it made. Only the first of a message makes a sound."""
        silent = message.silent or not first
        answered = message_ids(message.reply_to)[:1] if first else ()
        reply = ReplyParameters(answered[0], allow_sending_without_reply=True) if answered else None
        if not step.attachments:
            with sending(to):
                return [await self._send_text(to, step, silent, reply)]
        async with self._files.lend(step.attachments) as sources:
            with sending(to):
                messages = await self._send_files(to, step, sources, silent, reply)
            await self._files.learn(step.attachments, messages)
        return [one.message_id for one in messages]

    async def _send_text(self, to: Address, step: Step, silent: bool, reply: ReplyParameters | None) -> int:
        values = {"chat_id": to, "disable_notification": silent, **step.text}
        if self._pays:
            values["allow_paid_broadcast"] = True
        if reply is not None:
            values["reply_parameters"] = reply.to_dict()
        return int((await self._bot.call("sendMessage", values))["message_id"])

    async def remains(self, key: str) -> Ref:
        """What is out of a message that broke off."""
        stored = await self._store.get(_name(key))
        return () if stored is None else _noted(stored)

    async def all_remains(self) -> dict[str, Ref]:
        """The same of all, by key."""
        notes = everything(self._store, _name(""))
        return {name.removeprefix(_name("")): _noted(stored) async for name, stored in notes}

    async def settle_remains(self, key: str) -> None:
        """Forget it."""
        await self._store.delete(_name(key))

    async def pause(self) -> None:
        """Between two messages to one chat."""
        await self._sleep(_BETWEEN_PARTS)

    async def _send_files(
        self, to: Address, step: Step, sources: list[Source], silent: bool, reply: ReplyParameters | None
    ) -> list[Message]:
        caption = step.html or None
        if len(sources) > 1:
            album = [
                as_media(attachment, source, step.html if number == 0 else "")
                for number, (attachment, source) in enumerate(zip(step.attachments, sources, strict=True))
            ]
            return list(
                await self._bot.send_media_group(
                    to,
                    album,
                    disable_notification=silent,
                    reply_parameters=reply,
                    allow_paid_broadcast=self._pays,
                )
            )
        if is_photo(step.attachments[0]):
            return [
                await self._bot.send_photo(
                    to,
                    sources[0],
                    caption,
                    parse_mode="HTML",
                    disable_notification=silent,
                    reply_parameters=reply,
                    reply_markup=step.keyboard,
                    allow_paid_broadcast=self._pays,
                )
            ]
        return [
            await self._bot.send_document(
                to,
                sources[0],
                caption,
                parse_mode="HTML",
                disable_notification=silent,
                reply_parameters=reply,
                reply_markup=step.keyboard,
                allow_paid_broadcast=self._pays,
            )
        ]

    async def _begun(self, to: Address, plan: list[Step], key: str) -> list[list[int]]:
        """What an earlier attempt sent. If it said something else, that is taken back and all begins anew."""
        stored = await self._store.get(_name(key))
        if stored is None:
            return []
        note = json.loads(stored)
        done: list[list[int]] = note["done"]
        if note["plan"] == _fingerprint(plan):
            return done
        for one in (one for ids in done for one in ids):
            with changing(to):
                await self._bot.delete_message(to, one)
        await self._store.delete(_name(key))
        return []

    async def _note(self, plan: list[Step], key: str, done: list[list[int]]) -> None:
        note = {"plan": _fingerprint(plan), "done": done, "ref": _layout(plan, done).ref()}
        await self._store.put(_name(key), json.dumps(note))


def _layout(plan: list[Step], done: list[list[int]]) -> Layout:
    """Of the steps that are done."""
    pairs = list(zip(plan, done, strict=False))
    return Layout(
        media=tuple(one for step, ids in pairs if step.attachments for one in ids),
        text=tuple(one for step, ids in pairs if not step.attachments for one in ids),
        files=tuple(file.media or 0 for step, _ in pairs for file in step.attachments),
        caption=len(plan) == 1 and bool(plan[0].attachments),
    )


def _noted(stored: str) -> Ref:
    note = json.loads(stored)
    return tuple(note.get("ref") or (str(one) for ids in note["done"] for one in ids))


def _name(key: str) -> str:
    return f"begun:{key}"


def _fingerprint(plan: list[Step]) -> str:
    """Recognises a plan without keeping its words."""
    said = json.dumps([[step.html, [file.media or 0 for file in step.attachments]] for step in plan])
    return hashlib.sha256(said.encode()).hexdigest()[:16]
