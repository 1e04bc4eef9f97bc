"""What people type, made safe to show: no character that turns the text around it, links that lead where they say."""

from __future__ import annotations

import re
import unicodedata

from bot.contract import Line, Paragraph, Rich, Text
from bot.language.bidi import FSI, PDI, has_rtl
from bot.language.rich import merged

_NEWLINES = re.compile(r"\r\n?|[\x85\u2028\u2029\x0b\x0c]")
_KEPT_FORMAT = frozenset("\u200c\u200d")
"""Farsi and Kurdish spelling needs the non-joiner, emoji the joiner."""

_URL = re.compile(r"https?://[^\s<>\"„“”«»\u2066-\u2069]+", re.IGNORECASE)
_TRAILING = ".,;:!?'’*_،؛؟"
_PHONE = re.compile(r"(?<![\w.:/-])\+?\d[\d ()/–-]{3,}\d(?![\w.:/-]*\w)")


def strip_controls(text: str) -> str:
    """`text` without control characters and without those that change direction; line breaks become `\\n`."""
    unified = _NEWLINES.sub("\n", text)
    return "".join(character for character in unified if not _is_control(character))


def _is_control(character: str) -> bool:
    if character in "\n\t" or character in _KEPT_FORMAT or "\U000e0020" <= character <= "\U000e007f":
        return False  # the last: flags of regions are spelt with tag characters
    category = unicodedata.category(character)
    # Arabic has format characters that are visible signs (U+0600 to U+0605, U+06DD, U+08E2).
    is_sign = unicodedata.bidirectional(character) == "AN"
    return category in ("Cc", "Cs") or (category == "Cf" and not is_sign)


def user_rich(text: str) -> Rich:
    """A person's own text: its paragraphs and lines are kept, nothing in it is markup, web addresses become links."""
    lines = [line.strip() for line in strip_controls(text).split("\n")]
    blocks: list[Paragraph] = []
    current: list[Line] = []
    for line in [*lines, ""]:
        if line:
            current.append(_linked(line))
        elif current:
            blocks.append(Paragraph(tuple(current)))
            current = []
    return tuple(blocks)


def _linked(line: str) -> Line:
    isolate = has_rtl(line)
    runs: list[Text] = []
    at = 0
    for found in _URL.finditer(line):
        url = _without_trailing(found.group())
        if len(url) <= len("https://"):
            continue
        runs.append(Text(_phones(line[at : found.start()], isolate) + (FSI if isolate else "")))
        runs.append(Text(url, url=url))
        at = found.start() + len(url)
        if isolate:
            runs.append(Text(PDI))
    runs.append(Text(_phones(line[at:], isolate)))
    return merged(runs)


def _phones(text: str, isolate: bool) -> str:
    """After Arabic letters the groups of a phone number change places unless they are kept together."""
    return _PHONE.sub(lambda found: FSI + found.group() + PDI, text) if isolate else text


def _without_trailing(url: str) -> str:
    """The address without the punctuation of the sentence around it; a bracket is kept if it was opened inside."""
    while url:
        last = url[-1]
        opening = {")": "(", "]": "[", "}": "{"}.get(last)
        unopened = opening is not None and url.count(last) > url.count(opening)
        if last not in _TRAILING and not unopened:
            break
        url = url[:-1]
    return url
