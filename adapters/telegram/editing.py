"""What changes: a copy that is out is made to say something else, in the same places, or is taken back.

A new text may need more messages than the old one, or fewer: the surplus is deleted, what is missing is sent. All of it
can be repeated, so an answer that got lost (`Unsure`) does no harm; only a part sent anew may stand there twice.
"""

from __future__ import annotations

import json
from dataclasses import replace

from telegram import InlineKeyboardMarkup

from adapters.telegram import render
from adapters.telegram.errors import changing
from adapters.telegram.files import Files, as_media
from adapters.telegram.layout import Layout, Step, keyboard, message_ids, ordered, text_steps
from adapters.telegram.request import RawBot
from adapters.telegram.sending import NO_PREVIEW, Sender
from bot.contract import Address, Attachment, Outgoing, Ref, Rejected, Unsure
from bot.host import Store
from bot.ports import everything


class Editor:
    """Edits and deletes."""

    def __init__(self, bot: RawBot, files: Files, sender: Sender, store: Store) -> None:
        self._bot = bot
        self._files = files
        self._sender = sender
        self._store = store

    async def edit(self, to: Address, ref: Ref, message: Outgoing, key: str) -> Ref:
        new = await self._edit(to, Layout.of(await self._so_far(key) or ref), message, key)
        if set(message_ids(new)) - set(message_ids(ref)):
            await self._store.delete(_name(key))
        return new

    async def _edit(self, to: Address, old: Layout, message: Outgoing, key: str) -> Ref:
        texts, buttons = render.parts(message), keyboard(message)
        media = await self._edit_files(to, old, message, key)
        if old.caption and media.media and _fits_below(media, message, texts):
            await self._edit_caption(to, media.media[0], "".join(texts), buttons)
            return media.ref()
        if old.caption and media.media:
            await self._edit_caption(to, media.media[0], "", None)
        new = await self._edit_texts(to, media, texts, buttons, message, key)
        return replace(media, text=new, caption=False).ref()

    async def delete(self, to: Address, ref: Ref) -> None:
        """All of it, as far as Telegram lets; `Rejected` if a part must stay."""
        refused: Rejected | None = None
        for one in message_ids(ref):
            try:
                await self._delete(to, one)
            except Rejected as error:
                refused = error
        if refused is not None:
            raise refused

    # --- words ---------------------------------------------------------------------------------------------

    async def _edit_texts(
        self,
        to: Address,
        layout: Layout,
        texts: list[str],
        buttons: InlineKeyboardMarkup | None,
        message: Outgoing,
        key: str,
    ) -> tuple[int, ...]:
        plan, old = text_steps(texts, buttons), layout.text
        for one, step in zip(old, plan, strict=False):
            await self._edit_text(to, one, step)
        for one in old[len(plan) :]:
            await self._remove(to, one)
        now = old[: len(plan)]
        for step in plan[len(old) :]:
            if now:
                await self._sender.pause()
            now += tuple(await self._sender.step(to, step, replace(message, reply_to=()), first=not now))
            await self._note(key, replace(layout, text=now, caption=False))
        return now

    async def _edit_text(self, to: Address, one: int, step: Step) -> None:
        with changing(to, lost=Unsure):
            await self._bot.edit_message_text(
                step.html,
                to,
                one,
                parse_mode="HTML",
                link_preview_options=NO_PREVIEW,
                reply_markup=step.keyboard,
            )

    async def _edit_caption(
        self, to: Address, one: int, caption: str, buttons: InlineKeyboardMarkup | None
    ) -> None:
        with changing(to, lost=Unsure):
            await self._bot.edit_message_caption(
                to, one, caption=caption, parse_mode="HTML", reply_markup=buttons
            )

    # --- files ---------------------------------------------------------------------------------------------

    async def _edit_files(self, to: Address, old: Layout, message: Outgoing, key: str) -> Layout:
        """Make the files those of `message`. A file whose message carries the words stays when none is wanted."""
        wanted = ordered(message.attachments)
        if not wanted and old.caption:
            return old
        for one, before, file in zip(old.media, old.files, wanted, strict=False):
            if file.media != before:
                await self._replace_file(to, one, file)
        for one in old.media[len(wanted) :]:
            await self._remove(to, one)
        media = old.media[: len(wanted)]
        files = tuple(file.media or 0 for file in wanted)
        for file in wanted[len(old.media) :]:
            await self._sender.pause()
            quiet = replace(message, reply_to=(), silent=True)
            media += tuple(await self._sender.step(to, Step(attachments=(file,)), quiet, first=False))
            await self._note(key, replace(old, media=media, files=files[: len(media)]))
        return replace(old, media=media, files=files)

    async def _replace_file(self, to: Address, one: int, file: Attachment) -> None:
        async with self._files.lend([file]) as (source,):
            with changing(to, lost=Unsure):
                sent = await self._bot.edit_message_media(as_media(file, source), to, one)
                if not isinstance(sent, bool):
                    await self._files.learn([file], [sent])

    # --- away ----------------------------------------------------------------------------------------------

    async def _delete(self, to: Address, one: int) -> None:
        with changing(to, lost=Unsure):
            await self._bot.delete_message(to, one)

    async def _remove(self, to: Address, one: int) -> None:
        """Take a surplus part away; where it is too late for that, leave nothing of what it said."""
        try:
            await self._delete(to, one)
        except Rejected:
            await self._edit_text(to, one, Step("…"))

    # --- halfway -------------------------------------------------------------------------------------------

    async def remains(self, key: str) -> Ref:
        """What is there after an edit that sent something anew and broke off."""
        return await self._so_far(key)

    async def all_remains(self) -> dict[str, Ref]:
        """The same of all, by key."""
        notes = everything(self._store, _name(""))
        return {name.removeprefix(_name("")): _noted(stored) async for name, stored in notes}

    async def settle_remains(self, key: str) -> None:
        """Forget it."""
        await self._store.delete(_name(key))

    async def _note(self, key: str, layout: Layout) -> None:
        await self._store.put(_name(key), json.dumps(layout.ref()))

    async def _so_far(self, key: str) -> Ref:
        """What an earlier attempt of this edit left, if it sent something anew."""
        stored = await self._store.get(_name(key))
        return _noted(stored) if stored else ()


def _fits_below(layout: Layout, message: Outgoing, texts: list[str]) -> bool:
    short = len(texts) <= 1 and render.length(message) <= render.MAX_CAPTION
    return short and (len(layout.media) == 1 or not message.choices)


def _noted(stored: str) -> Ref:
    return tuple(map(str, json.loads(stored)))


def _name(key: str) -> str:
    return f"grown:{key}"
