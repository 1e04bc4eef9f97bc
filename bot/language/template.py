"""A catalogue's text, taken apart once: blocks, lines, bold, placeholders.

The markup is read here, before any value is put in, so a value can never become markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\*\*|\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Fixed:
    """Characters of the text itself."""

    text: str
    bold: bool


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Where a value goes."""

    name: str
    bold: bool


Piece = Fixed | Placeholder
TemplateLine = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class TemplateBlock:
    """Lines that belong together; a list when `bullets`."""

    lines: tuple[TemplateLine, ...]
    bullets: bool


Template = tuple[TemplateBlock, ...]


def parse(text: str) -> Template:
    """Blocks of `text`. An empty line ends a block; so does the change between lines and list items."""
    blocks: list[TemplateBlock] = []
    lines: list[TemplateLine] = []
    bullets = False
    for raw in [*text.strip("\n").split("\n"), ""]:
        line = raw.strip()
        is_item = line.startswith("- ")
        if lines and (not line or is_item != bullets):
            blocks.append(TemplateBlock(tuple(lines), bullets))
            lines = []
        if line:
            bullets = is_item
            lines.append(_parse_line(line.removeprefix("- ") if is_item else line))
    return tuple(blocks)


def _parse_line(line: str) -> TemplateLine:
    pieces: list[Piece] = []
    bold = False
    at = 0
    for token in _TOKEN.finditer(line):
        if token.start() > at:
            pieces.append(Fixed(line[at : token.start()], bold))
        if token.group(1):
            pieces.append(Placeholder(token.group(1), bold))
        else:
            bold = not bold
        at = token.end()
    if at < len(line):
        pieces.append(Fixed(line[at:], bold))
    return tuple(pieces)


def placeholders(text: str) -> frozenset[str]:
    """Names of the placeholders in `text`."""
    return frozenset(name for name in _TOKEN.findall(text) if name)
