"""The words in which a draft's open facts and doubts are asked for."""

from __future__ import annotations

from bot.language import M, Msg
from bot.posts.kinds import FieldName, Kind
from bot.posts.understanding.moments import DoubtKind


def ask_field(field: FieldName, kind: Kind) -> Msg:
    """The question for one fact."""
    # Translators: questions of the form, one at a time. "what" differs by kind: an event, a disruption, a help …
    if field is FieldName.WHAT:
        return {
            Kind.EVENT: M("posts.ask.what.event"),
            Kind.CANCELLED: M("posts.ask.what.cancelled"),
            Kind.MOVED: M("posts.ask.what.moved"),
            Kind.DISRUPTION: M("posts.ask.what.disruption"),
            Kind.HELP_WANTED: M("posts.ask.what.help_wanted"),
            Kind.TAKE_PART: M("posts.ask.what.take_part"),
            Kind.ALERT: M("posts.ask.what.alert"),
        }.get(kind, M("posts.ask.what.news"))
    if field is FieldName.WHEN and kind in (Kind.CANCELLED, Kind.MOVED):
        return M("posts.ask.old_when")
    if field is FieldName.WHEN and kind is Kind.CLOSED:
        return M("posts.ask.closed_when")
    if field is FieldName.WHERE and kind is Kind.CLOSED:
        return M("posts.ask.closed_where")
    return {
        FieldName.WHEN: M("posts.ask.when"),
        FieldName.UNTIL: M("posts.ask.until"),
        FieldName.WHERE: M("posts.ask.where"),
        FieldName.NEW_WHEN: M("posts.ask.new_when"),
        FieldName.NEW_WHERE: M("posts.ask.new_where"),
        FieldName.COST: M("posts.ask.cost"),
        FieldName.CONTACT: M("posts.ask.contact"),
        FieldName.HELPERS: M("posts.ask.helpers"),
        FieldName.NOTE: M("posts.ask.note"),
    }[field]


def ask_doubt(kind: DoubtKind) -> Msg:
    """The question about something unclear."""
    # Translators: asked before anything is sent, because a date is not clear; the choices are possible dates.
    return {
        DoubtKind.WEEKDAY: M("posts.doubt.weekday"),
        DoubtKind.PAST: M("posts.doubt.past"),
        DoubtKind.DAY_UNCLEAR: M("posts.doubt.day_unclear"),
        DoubtKind.DAY_MISSING: M("posts.doubt.day_missing"),
        DoubtKind.SEVERAL: M("posts.doubt.several"),
        DoubtKind.RECURRING: M("posts.doubt.recurring"),
        DoubtKind.TIME_UNCLEAR: M("posts.doubt.time_unclear"),
        DoubtKind.END_BEFORE_START: M("posts.doubt.end_before_start"),
        DoubtKind.IMPOSSIBLE: M("posts.doubt.impossible"),
    }[kind]
