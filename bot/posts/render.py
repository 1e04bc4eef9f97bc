"""A post as one reader sees it: title, text, facts in their language, who says it, in which language it was written.

Facts come from fields and are never translated; the words are the author's, or a translation that says whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.contract import Attachment, Choice, Facts, Outgoing, Paragraph, Rich, Text
from bot.language import M, Msg, Name, Renderer, Span, join, user_rich
from bot.language.common import pair_of
from bot.posts.announcement import Announcement
from bot.posts.kinds import FieldName, Kind
from bot.posts.model import Origin, PostText, Source
from bot.posts.sentences import kind_name, label_of, lead_of, title_of
from bot.quartiere.render import cost as said_cost

FIXED_COSTS = frozenset({"free", "donation", "deposit"})


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says it, and for whom."""

    place: str
    quartiere: tuple[str, ...]
    """Names; empty for the whole city."""
    city: str
    source: Source = Source.STAFF
    organisation: str = ""


def post_rich(
    render: Renderer, announcement: Announcement, voice: Voice, *, text: PostText | None = None
) -> Rich:
    """The whole post. `text`: in these words; by default those for the reader's language."""
    text = text or announcement.text_for(render.language.tag)
    return join(
        _mark(render, announcement),
        title(render, announcement, text),
        facts(render, announcement),
        user_rich(_beside(announcement, text).body),
        render.rich(said_by(voice)),
        _written_in(render, announcement, text),
    )


def title(render: Renderer, announcement: Announcement, text: PostText) -> Rich:
    """The first line; of a template, the sentence below it too."""
    post = announcement.post
    if not post.template:
        return (Paragraph(((Text(text.title, bold=True),),)),) if text.title else ()
    # What a template is about is a name more often than not, so it stays as the author wrote it.
    lead = lead_of(post, text.title)
    return join(
        tuple(_bold(block) for block in render.rich(title_of(Kind(post.kind), text.title))),
        render.rich(lead) if lead else (),
    )


def facts(render: Renderer, announcement: Announcement) -> Rich:
    """When, where, what it costs, whom to ask: one pair a line."""
    pairs = tuple(
        (render.line(label_of(name, announcement.post)), render.line(_value(value)))
        for name, value in _fact_values(render, announcement)
    )
    return (Facts(pairs),) if pairs else ()


def said_by(voice: Voice) -> Msg:
    """Which Treffpunkt says it, and for which Quartiere."""
    place = Name(voice.place)
    if voice.source is not Source.STAFF:
        return _released_by(voice)
    if not voice.quartiere:
        # Translators: below a post: who says it, for the whole city. {place}: a Treffpunkt; {city}.
        return M("posts.said_by.city", place=place, city=Name(voice.city))
    # Translators: below a post: who says it, and for which Quartiere ("KAISERS, Südstadt").
    return M("posts.said_by", place=place, quartiere=tuple(Name(name) for name in voice.quartiere))


def _released_by(voice: Voice) -> Msg:
    """Where a post comes from that is a resident's, and who let it through."""
    place = Name(voice.place)
    # Translators: in place of a list of Quartiere: everybody. {city}: the city's name.
    where = tuple(Name(name) for name in voice.quartiere) or M("posts.whole_city", city=Name(voice.city))
    if voice.organisation:
        # Translators: below a post by an association or shop. {organisation}: its name. {where}: Quartiere.
        # {place}: the Treffpunkt that released it.
        return M(
            "posts.said_by.organisation", organisation=Name(voice.organisation), where=where, place=place
        )
    # Translators: below a post by a resident. {where}: Quartiere. {place}: the Treffpunkt that released it.
    return M("posts.said_by.resident", where=where, place=place)


def stacked(render: Renderer, messages: Iterable[Msg]) -> Rich:
    """Messages one under the other, without blank lines between."""
    blocks = [block for message in messages for block in render.rich(message)]
    lines = [line for block in blocks if isinstance(block, Paragraph) for line in block.lines]
    return (Paragraph(tuple(lines)),) if lines else ()


def outgoing(
    renders: Sequence[Renderer], announcement: Announcement, voice: Voice, number: int | None = None
) -> Outgoing:
    """The message for readers of these languages, one text under the other; `number`: of the publication."""
    first = renders[0]
    body = join(*(post_rich(render, announcement, voice) for render in renders))
    below = choices(first, announcement) if number is not None else ()
    numbers = tuple(f"{number} {place}" for place in range(1, sum(map(len, below)) + 1))
    return Outgoing(
        body=body,
        language=first.language.tag,
        rtl=first.language.rtl,
        choices=below,
        numbers=numbers,
        notice=first.text(pair_of(number)) if number is not None else "",
        attachments=attachments(announcement),
    )


def notice(render: Renderer, announcement: Announcement, voice: Voice) -> Outgoing:
    """What stands in place of a withdrawn post where it can't be deleted."""
    # Translators: stands in place of an announcement that was taken back. {place}: who had said it.
    body = render.rich(M("posts.withdrawn_notice", place=Name(voice.place)))
    return Outgoing(body=body, language=render.language.tag, rtl=render.language.rtl)


def attachments(announcement: Announcement) -> tuple[Attachment, ...]:
    """The post's files."""
    return tuple(
        Attachment(file["kind"], file["name"], file["mime"], media=file["media"], alt=file.get("alt") or "")
        for file in announcement.post.media
    )


def choices(render: Renderer, announcement: Announcement) -> tuple[tuple[Choice, ...], ...]:
    """What a reader can do with it."""
    ask = Choice(render.text(M("questions.ask_button")), f"ask:{announcement.id}")
    # Translators: button below an announcement: read it in another language, or as it was written.
    other = Choice(render.text(M("posts.button.other_language")), f"post.read:{announcement.id}")
    # Translators: button below an announcement: say thank you for it, to whoever wrote it.
    thanks = Choice(render.text(M("posts.button.thanks")), f"thanks:{announcement.id}")
    # Translators: button below an announcement: something is wrong with it, a moderator should look at it.
    report = Choice(render.text(M("posts.button.report")), f"report:{announcement.id}")
    return ((ask, other), (thanks, report))


def _mark(render: Renderer, announcement: Announcement) -> Rich:
    if announcement.post.cancelled:
        # Translators: first line of an announcement that was cancelled later; bold.
        return render.rich(M("posts.cancelled_mark"))
    kind = Kind(announcement.post.kind)
    if announcement.post.source and kind is not Kind.EVENT:
        return render.rich(kind_name(kind))
    return ()


def _written_in(render: Renderer, announcement: Announcement, text: PostText) -> Rich:
    """Who translated, or in which language the words are, if not in the reader's."""
    post, text = announcement.post, _beside(announcement, text)
    if post.template and not text.body:
        return ()  # the sentences are the reader's own
    if text.origin != Origin.AUTHOR:
        written = render.name_in(post.language)
        if text.origin == Origin.MACHINE:
            # Translators: below a translated post. {language}: in which it was written ("aus dem {language}").
            return render.rich(M("posts.translated.machine", language=written))
        # Translators: the same, translated by a person of the Treffpunkt.
        return render.rich(M("posts.translated.hand", language=written))
    if base(text.language) == base(render.language.tag):
        return ()
    # Translators: below a post that is not in the reader's language: in which it is ("in German").
    return render.rich(M("posts.written_in", language=render.name_in(text.language)))


def _beside(announcement: Announcement, text: PostText) -> PostText:
    """Whose words stand beside a template's sentences: the author's where only the name is translated."""
    return announcement.original if announcement.post.template and not text.body else text


def base(tag: str) -> str:
    """Readers of plain German read German."""
    return tag.partition("-")[0]


def _fact_values(render: Renderer, announcement: Announcement) -> list[tuple[FieldName, str | Msg | Span]]:
    post = announcement.post
    found: list[tuple[FieldName, str | Msg | Span | None]] = [
        (FieldName.WHEN, _moment(render, post.starts_at, post.ends_at, post.all_day)),
        (FieldName.NEW_WHEN, _moment(render, post.new_starts_at, post.new_ends_at, post.new_all_day)),
        (FieldName.WHERE, post.place),
        (FieldName.NEW_WHERE, post.new_place),
        (FieldName.COST, _cost(render, post.cost)),
        (FieldName.HELPERS, post.fields.get(FieldName.HELPERS)),
        (FieldName.CONTACT, post.fields.get(FieldName.CONTACT)),
    ]
    if post.source and post.starts_at is None and post.until is not None:
        # The midnight after a day is said as that day.
        last = (post.until - timedelta(seconds=1)).astimezone(render.zone).date()
        found.append((FieldName.UNTIL, M("posts.day", day=last)))
    if post.starts_at is None and post.ends_at is not None:
        found.insert(0, (FieldName.UNTIL, _moment(render, post.ends_at, None, post.all_day)))
    return [(name, value) for name, value in found if value]


def _moment(
    render: Renderer, start: datetime | None, end: datetime | None, all_day: bool
) -> str | Msg | Span | None:
    if start is None:
        return None
    if not all_day:
        return Span(start, end)
    first = start.astimezone(render.zone).date()
    last = end.astimezone(render.zone).date() if end else first
    if last == first:
        # Translators: a day without a time: keep the placeholder only.
        return M("posts.day", day=first)
    # Translators: several whole days: from {first} to {last}.
    return M("posts.days", first=first, last=last)


def _cost(render: Renderer, value: str) -> str | Msg:
    if value in FIXED_COSTS or value.replace(".", "", 1).isdigit():
        return said_cost(render, value)
    return value


def _value(value: str | Msg | Span) -> Msg:
    if isinstance(value, Msg):
        return value
    # Translators: a value that stands alone, as a place or a date: keep the placeholder only.
    return M("posts.value", value=Name(value) if isinstance(value, str) else value)


def _bold(block: object) -> Paragraph:
    if not isinstance(block, Paragraph):
        raise TypeError("a title is one paragraph")
    return Paragraph(
        tuple(tuple(Text(run.text, bold=True, url=run.url) for run in line) for line in block.lines)
    )
