"""How an offer and a Treffpunkt read in one language. Facts come from fields: no machine translates them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from babel.numbers import format_decimal

from bot.contract import Facts, Paragraph, Rich
from bot.language import M, Msg, Name, Renderer, Span, user_rich
from bot.quartiere.model import Treffpunkt
from bot.quartiere.occurrences import Occurrence
from bot.quartiere.texts import Picked, Texts

Pair = tuple[Msg, Msg]


def offer_rich(renderer: Renderer, occurrence: Occurrence, *, with_title: bool = True) -> Rich:
    """One date of an offer: title, when, where, cost, who, and the note. `with_title=False` where a heading has it."""
    tag = renderer.language.tag
    title = title_of(renderer, occurrence)
    if occurrence.cancelled:
        # Translators: above an offer that doesn't take place on this date. {title}: the offer.
        head = renderer.rich(M("quartiere.offer.cancelled", title=title)) + user_rich(
            occurrence.exception_note
        )
    else:
        # Translators: the first line of an offer. {title}: the offer.
        head = renderer.rich(M("quartiere.offer.title", title=title)) if with_title else ()
    note = occurrence.note.pick(tag)
    if not note.text:
        said: Rich = ()
    elif _is_own(note, tag):
        said = user_rich(note.text)
    else:
        said = renderer.rich(_foreign(renderer, note))
    return (*head, *facts(renderer, _offer_facts(renderer, occurrence)), *said)


def title_of(renderer: Renderer, occurrence: Occurrence) -> Msg:
    """The title; with the name of its language if that isn't the reader's."""
    picked = occurrence.title.pick(renderer.language.tag)
    if _is_own(picked, renderer.language.tag):
        return _value(picked.text)
    return _foreign(renderer, picked)


def cost(renderer: Renderer, value: str) -> Msg:
    """What `Offer.cost` says ("free", "donation", "deposit", euros as "2.50"). Raises `ValueError` otherwise."""
    if value == "free":
        # Translators: what an offer costs: nothing.
        return M("quartiere.cost.free")
    if value == "donation":
        # Translators: what an offer costs: give what you like, or nothing.
        return M("quartiere.cost.donation")
    if value == "deposit":
        # Translators: what lending something costs: a deposit that is given back.
        return M("quartiere.cost.deposit")
    if not value.replace(".", "", 1).isdigit():
        raise ValueError(f"no cost: {value!r}")
    amount = Decimal(value)
    pattern = "0" if amount == amount.to_integral_value() else "0.00"
    # Translators: what an offer costs. {amount}: a number, as "3" or "2,50".
    return M("quartiere.cost.euros", amount=format_decimal(amount, pattern, renderer.language.locale))


def treffpunkt_rich(renderer: Renderer, treffpunkt: Treffpunkt, first: str) -> Rich:
    """Name, who runs it, where, when it is open, how to call. `first`: the city's first language."""
    # Translators: the first line about a Treffpunkt. {name}: its name.
    head = renderer.rich(M("quartiere.treffpunkt.name", name=Name(treffpunkt.name)))
    hours, accessibility = Texts(treffpunkt.hours, first), Texts(treffpunkt.accessibility, first)
    pairs: list[tuple[Msg, str | Msg]] = [
        # Translators: before an address.
        (M("quartiere.fact.address"), treffpunkt.address),
        # Translators: before the opening hours of a Treffpunkt.
        (M("quartiere.fact.hours"), _in_own_words(renderer, hours)),
        # Translators: before a phone number.
        (M("quartiere.fact.phone"), treffpunkt.phone),
        # Translators: before an e-mail address.
        (M("quartiere.fact.email"), treffpunkt.email),
        # Translators: before the organisation that runs a Treffpunkt (German: Träger).
        (M("quartiere.fact.carrier"), treffpunkt.carrier),
        # Translators: before a note on steps, lifts and toilets.
        (M("quartiere.fact.accessibility"), _in_own_words(renderer, accessibility)),
    ]
    return (*head, *filled_facts(renderer, pairs))


def facts(renderer: Renderer, pairs: Iterable[Pair]) -> Rich:
    """Label and value, one pair a line; nothing at all if there are none."""
    lines = tuple((renderer.line(label), renderer.line(value)) for label, value in pairs)
    return (Facts(lines),) if lines else ()


def filled_facts(renderer: Renderer, pairs: Iterable[tuple[Msg, str | Msg]]) -> Rich:
    """The same for values from the city's file; those that are empty stay away."""
    said = ((label, _value(value) if isinstance(value, str) else value) for label, value in pairs if value)
    return facts(renderer, said)


def texts_rich(renderer: Renderer, texts: Texts) -> Rich:
    """A text of the city's own, in the reader's language as far as there is one; else it says in which it is."""
    picked = texts.pick(renderer.language.tag)
    if not picked.text or _is_own(picked, renderer.language.tag):
        return user_rich(picked.text)
    # Translators: below a text of the city that there is only in another language. {language}: that language's name.
    said = M("quartiere.only_in", language=renderer.name_in(picked.language))
    return (*user_rich(picked.text), Paragraph((renderer.line(said),)))


def _offer_facts(renderer: Renderer, occurrence: Occurrence) -> list[Pair]:
    # Translators: before the day and time of an offer.
    pairs = [(M("quartiere.fact.when"), _value(Span(occurrence.starts_at, occurrence.ends_at)))]
    if occurrence.place:
        # Translators: before the place of an offer.
        pairs.append((M("quartiere.fact.where"), _value(occurrence.place)))
    if occurrence.cost:
        # Translators: before what an offer costs.
        pairs.append((M("quartiere.fact.cost"), cost(renderer, occurrence.cost)))
    if occurrence.treffpunkt_name:
        # Translators: before the Treffpunkt that makes an offer.
        pairs.append((M("quartiere.fact.who"), _who(occurrence)))
    return pairs


def _who(occurrence: Occurrence) -> Msg:
    name = Name(occurrence.treffpunkt_name)
    if not occurrence.phone:
        return _value(name)
    # Translators: who makes an offer. {name}: a Treffpunkt; {phone}: its number.
    return M("quartiere.who", name=name, phone=Name(occurrence.phone))


def _value(value: str | Name | Span) -> Msg:
    # Translators: a value that stands alone, as a name or an address: keep the placeholder only.
    return M("quartiere.value", value=Name(value) if isinstance(value, str) else value)


def _foreign(renderer: Renderer, picked: Picked) -> Msg:
    # Translators: a text that there is only in another language. {text}: it; {language}: the name of its language.
    return M("quartiere.other_language", text=Name(picked.text), language=renderer.name_in(picked.language))


def _in_own_words(renderer: Renderer, texts: Texts) -> str | Msg:
    picked = texts.pick(renderer.language.tag)
    return (
        picked.text
        if not picked.text or _is_own(picked, renderer.language.tag)
        else _foreign(renderer, picked)
    )


def _is_own(picked: Picked, tag: str) -> bool:
    """Whether readers of `tag` take the text as theirs: German is theirs for readers of plain German."""
    return picked.language.partition("-")[0] == tag.partition("-")[0]
