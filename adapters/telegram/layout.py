"""What a message became on Telegram, and what it is to become: which ids are files, which are text, who has the words.

A copy's `ref` lists its ids. One with files ends with a mark ("caption:7,8" or "files:7,8": our ids of the files, and
whether the words stand under the first), because a later edit must know what it finds and Telegram can't be asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from adapters.telegram import render
from bot.contract import Attachment, Outgoing, Ref, Rejected

_PLANS = 32
_MAX_ALBUM = 10
_MAX_DATA = 64
_PHOTOS = frozenset({"", "image/jpeg", "image/png", "image/webp"})
_MAX_PHOTO = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Layout:
    """The ids of one copy. `files` are our own ids of its files, 0 where a file has none."""

    media: tuple[int, ...] = ()
    text: tuple[int, ...] = ()
    files: tuple[int, ...] = ()
    caption: bool = False

    def ref(self) -> Ref:
        ids = tuple(str(one) for one in self.media + self.text)
        if not self.media:
            return ids
        return (*ids, ("caption:" if self.caption else "files:") + ",".join(map(str, self.files)))

    @classmethod
    def of(cls, ref: Ref) -> Layout:
        ids = message_ids(ref)
        if len(ids) == len(ref):
            return cls(text=ids)
        kind, _, listed = ref[-1].partition(":")
        files = tuple(int(one) for one in listed.split(","))
        return cls(ids[: len(files)], ids[len(files) :], files, kind == "caption")


def message_ids(ref: Ref) -> tuple[int, ...]:
    """Telegram's ids in a `ref`."""
    return tuple(int(one) for one in ref if one.isdecimal())


@dataclass(frozen=True)
class Step:
    """One request: a text, or one file or an album with its caption. Buttons are on the last."""

    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    keyboard: InlineKeyboardMarkup | None = None

    @cached_property
    def text(self) -> dict[str, object]:
        """A text in the Bot API's own words, the same to whomever it goes."""
        buttons = {} if self.keyboard is None else {"reply_markup": self.keyboard.to_dict()}
        return {
            "text": self.html,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            **buttons,
        }


class Plans:
    """The steps of the latest messages: a broadcast hands over the same few objects again and again."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Outgoing, list[Step]]] = {}

    def steps(self, message: Outgoing) -> list[Step]:
        """`steps(message)`. Known by identity: comparing what they say would cost what is saved."""
        known = self._kept.get(id(message))
        if known is None or known[0] is not message:
            if len(self._kept) >= _PLANS:
                del self._kept[next(iter(self._kept))]
            known = self._kept[id(message)] = message, steps(message)
        return known[1]

    def parts(self, message: Outgoing) -> int:
        """As how many messages Telegram counts it: an album counts each of its files."""
        try:
            return sum(max(1, len(step.attachments)) for step in self.steps(message))
        except Rejected:
            return 1


def steps(message: Outgoing) -> list[Step]:
    """The requests that make up a message. Raises `Rejected` for one that Telegram could never take."""
    buttons = keyboard(message)
    texts = render.parts(message)
    batches = _batches(message.attachments)
    if captioned(message, texts, batches):
        return [Step("".join(texts), batches[0], buttons)]
    if buttons is not None and not texts:
        texts = ["…"]
    if not texts and not batches:
        raise Rejected("there is nothing to send")
    files = [Step(attachments=batch) for batch in batches]
    return files + text_steps(texts, buttons)


def text_steps(texts: list[str], buttons: InlineKeyboardMarkup | None) -> list[Step]:
    return [Step(html, keyboard=buttons if html is texts[-1] else None) for html in texts]


def captioned(message: Outgoing, texts: list[str], batches: list[tuple[Attachment, ...]]) -> bool:
    """Whether the words stand under the file: there is one file or album, they fit, and an album has no buttons."""
    if len(batches) != 1 or len(texts) > 1 or render.length(message) > render.MAX_CAPTION:
        return False
    return len(batches[0]) == 1 or not message.choices


def keyboard(message: Outgoing) -> InlineKeyboardMarkup | None:
    """The choices as buttons. Raises `Rejected` for a value Telegram can't carry."""
    rows = [
        [_button(choice.label, choice.value, choice.url) for choice in row] for row in message.choices if row
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def is_photo(attachment: Attachment) -> bool:
    """Whether Telegram shows it as a picture; else it goes as a file."""
    return attachment.kind == "image" and attachment.mime in _PHOTOS and attachment.size <= _MAX_PHOTO


def ordered(attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """In the order in which they are sent: pictures before files, since Telegram mixes no album."""
    return tuple(sorted(attachments, key=lambda one: not is_photo(one)))


def _button(label: str, value: str, url: str) -> InlineKeyboardButton:
    if url:
        return InlineKeyboardButton(label, url=url)
    if not 1 <= len(value.encode()) <= _MAX_DATA:
        raise Rejected(f"a choice's value has {len(value.encode())} bytes; Telegram carries 1 to {_MAX_DATA}")
    return InlineKeyboardButton(label, callback_data=value)


def _batches(attachments: tuple[Attachment, ...]) -> list[tuple[Attachment, ...]]:
    """Albums of one kind (Telegram mixes no pictures and files), ten at most."""
    kinds = ([a for a in attachments if is_photo(a)], [a for a in attachments if not is_photo(a)])
    return [tuple(kind[i : i + _MAX_ALBUM]) for kind in kinds for i in range(0, len(kind), _MAX_ALBUM)]
