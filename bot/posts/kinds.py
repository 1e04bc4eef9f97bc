"""What kinds of announcements there are, and which fields each one's form asks for.

Data, so that a form, a preview and a test read the same table. The words of each kind and field live in `locales/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an announcement is."""

    EVENT = "event"
    CANCELLED = "cancelled"
    MOVED = "moved"
    CLOSED = "closed"
    DISRUPTION = "disruption"
    HELP_WANTED = "help_wanted"
    TAKE_PART = "take_part"
    NEWS = "news"
    ALERT = "alert"
    """Severe: needs a second person, reaches everyone at once. Never guessed from a text."""
    OFFERED = "offered"
    WANTED = "wanted"
    LENT = "lent"
    ASKED = "asked"
    IDEA = "idea"


PROPOSED = (Kind.EVENT, Kind.OFFERED, Kind.WANTED, Kind.LENT, Kind.ASKED, Kind.IDEA)
"""What residents and organisations propose. All but the event are words alone and have no form."""


class FieldName(StrEnum):
    """What a form can ask for."""

    WHAT = "what"
    WHEN = "when"
    UNTIL = "until"
    WHERE = "where"
    NEW_WHEN = "new_when"
    NEW_WHERE = "new_where"
    COST = "cost"
    CONTACT = "contact"
    HELPERS = "helpers"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form."""

    name: FieldName
    required: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """The form of one kind: its questions in the order they are asked."""

    kind: Kind
    fields: tuple[FormField, ...]
    one_of: tuple[FieldName, ...] = ()
    """At least one of these must be filled, whichever it is."""

    @property
    def required(self) -> tuple[FieldName, ...]:
        return tuple(field.name for field in self.fields if field.required)

    def missing(self, filled: frozenset[FieldName]) -> tuple[FieldName, ...]:
        """What is still needed before this can be sent, in the form's order."""
        needed = tuple(name for name in self.required if name not in filled)
        if self.one_of and not filled.intersection(self.one_of):
            return (*needed, *self.one_of)
        return needed


def _form(kind: Kind, required: str, optional: str, *, one_of: str = "") -> Template:
    """Build a form from field names; a name ending in "?" among the required is asked there but may be left out."""
    fields = [
        FormField(FieldName(word.rstrip("?")), required=not word.endswith("?")) for word in required.split()
    ]
    fields += [FormField(FieldName(word)) for word in optional.split()]
    return Template(kind, tuple(fields), tuple(FieldName(word) for word in one_of.split()))


TEMPLATES: dict[Kind, Template] = {
    template.kind: template
    for template in (
        _form(Kind.EVENT, "what when until? where", "cost contact note"),
        _form(Kind.CANCELLED, "what when", "where contact note"),
        _form(Kind.MOVED, "what when", "new_when new_where contact note", one_of="new_when new_where"),
        _form(Kind.CLOSED, "where when", "until contact note"),
        _form(Kind.DISRUPTION, "what where?", "when until contact note"),
        _form(Kind.HELP_WANTED, "what contact", "when until where helpers note"),
        _form(Kind.TAKE_PART, "what", "when until where contact note"),
        _form(Kind.NEWS, "what", "where contact note"),
        _form(Kind.ALERT, "what where", "when until contact note"),
    )
}
