"""Neutral rich text as Matrix wants it: HTML for those who show it, the same in plain words for the others.

The only place that escapes. An event holds 65 KB, an edit carries its words twice, and encryption makes them a third
longer; so a long text goes in parts, broken between blocks if it can be, else between lines, else between words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from bot.contract import Bullets, Choice, Facts, Line, Outgoing, Paragraph, Text
from bot.language.bidi import led_from_right

MAX_TEXT = 8000
_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """One event's words."""

    plain: str
    html: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Lines that stand together, and how."""

    lines: tuple[Line, ...]
    is_list: bool = False


def size(text: str) -> int:
    """Bytes of a text in an event, as the library writes them: what isn't ASCII takes six and more."""
    return len(json.dumps(text)) - 2


def parts(message: Outgoing, limit: int = MAX_TEXT) -> list[Part]:
    """The body with its numbered choices, in parts; empty for an empty message."""
    stretches = [_stretch(block, rtl=message.rtl) for block in message.body]
    listed = choice_lines(message)
    if listed:
        lines = tuple((Text(line),) for line in listed)
        stretches.append(_Stretch(tuple(map(led_from_right, lines)) if message.rtl else lines))
        if message.notice:
            stretches.append(_Stretch(((Text(message.notice),),)))
    packed = _packed(stretches, limit)
    return [part for part in map(_part, packed) if part.plain.strip()]


def choices(message: Outgoing) -> list[tuple[str, Choice]]:
    """The choices in order, each with what to type for it."""
    listed = [choice for row in message.choices for choice in row]
    numbers = message.numbers or tuple(str(place) for place in range(1, len(listed) + 1))
    return list(zip(numbers, listed, strict=True))


def choice_lines(message: Outgoing) -> list[str]:
    return [
        f"{choice.label}: {choice.url}" if choice.url else f"{number} {choice.label}"
        for number, choice in choices(message)
    ]


def _stretch(block: Paragraph | Bullets | Facts, *, rtl: bool) -> _Stretch:
    match block:
        case Paragraph(lines):
            plain: Sequence[Line] = lines
        case Bullets(items):
            plain = items
        case Facts(pairs):
            plain = [(*_label(label), *value) for label, value in pairs]
    return _Stretch(tuple(map(led_from_right, plain)) if rtl else tuple(plain), isinstance(block, Bullets))


def _label(label: Line) -> Line:
    bold = tuple(Text(run.text, bold=True, url=run.url) for run in label)
    closed = bool(bold) and bold[-1].text.rstrip().endswith((":", "?"))
    return (*bold, Text(" ")) if closed else (*bold, Text(":", bold=True), Text(" "))


def _packed(stretches: list[_Stretch], limit: int) -> Iterator[list[_Stretch]]:
    part: list[_Stretch] = []
    for stretch in stretches:
        if _size(*part, stretch) <= limit:
            part.append(stretch)
            continue
        if part:
            yield part
        *full, last = _by_lines(stretch, limit)
        yield from ([one] for one in full)
        part = [last]
    if part:
        yield part


def _by_lines(stretch: _Stretch, limit: int) -> Iterator[_Stretch]:
    lines: list[Line] = []
    for line in stretch.lines:
        for piece in _by_words(line, limit):
            if lines and _size(_Stretch((*lines, piece))) > limit:
                yield _Stretch(tuple(lines), stretch.is_list)
                lines = []
            lines.append(piece)
    yield _Stretch(tuple(lines), stretch.is_list)


def _by_words(line: Line, limit: int) -> Iterator[Line]:
    if _length(line) <= limit:
        yield line
        return
    piece: list[Text] = []
    for run in line:
        for word in _WORDS.findall(run.text):
            for bit in _by_characters(word, limit):
                if piece and _length((*piece, Text(bit))) > limit:
                    yield tuple(piece)
                    piece = []
                piece.append(Text(bit, run.bold, run.url))
    yield tuple(piece)


def _by_characters(word: str, limit: int) -> Iterator[str]:
    """The word itself if it fits. One character takes twelve bytes at most."""
    step = max(1, limit // 12)
    if size(word) <= limit:
        yield word
        return
    yield from (word[start : start + step] for start in range(0, len(word), step))


def _length(line: Line) -> int:
    return sum(size(run.text) + size(run.url) for run in line)


def _size(*stretches: _Stretch) -> int:
    return sum(_length(line) + 8 for stretch in stretches for line in stretch.lines)


def _part(stretches: list[_Stretch]) -> Part:
    return Part(
        "\n\n".join(_plain(stretch) for stretch in stretches),
        "".join(_html(stretch) for stretch in stretches),
    )


def _plain(stretch: _Stretch) -> str:
    mark = "• " if stretch.is_list else ""
    return "\n".join(mark + "".join(map(_said, line)) for line in stretch.lines)


def _said(run: Text) -> str:
    return f"{run.text} ({run.url})" if run.url and run.url != run.text else run.text


def _html(stretch: _Stretch) -> str:
    lines = ["".join(map(_run, line)) for line in stretch.lines]
    if stretch.is_list:
        return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
    return "<p>" + "<br>".join(lines) + "</p>"


def _run(run: Text) -> str:
    html = escape(run.text, quote=False).replace("\n", "<br>")
    if run.bold:
        html = f"<strong>{html}</strong>"
    return f'<a href="{escape(run.url)}">{html}</a>' if run.url else html
