"""What /export hands out, in words. The same data goes along as JSON, to the last detail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.contract import Bullets, Line, Rich, Text
from bot.language import M, Msg, Renderer
from bot.language.bidi import isolated
from bot.moderation.words import reason_name, step_name


def tell_questions(data: object, render: Renderer) -> Rich:
    """The person's questions and the answers they got."""
    rows = [(row["at"], row["text"]) for row in _rows(data)]
    # Translators: heading in /export: questions asked and answers received.
    return _listed(render, M("privacy.export.questions"), rows)


def tell_announcements(data: object, render: Renderer) -> Rich:
    """What the person wrote as staff."""
    rows = [(row["at"], " · ".join(title for title, _ in row["texts"].values())) for row in _rows(data)]
    # Translators: heading in /export: announcements the person wrote.
    return _listed(render, M("privacy.export.announcements"), rows)


def tell_moderation(data: object, render: Renderer) -> Rich:
    """What the person reported, what was decided about them, and their appeals."""
    held = data if isinstance(data, dict) else {}
    rows = [
        (row["at"], f"{render.text(reason_name(row['reason']))} {row['words']}".strip())
        for row in _rows(held.get("reports"))
    ]
    rows += [
        (row["at"], render.text(step_name(row["step"], row["days"]))) for row in _rows(held.get("decisions"))
    ]
    rows += [(row["at"], row["words"] or "–") for row in _rows(held.get("appeals"))]
    # Translators: heading in /export: reports the person made, decisions about them, appeals.
    return _listed(render, M("privacy.export.moderation"), rows)


def tell_proposals(data: object, render: Renderer) -> Rich:
    """What the person proposed and was not published; what was stands among the announcements."""
    rows = [
        (row["at"], " · ".join(title for title, _ in row["texts"].values()))
        for row in _rows(data)
        if not row["published"]
    ]
    # Translators: heading in /export: what the person proposed and was not published (yet).
    return _listed(render, M("privacy.export.proposals"), rows)


def _rows(data: object) -> Iterator[dict[str, Any]]:
    if isinstance(data, list):
        yield from (row for row in data if isinstance(row, dict))


def _listed(render: Renderer, heading: Msg, rows: list[tuple[str, str]]) -> Rich:
    if not rows:
        return ()
    items: list[Line] = []
    for at, text in rows:
        when = render.moment(datetime.fromisoformat(at))
        rtl = render.language.rtl
        items.append((Text(isolated(when, rtl=rtl)), Text(": "), Text(isolated(text, rtl=rtl))))
    return (*render.rich(heading), Bullets(tuple(items)))
