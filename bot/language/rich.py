"""Small tools for neutral rich text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.contract import Block, Bullets, Facts, Line, Paragraph, Rich, Text


def join(*parts: Rich) -> Rich:
    """One text after the other."""
    return tuple(block for part in parts for block in part)


def plain(rich: Rich) -> str:
    """The characters alone: a blank line between blocks, `- ` before a list's items, `label: value` for facts."""
    return "\n\n".join("\n".join(_lines(block)) for block in rich)


def _lines(block: Block) -> list[str]:
    if isinstance(block, Paragraph):
        return [plain_line(line) for line in block.lines]
    if isinstance(block, Bullets):
        return [f"- {plain_line(line)}" for line in block.items]
    if isinstance(block, Facts):
        return [f"{plain_line(label)}: {plain_line(value)}" for label, value in block.pairs]
    raise TypeError(block)


def plain_line(line: Line) -> str:
    """The characters of one line."""
    return "".join(run.text for run in line)


def merged(runs: Sequence[Text]) -> Line:
    """Neighbouring runs that look the same become one; links stay as they are."""
    joined: list[Text] = []
    for (bold, url), group in groupby(runs, key=lambda run: (run.bold, run.url)):
        if url:
            joined.extend(group)
        else:
            text = "".join(run.text for run in group)
            if text:
                joined.append(Text(text, bold=bold))
    return tuple(joined)
