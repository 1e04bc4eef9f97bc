"""What still has to be asked before a draft can be shown: read from its row, so that no step is ever lost.

A doubt is asked first, because nothing may go out on a guess. A missing fact is asked for once and may be left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.posts.announcement import Announcement
from bot.posts.drafting.doubts import OpenDoubt, from_json
from bot.posts.kinds import TEMPLATES, FieldName, Kind
from bot.posts.understanding.danger import ASKED, sounds_dangerous


class Asking(StrEnum):
    """What is asked."""

    WORDS = "words"
    DOUBT = "doubt"
    FACT = "fact"
    DANGER = "danger"
    """Is it a warning? Its words sound like one."""
    PEOPLE = "people"
    """Can people be recognised in this picture?"""
    ALT = "alt"
    """What the picture shows, for those who can't see it."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The next question."""

    asking: Asking
    field: FieldName | None = None
    optional: bool = True
    doubt: OpenDoubt | None = None
    file: int = 0
    """Which of the files, from 0."""


def open_question(draft: Announcement, zone: ZoneInfo) -> OpenQuestion | None:
    """What to ask next; None when the draft can be shown."""
    doubts = from_json(draft.post.doubts, zone)
    if doubts:
        return OpenQuestion(Asking.DOUBT, doubts[0].field, optional=False, doubt=doubts[0])
    if not draft.post.template and not draft.original.title:
        return OpenQuestion(Asking.WORDS, optional=False)
    if _may_be_a_warning(draft):
        return OpenQuestion(Asking.DANGER, optional=False)
    return _fact(draft) or _file(draft)


def _may_be_a_warning(draft: Announcement) -> bool:
    post = draft.post
    if post.alert or post.corrects is not None or ASKED in post.asked:
        return False
    return sounds_dangerous(f"{draft.original.title}\n{draft.original.body}")


def _fact(draft: Announcement) -> OpenQuestion | None:
    form = TEMPLATES.get(Kind(draft.post.kind))
    if form is None:
        return None
    filled = draft.filled()
    missing = form.missing(filled)
    if not draft.post.template:
        for name in missing:
            if name.value not in draft.post.asked and name is not FieldName.WHAT:
                return OpenQuestion(Asking.FACT, name)
        return None
    for field in form.fields:
        if field.name in filled or (field.name.value in draft.post.asked and not field.required):
            continue
        return OpenQuestion(Asking.FACT, field.name, optional=not field.required)
    # "At least one of these": all were left out, so the first is asked again, and now it is needed.
    return OpenQuestion(Asking.FACT, missing[0], optional=False) if missing else None


def _file(draft: Announcement) -> OpenQuestion | None:
    for place, file in enumerate(draft.post.media):
        if file["kind"] != "image":
            continue
        if "people" not in file:
            return OpenQuestion(Asking.PEOPLE, file=place)
        if "alt" not in file:
            return OpenQuestion(Asking.ALT, file=place)
    return None
