"""Which language a reader gets: what they chose, else what their browser asks for, else the city's first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

LANGUAGE_COOKIE = "qb_lang"
Languages = Sequence[tuple[str, str, bool]]
"""Tag, own name, right to left."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader's language. `in_address`: it stands in the page's address and goes along in links."""

    language: str
    rtl: bool
    in_address: bool

    @property
    def direction(self) -> str:
        return "rtl" if self.rtl else "ltr"

    def link(self, path: str, **query: str) -> str:
        """A path of ours; keeps the language of readers whose browser keeps no cookie."""
        if self.in_address:
            query["lang"] = self.language
        return f"{path}?{urlencode(query)}" if query else path


def reader_of(request: Request, languages: Languages, preferred: str = "") -> Reader:
    """The reader of a request. `preferred`: what the chat knows, if the reader chose nothing on the page."""
    asked = request.query_params.get("lang", "")
    tags = [tag for tag, _, _ in languages]
    chosen = [asked, request.cookies.get(LANGUAGE_COOKIE, ""), preferred]
    chosen += accepted(request.headers.get("accept-language", ""))
    tag = next((found for wish in chosen if (found := _match(wish, tags))), tags[0])
    rtl = next(right for known, _, right in languages if known == tag)
    return Reader(tag, rtl, in_address=_match(asked, tags) == tag)


def accepted(header: str) -> list[str]:
    """The tags of an Accept-Language header, most wanted first; nonsense is skipped."""
    wishes: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        try:
            wishes.append((float(quality or 1), tag.strip()))
        except ValueError:
            continue
    return [tag for quality, tag in sorted(wishes, key=lambda wish: -wish[0]) if tag and quality > 0]


def _match(wish: str, tags: Sequence[str]) -> str:
    """The tag itself, or the language without its region ("ar-SY" → "ar"); "" for none."""
    exact = {tag.lower(): tag for tag in tags}
    lowered = wish.lower()
    return exact.get(lowered) or exact.get(lowered.partition("-")[0], "")
