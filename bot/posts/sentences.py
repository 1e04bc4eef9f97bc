"""The fixed sentences of the kinds: complete in every language, with what was written put into them."""

from __future__ import annotations

from bot.language import M, Msg, Name
from bot.posts.kinds import FieldName, Kind
from bot.posts.model import Post


def kind_name(kind: Kind) -> Msg:
    """The kind in a word or two: on a choice, and in the preview."""
    # Translators: kinds of announcements, as a choice and in the preview, one or two words each.
    return {
        Kind.EVENT: M("posts.kind.event"),
        Kind.CANCELLED: M("posts.kind.cancelled"),
        Kind.MOVED: M("posts.kind.moved"),
        Kind.CLOSED: M("posts.kind.closed"),
        Kind.DISRUPTION: M("posts.kind.disruption"),
        Kind.HELP_WANTED: M("posts.kind.help_wanted"),
        Kind.TAKE_PART: M("posts.kind.take_part"),
        Kind.NEWS: M("posts.kind.news"),
        Kind.ALERT: M("posts.kind.alert"),
        # Translators: what residents propose: something given away, looked for, lent; a question; an idea. One or two
        # words each, as a choice and as the first line of the post.
        Kind.OFFERED: M("posts.kind.offered"),
        Kind.WANTED: M("posts.kind.wanted"),
        Kind.LENT: M("posts.kind.lent"),
        Kind.ASKED: M("posts.kind.asked"),
        Kind.IDEA: M("posts.kind.idea"),
    }[kind]


def title_of(kind: Kind, what: str) -> Msg:
    """The first line of a template. {what}: what somebody wrote, such as the name of an event or of a house."""
    name = Name(what)
    # Translators: first line of an announcement made from a template. {what}: the event, place or thing as written.
    return {
        Kind.EVENT: M("posts.form.event.title", what=name),
        Kind.CANCELLED: M("posts.form.cancelled.title", what=name),
        Kind.MOVED: M("posts.form.moved.title", what=name),
        Kind.CLOSED: M("posts.form.closed.title", what=name),
        Kind.DISRUPTION: M("posts.form.disruption.title", what=name),
        Kind.HELP_WANTED: M("posts.form.help_wanted.title", what=name),
        Kind.TAKE_PART: M("posts.form.take_part.title", what=name),
        Kind.NEWS: M("posts.form.news.title", what=name),
        Kind.ALERT: M("posts.form.alert.title", what=name),
    }[kind]


def lead_of(post: Post, what: str) -> Msg | None:
    """The sentence below the title; none where the words of the house say it all."""
    name = Name(what)
    match post.kind:
        case Kind.EVENT:
            # Translators: below an event's title: everybody is welcome.
            return M("posts.form.event.lead")
        case Kind.CANCELLED:
            # Translators: {what} is cancelled; the date follows as a fact.
            return M("posts.form.cancelled.lead", what=name)
        case Kind.MOVED if post.new_starts_at is not None and post.new_place:
            # Translators: {what} takes place at another time and in another place; both follow as facts.
            return M("posts.form.moved.lead_both", what=name)
        case Kind.MOVED if post.new_place:
            # Translators: {what} takes place somewhere else; the place follows as a fact.
            return M("posts.form.moved.lead_place", what=name)
        case Kind.MOVED:
            # Translators: {what} takes place at another time; it follows as a fact.
            return M("posts.form.moved.lead_time", what=name)
        case Kind.CLOSED:
            # Translators: {what}: a house that is closed; when follows as a fact.
            return M("posts.form.closed.lead", what=name)
        case Kind.DISRUPTION:
            # Translators: {what}: something that doesn't work at present, such as "Aufzug" or "Wasser".
            return M("posts.form.disruption.lead", what=name)
        case Kind.HELP_WANTED:
            # Translators: help is wanted; whom to ask follows as a fact.
            return M("posts.form.help_wanted.lead")
        case Kind.TAKE_PART:
            # Translators: everybody is invited to take part.
            return M("posts.form.take_part.lead")
        case Kind.ALERT:
            # Translators: a severe warning: look after yourself and your neighbours; 112 in danger.
            return M("posts.form.alert.lead")
        case _:
            return None


def label_of(name: FieldName, post: Post) -> Msg:
    """What stands before a fact."""
    kind = Kind(post.kind)
    # Translators: labels before a fact, one word where possible: when it is (was, will be), where, what it costs …
    if name is FieldName.WHEN and kind is Kind.CANCELLED:
        return M("posts.fact.was_when")
    if name is FieldName.WHEN and kind is Kind.MOVED and post.new_starts_at is not None:
        return M("posts.fact.old_when")
    if name is FieldName.WHERE and kind is Kind.MOVED and post.new_place:
        return M("posts.fact.old_where")
    if name is FieldName.WHERE and kind is Kind.CANCELLED:
        return M("posts.fact.was_where")
    return {
        FieldName.WHAT: M("posts.fact.what"),
        FieldName.WHEN: M("posts.fact.when"),
        FieldName.UNTIL: M("posts.fact.until"),
        FieldName.WHERE: M("posts.fact.where"),
        FieldName.NEW_WHEN: M("posts.fact.new_when"),
        FieldName.NEW_WHERE: M("posts.fact.new_where"),
        FieldName.COST: M("posts.fact.cost"),
        FieldName.CONTACT: M("posts.fact.contact"),
        FieldName.HELPERS: M("posts.fact.helpers"),
        FieldName.NOTE: M("posts.fact.note"),
    }[name]
