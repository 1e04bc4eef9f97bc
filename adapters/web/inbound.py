"""From what a form brings to the event the house gets, and to the reader's own bubble.

A form carries a random mark. Event ids are made from it and from what was said: a double click counts once, and the
same old page used for something else counts anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from starlette.datastructures import FormData, UploadFile

from adapters.web.bubbles import tapped
from adapters.web.limits import UPLOADS, UPLOADS_OF_ADDRESS
from adapters.web.site import Problem, Site
from adapters.web.uploads import UnknownKindError
from bot.contract import Address, Happened, Inbound
from bot.language import M

MAX_TYPED = 4000


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the reader said. `tap` names a choice as `Tap.value` does."""

    mark: str
    text: str = ""
    tap: str = ""
    reply_to: str = ""
    file: UploadFile | None = None

    def event_id(self, account: str) -> str:
        content = self.tap or self.text or (self.file.filename or "" if self.file else "")
        kind = "tap" if self.tap else "file" if self.file else "text"
        return hashlib.sha256("\0".join((account, self.mark, kind, content)).encode()).hexdigest()[:40]


class Speaking:
    """Brings what readers say to the house."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def read(self, form: FormData) -> list[Said]:
        """What a form says; a suggestion of the demo may say several things. Raises `Problem` if it is too long."""
        mark = str(form.get("event", ""))[:64] or self._site.ids.token(20)
        tap = str(form.get("tap", ""))[:64]
        if tap:
            return [Said(mark, tap=tap)]
        texts = [str(text).replace("\r\n", "\n").replace("\0", "").strip() for text in form.getlist("text")]
        if any(len(text) > MAX_TYPED for text in texts):
            raise Problem(413, M("web.problem.too_long", limit=str(MAX_TYPED)))
        reply_to = str(form.get("reply", ""))[:20]
        file = form.get("file")
        if isinstance(file, UploadFile) and file.filename:
            return [Said(mark, text=texts[0] if texts else "", reply_to=reply_to, file=file)]
        return [Said(mark, text=text, reply_to=reply_to) for text in texts if text]

    async def limit_upload(self, account: str, client: str) -> None:
        self._site.limit(UPLOADS, account)
        self._site.limit(UPLOADS_OF_ADDRESS, client)

    async def say(self, account: str, language: str, said: Said) -> int:
        """Hand it to the house, once; returns the revision of the reader's own bubble."""
        event = Inbound(
            event_id=said.event_id(account),
            conversation=Address(account),
            what=Happened.TEXT,
            at=self._site.clock.now(),
            text=said.text,
            reply_to=(said.reply_to,) if said.reply_to else (),
            language=language,
        )
        event, shown = await self._completed(account, event, said)
        ref = await self._site.threads.write(
            account, shown, event.event_id, event.reply_to if said.reply_to else ()
        )
        await self._site.deliver(replace(event, ref=ref))
        return int(ref[0])

    async def leave(self, account: str) -> None:
        """The reader ends the chat on this device."""
        await self._site.deliver(
            Inbound(
                event_id=self._site.ids.token(26),
                conversation=Address(account),
                what=Happened.LEFT,
                at=self._site.clock.now(),
            )
        )

    async def _completed(self, account: str, event: Inbound, said: Said) -> tuple[Inbound, str]:
        """The event as what it is, and the words of the reader's bubble."""
        if said.tap:
            found = tapped(await self._site.threads.entries(account), said.tap)
            if found is None:
                raise Problem(409, M("web.problem.choice_gone"))
            choice, ref = found
            return replace(event, what=Happened.CHOICE, choice=choice.value, reply_to=ref), choice.label
        if said.file is not None:
            try:
                attachment = await self._site.uploads.keep(said.file)
            except UnknownKindError:
                raise Problem(415, M("web.problem.kind")) from None
            named = "\n".join(filter(None, (attachment.name, said.text)))
            return replace(event, what=Happened.ATTACHMENT, attachments=(attachment,)), named
        return event, said.text
