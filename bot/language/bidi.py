"""Right-to-left text with names, numbers and links in it, so that nothing jumps.

In a right-to-left language every value put into a sentence is isolated (U+2068 … U+2069). In a left-to-right language
only a value that holds right-to-left letters is: invisible characters in each German sentence would burden search,
copying and screen readers, and change nothing that is seen.
"""

from __future__ import annotations

import unicodedata

from bot.contract import Line, Text

FSI = "\u2068"
"""First strong isolate: the value takes its direction from its own first letter."""
PDI = "\u2069"
RLM = "\u200f"
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


def has_rtl(text: str) -> bool:
    """Whether a letter in it runs from right to left."""
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)


def isolated(text: str, *, rtl: bool) -> str:
    """`text` as a value inside a sentence of a language that is `rtl` or not."""
    return FSI + text + PDI if text and (rtl or has_rtl(text)) else text


def isolated_link(shown: str, address: str, *, rtl: bool, bold: bool) -> Line:
    """A link as runs of its own: the isolates stay outside what can be tapped."""
    link = Text(shown, bold=bold, url=address)
    return (Text(FSI), link, Text(PDI)) if rtl or has_rtl(shown) else (link,)


def led_from_right(line: Line) -> Line:
    """`line`, beginning with U+200F if readers' programs would otherwise take it for left to right.

    They go by the first strong letter outside isolates (Unicode annex 9, rules P2 and P3).
    """
    depth = 0
    for run in line:
        for character in run.text:
            direction = unicodedata.bidirectional(character)
            if direction in ("FSI", "LRI", "RLI"):
                depth += 1
            elif direction == "PDI":
                depth = max(0, depth - 1)
            elif depth == 0 and direction in _RIGHT_TO_LEFT:
                return line
            elif depth == 0 and direction == "L":
                return (Text(RLM), *line)
    return (Text(RLM), *line) if line else line
