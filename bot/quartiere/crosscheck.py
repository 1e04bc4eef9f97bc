"""What no single field of a city file can tell: that slugs are unique and lead somewhere, that texts exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from bot.quartiere.faults import Fault, Place

if TYPE_CHECKING:
    from bot.quartiere.cityfile import CityFile
    from bot.quartiere.when import When


def crosscheck(file: CityFile) -> list[Fault]:
    """All faults between the parts of a file that is right part by part."""
    return [*_doubles(file), *_strays(file), *_untranslated(file), *_placeless(file)]


def _doubles(file: CityFile) -> Iterator[Fault]:
    lists: dict[str, tuple[str, Sequence[str]]] = {
        "quartiere": ("slug", [part.slug for part in file.quartiere]),
        "treffpunkte": ("slug", [part.slug for part in file.treffpunkte]),
        "organisations": ("slug", [part.slug for part in file.organisations]),
        "offers": ("slug", [part.slug for part in file.offers]),
        "rules": ("id", [rule.id for rule in file.rules]),
    }
    for name, (key, values) in lists.items():
        for index, value in enumerate(values):
            if value in values[:index]:
                yield Fault((name, index, key), f"{value!r} is there twice; each needs its own")
    for index, tag in enumerate(file.city.languages):
        if tag in file.city.languages[:index]:
            yield Fault(("city", "languages", index), f"{tag!r} is there twice")


def _strays(file: CityFile) -> Iterator[Fault]:
    quartiere = [part.slug for part in file.quartiere]
    treffpunkte = [part.slug for part in file.treffpunkte]
    for index, treffpunkt in enumerate(file.treffpunkte):
        if treffpunkt.quartier not in quartiere:
            yield _stray(("treffpunkte", index, "quartier"), treffpunkt.quartier, quartiere)
    for index, organisation in enumerate(file.organisations):
        if organisation.treffpunkt not in treffpunkte:
            yield _stray(("organisations", index, "treffpunkt"), organisation.treffpunkt, treffpunkte)
    for index, offer in enumerate(file.offers):
        if offer.treffpunkt is not None and offer.treffpunkt not in treffpunkte:
            yield _stray(("offers", index, "treffpunkt"), offer.treffpunkt, treffpunkte)


def _stray(place: Place, value: str, known: Sequence[str]) -> Fault:
    return Fault(place, f"{value!r} is not the slug of any; there are: {', '.join(known) or 'none yet'}")


def _untranslated(file: CityFile) -> Iterator[Fault]:
    """Readers of every other language fall back to the first one, so it has to be there."""
    first = file.city.languages[0]
    for place, texts in _texts(file):
        if texts and first not in texts:
            yield Fault(place, f"has no text in {first!r}, the city's first language")


def _texts(file: CityFile) -> Iterable[tuple[Place, dict[str, str]]]:
    yield ("contact", "hours"), file.contact.hours
    if file.imprint:
        yield ("imprint", "text"), file.imprint.text
    for index, rule in enumerate(file.rules):
        yield ("rules", index, "title"), rule.title
        yield ("rules", index, "text"), rule.text
    for index, quartier in enumerate(file.quartiere):
        yield ("quartiere", index, "text"), quartier.text
    for index, treffpunkt in enumerate(file.treffpunkte):
        yield ("treffpunkte", index, "hours"), treffpunkt.hours
        yield ("treffpunkte", index, "accessibility"), treffpunkt.accessibility
    for index, offer in enumerate(file.offers):
        yield ("offers", index, "title"), offer.title
        yield ("offers", index, "note"), offer.note


def _placeless(file: CityFile) -> Iterator[Fault]:
    for index, offer in enumerate(file.offers):
        if offer.treffpunkt is None and not offer.whole_city:
            yield Fault(("offers", index, "treffpunkt"), "is missing (or say whole_city = true)")
        if offer.treffpunkt is None and not offer.place and any(not _has_places(w) for w in offer.when):
            yield Fault(("offers", index), 'has no Treffpunkt: say where in "place"')


def _has_places(when: When) -> bool:
    return bool(when.places) or (bool(when.dates) and all(one.place for one in when.dates))
