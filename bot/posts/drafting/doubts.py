"""Doubts about a date, kept in the draft's row until they are asked: moments as JSON, and what the answer changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.posts.kinds import FieldName
from bot.posts.understanding.moments import Doubt, DoubtKind, Moment, When


@dataclass(frozen=True, slots=True)
class OpenDoubt:
    """A doubt, and which fact it is about (when, until, new_when)."""

    field: FieldName
    doubt: Doubt


def to_json(field: FieldName, doubts: tuple[Doubt, ...]) -> list[dict[str, Any]]:
    """As `Post.doubts` keeps them."""
    return [
        {
            "field": field.value,
            "kind": doubt.kind.value,
            "candidates": [
                [_iso(moment.starts_at), _iso(moment.ends_at), moment.all_day] for moment in doubt.candidates
            ],
        }
        for doubt in doubts
    ]


def from_json(rows: list[dict[str, Any]], zone: ZoneInfo) -> list[OpenDoubt]:
    """The reverse; moments in the city's time, as the reading had them."""
    return [
        OpenDoubt(
            FieldName(row["field"]),
            Doubt(
                DoubtKind(row["kind"]),
                tuple(
                    Moment(_moment(starts, zone), _moment(ends, zone), all_day)
                    for starts, ends, all_day in row["candidates"]
                ),
            ),
        )
        for row in rows
    ]


def reading(moment: Moment, open_doubts: list[OpenDoubt], field: FieldName) -> When:
    """The reading that a draft's row still holds of one fact."""
    doubts = tuple(each.doubt for each in open_doubts if each.field is field)
    return When(moment.starts_at, moment.ends_at, moment.all_day, doubts)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(zone) if text else None
