"""Telegram's HTML, parsed as strictly as Telegram does: what it refuses, our tests must see refused."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.fakes.botapi.state import ApiError

_STYLES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "tg-spoiler": "spoiler", "blockquote": "blockquote", "a": "text_link",
}  # fmt: skip
_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-z-]+(?:=\"[^\"<>]*\")?)*)\s*>|<|[^<]+")
_HREF = re.compile(r"href=\"([^\"]*)\"")
# The only named references Telegram knows; any other stays as it was typed.
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def parse(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and entities (offset and length in UTF-16 units). Raises `ApiError` as the real server would."""
    text = ""
    entities: list[dict[str, Any]] = []
    open_tags: list[tuple[str, int, str]] = []
    for match in _TOKEN.finditer(source):
        token, closing, tag, rest = match.group(0), match.group(1), match.group(2), match.group(3)
        offset = len(source[: match.start()].encode())
        if not token.startswith("<"):
            text += _REFERENCE.sub(lambda found: unescape(found.group(0)), token)
        elif tag is None or tag.lower() not in _STYLES:
            raise _refused(f'Unsupported start tag "{tag or ""}" at byte offset {offset}')
        elif not closing:
            href = _HREF.search(rest)
            open_tags.append((tag.lower(), units(text), unescape(href.group(1)) if href else ""))
        elif not open_tags:
            raise _refused(f"Unexpected end tag at byte offset {offset}")
        else:
            entities += _closed(open_tags.pop(), tag.lower(), units(text), offset)
    if open_tags:
        raise _refused(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return text, entities


def _closed(opened: tuple[str, int, str], tag: str, end: int, offset: int) -> list[dict[str, Any]]:
    begun, start, url = opened
    if tag != begun:
        raise _refused(f'Unmatched end tag at byte offset {offset}, expected "</{begun}>", found "</{tag}>"')
    if end == start or (begun == "a" and not url):
        return []
    entity: dict[str, Any] = {"type": _STYLES[begun], "offset": start, "length": end - start}
    return [{**entity, "url": url} if url else entity]


def _refused(why: str) -> ApiError:
    return ApiError(400, f"Bad Request: can't parse entities: {why}")
