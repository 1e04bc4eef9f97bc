"""Neutral rich text as Telegram HTML, in parts that fit.

The only place that escapes. Lengths are UTF-16 units after the markup is gone, as Telegram counts them. Parts break
between blocks if they can, else between lines, else between words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from itertools import groupby

from bot.contract import Bullets, Facts, Line, Outgoing, Paragraph, Text
from bot.language.bidi import led_from_right

MAX_TEXT = 4096
MAX_CAPTION = 1024
_WORDS = re.compile(r"\S+\s*|\s+")
_NEW_LINE = Text("\n")


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parts(message: Outgoing, limit: int = MAX_TEXT) -> list[str]:
    """The body as HTML, each part at most `limit` units long; empty for an empty body."""
    packed = _pack([_lines(block, rtl=message.rtl) for block in message.body], limit)
    return [_html(runs) for runs in packed if any(run.text.strip() for run in runs)]


def length(message: Outgoing) -> int:
    """Units of the whole body in one part."""
    blocks = [_lines(block, rtl=message.rtl) for block in message.body]
    return sum(_units(_joined(block)) for block in blocks) + 2 * max(0, len(blocks) - 1)


def _lines(block: Paragraph | Bullets | Facts, *, rtl: bool) -> list[Line]:
    match block:
        case Paragraph(lines):
            plain = list(lines)
        case Bullets(items):
            plain = [(Text("• "), *item) for item in items]
        case Facts(pairs):
            plain = [(*_label(label), *value) for label, value in pairs]
    return [led_from_right(line) for line in plain] if rtl else plain


def _label(label: Line) -> Line:
    bold = tuple(Text(run.text, bold=True, url=run.url) for run in label)
    closed = bool(bold) and bold[-1].text.rstrip().endswith((":", "?"))
    return (*bold, Text(" ")) if closed else (*bold, Text(":", bold=True), Text(" "))


def _pack(blocks: list[list[Line]], limit: int) -> Iterator[list[Text]]:
    """Fill parts block by block; a block that is too long for one part is taken line by line."""
    part: list[Text] = []
    for block in blocks:
        whole = _joined(block)
        gap = [_NEW_LINE, _NEW_LINE] if part else []
        if _units([*part, *gap, *whole]) <= limit:
            part += [*gap, *whole]
            continue
        if part:
            yield part
        part = whole
        if _units(whole) > limit:
            *full, part = _by_lines(block, limit)
            yield from full
    if part:
        yield part


def _by_lines(block: list[Line], limit: int) -> Iterator[list[Text]]:
    part: list[Text] = []
    for line in block:
        for piece in _by_words(line, limit):
            gap = [_NEW_LINE] if part else []
            if part and _units([*part, *gap, *piece]) > limit:
                yield part
                part, gap = [], []
            part += [*gap, *piece]
    yield part


def _by_words(line: Line, limit: int) -> Iterator[Line]:
    """The line itself if it fits, else stretches of it that do."""
    if _units(line) <= limit:
        yield line
        return
    piece: list[Text] = []
    used = 0
    for run in line:
        for word in _WORDS.findall(run.text):
            for bit in _by_characters(word, limit):
                if used + units(bit) > limit:
                    yield tuple(piece)
                    piece, used = [], 0
                piece.append(Text(bit, run.bold, run.url))
                used += units(bit)
    yield tuple(piece)


def _by_characters(word: str, limit: int) -> Iterator[str]:
    """The word itself if it fits, else bits of it; never apart from an accent or a joined emoji."""
    if units(word) <= limit:
        yield word
        return
    bit = ""
    for character in word:
        joined = unicodedata.combining(character) or character in "\u200d\ufe0f" or bit.endswith("\u200d")
        if units(bit + character) > limit or (units(bit) > limit - 16 and not joined):
            yield bit
            bit = ""
        bit += character
    yield bit


def _joined(block: list[Line]) -> list[Text]:
    return [run for number, line in enumerate(block) for run in ([_NEW_LINE] if number else []) + list(line)]


def _units(runs: list[Text] | Line) -> int:
    return sum(units(run.text) for run in runs)


def _html(runs: list[Text]) -> str:
    """Neighbours of one kind become one stretch: Telegram counts entities too."""
    stretches = groupby(runs, key=lambda run: (run.bold, run.url))
    return "".join(_stretch("".join(run.text for run in same), bold, url) for (bold, url), same in stretches)


def _stretch(text: str, bold: bool, url: str) -> str:
    html = escape(text, quote=False)
    if bold:
        html = f"<b>{html}</b>"
    return f'<a href="{escape(url)}">{html}</a>' if url else html
