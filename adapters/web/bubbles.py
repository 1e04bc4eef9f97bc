"""What a chat's entries look like to its reader, ready for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from adapters.web.richhtml import html, safe_url
from adapters.web.seals import Seals
from adapters.web.threads import Entry
from bot.contract import Choice, Ref
from bot.language import plain

_QUOTED = 80


@dataclass(frozen=True, slots=True)
class Tap:
    """One choice. `value` names the entry and the place, so only what was offered can be tapped."""

    label: str
    value: str
    number: str
    url: str


@dataclass(frozen=True, slots=True)
class File:
    """An attachment to look at."""

    address: str
    is_image: bool
    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message. An empty `markup` means: take it away."""

    id: int
    mine: bool
    markup: Markup
    language: str
    direction: str
    rows: tuple[tuple[Tap, ...], ...]
    files: tuple[File, ...]
    at: datetime
    quote: str
    can_be_answered: bool = False
    """Whether an answer to this one message reaches somebody: what was pushed has a number of its own ("12 1")."""


def bubbles(entries: Sequence[Entry], seals: Seals, known: Sequence[Entry] = ()) -> list[Bubble]:
    """What to show for `entries`; quotes are looked up among `known` too."""
    by_ref = {entry.ref: entry for entry in (*known, *entries)}
    return [_bubble(entry, seals, by_ref.get(entry.reply_to)) for entry in entries]


def quote_of(entry: Entry | None) -> str:
    """The first words of a message, to say which one is meant."""
    if entry is None:
        return ""
    text = plain(entry.said.body) if entry.said else entry.wrote or ""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= _QUOTED else f"{line[:_QUOTED].rstrip()} …"


def tapped(entries: Sequence[Entry], value: str) -> tuple[Choice, Ref] | None:
    """The choice behind a `Tap.value` and the message it stood below; None if it isn't there any more."""
    ref, _, place = value.partition(".")
    entry = next((entry for entry in entries if entry.ref == (ref,)), None)
    if entry is None or entry.said is None or not place.isdecimal():
        return None
    choices = [choice for row in entry.said.choices for choice in row]
    return (choices[int(place)], entry.ref) if int(place) < len(choices) else None


def _bubble(entry: Entry, seals: Seals, answered: Entry | None) -> Bubble:
    at, said = entry.at, entry.said
    if said is None:
        words = Markup("<br>").join((entry.wrote or "").splitlines())
        markup = Markup("<p>{}</p>").format(words) if entry.wrote else Markup("")
        return Bubble(entry.seq, entry.wrote is not None, markup, "", "auto", (), (), at, quote_of(answered))
    files = tuple(
        File(seals.media_path(file.media), file.kind == "image", file.name, file.alt)
        for file in said.attachments
        if file.media is not None
    )
    direction = "rtl" if said.rtl else "ltr"
    return Bubble(
        id=entry.seq,
        mine=False,
        markup=html(said.body),
        language=said.language,
        direction=direction,
        rows=_rows(entry),
        files=files,
        at=at,
        quote="",
        can_be_answered=any(" " in number for number in said.numbers),
    )


def _rows(entry: Entry) -> tuple[tuple[Tap, ...], ...]:
    rows: list[tuple[Tap, ...]] = []
    place = 0
    for row in entry.said.choices if entry.said else ():
        taps: list[Tap] = []
        for choice in row:
            numbers = entry.said.numbers if entry.said else ()
            number = numbers[place] if place < len(numbers) else ""
            taps.append(Tap(choice.label, f"{entry.seq}.{place}", number, safe_url(choice.url)))
            place += 1
        rows.append(tuple(taps))
    return tuple(rows)
