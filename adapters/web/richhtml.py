"""From neutral rich text to HTML: the one place of the page where text becomes markup, so the one that escapes.

Each paragraph finds its own direction: a German announcement stands in an Arabic page without its full stop jumping.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from markupsafe import Markup, escape

from bot.contract import Block, Bullets, Facts, Line, Paragraph, Rich, Text

_SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def html(rich: Rich) -> Markup:
    """Markup of a text; everything that came from somebody is escaped."""
    return Markup("").join(_block(block) for block in rich)


def safe_url(url: str) -> str:
    """The address if a reader may be sent there; else "" (javascript:, data: and the like)."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    is_local = not parts.scheme and not parts.netloc and url.startswith("/")
    return url.strip() if parts.scheme.lower() in _SAFE_SCHEMES or is_local else ""


def _block(block: Block) -> Markup:
    match block:
        case Paragraph(lines):
            return Markup('<p dir="auto">{}</p>').format(Markup("<br>").join(_line(line) for line in lines))
        case Bullets(items):
            return Markup("<ul>{}</ul>").format(
                Markup("").join(Markup('<li dir="auto">{}</li>').format(_line(item)) for item in items)
            )
        case Facts(pairs):
            return Markup("<dl>{}</dl>").format(
                Markup("").join(
                    Markup('<div><dt>{}</dt><dd dir="auto">{}</dd></div>').format(_line(label), _line(value))
                    for label, value in pairs
                )
            )


def _line(line: Line) -> Markup:
    return Markup("").join(_run(run) for run in line)


def _run(run: Text) -> Markup:
    inner = escape(run.text)
    if run.bold:
        inner = Markup("<strong>{}</strong>").format(inner)
    url = safe_url(run.url) if run.url else ""
    if not url:
        return inner
    away = Markup(' target="_blank" rel="noopener nofollow"') if url.startswith("http") else Markup("")
    return Markup('<a href="{}"{}>{}</a>').format(url, away, inner)
