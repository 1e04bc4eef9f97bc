"""One `city.toml` holds all that a city is: this reads it and refuses what can't be right.

Nothing is guessed: an unknown key, a slug that nobody has or a text that is missing is a fault with its place
and an example.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)

from bot.quartiere.crosscheck import crosscheck
from bot.quartiere.faults import CityFileError, Fault, faults_of
from bot.quartiere.when import Span, When

__all__ = ["CityFile", "CityFileError", "Facts", "missing_duties", "parse", "read"]

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/–-]{2,}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError(f"{value!r} must be small letters a to z, digits and hyphens, without umlauts")
    return value


def _tag(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise ValueError(f"{value!r} is no language tag")
    return value


def _phone(value: str) -> str:
    if value and not _PHONE.fullmatch(value):
        raise ValueError(f"{value!r} is no phone number")
    return value


def _email(value: str) -> str:
    if value and not _EMAIL.fullmatch(value):
        raise ValueError(f"{value!r} is no e-mail address")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone") from None
    return value


def _texts(value: object, info: ValidationInfo) -> object:
    """A plain string is in the city's first language."""
    return {(info.context or {}).get("first", "de"): value} if isinstance(value, str) else value


def _cost(value: object) -> object:
    if value in ("", "free", "donation", "deposit"):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10_000:
        raise ValueError(f"{value!r} is neither a price in euros nor one of the words")
    return f"{Decimal(str(value)):.2f}" if value else "free"


Filled = Annotated[str, Field(min_length=1)]
Short = Annotated[str, Field(min_length=1, max_length=100)]
Long = Annotated[str, Field(min_length=1, max_length=200)]
Slug = Annotated[str, Field(max_length=40), AfterValidator(_slug)]
Tag = Annotated[str, Field(max_length=35), AfterValidator(_tag)]
Phone = Annotated[str, Field(max_length=40), AfterValidator(_phone)]
Email = Annotated[str, Field(max_length=200), AfterValidator(_email)]
TextTable = Annotated[dict[Tag, Filled], BeforeValidator(_texts)]
Cost = Annotated[str, BeforeValidator(_cost)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class CityPart(_Table):
    """`[city]`."""

    slug: Slug
    name: Short
    zone: Annotated[str, AfterValidator(_zone)] = "Europe/Berlin"
    languages: list[Tag] = Field(min_length=1)


class Contact(_Table):
    """`[contact]`: a human one can call; shown in help and below every digest."""

    name: Filled
    phone: Annotated[Phone, Field(min_length=1)]
    email: Email = ""
    hours: TextTable = Field(default_factory=dict)


class Imprint(_Table):
    """`[imprint]`: who answers for this, as § 5 DDG asks; what doesn't apply stays away."""

    name: Filled
    address: Filled
    represented_by: str = ""
    email: Annotated[Email, Field(min_length=1)]
    phone: Phone = ""
    register_entry: str = ""
    vat_id: str = ""
    authority: str = ""
    responsible: str = ""
    """Who answers for the content (§ 18 (2) MStV)."""
    text: TextTable = Field(default_factory=dict)


class Privacy(_Table):
    """`[privacy]`: the controller (GDPR 13), whom to write to, and who supervises."""

    name: Filled
    address: Filled
    email: Annotated[Email, Field(min_length=1)]
    phone: Phone = ""
    officer: str = ""
    authority: Filled


class Accessibility(_Table):
    """`[accessibility]`: where to say that something can't be used, and who hears a complaint."""

    name: Filled
    email: Annotated[Email, Field(min_length=1)]
    phone: Phone = ""
    complaints: str = ""


class HouseRule(_Table):
    """`[[rules]]`: numbered by their order; "Regel 2" is the second."""

    id: Slug
    title: TextTable
    text: TextTable


class QuartierPart(_Table):
    """`[[quartiere]]`."""

    slug: Slug
    name: Short
    order: int | None = None
    """Among the Quartiere; without it the order in the file."""
    text: TextTable = Field(default_factory=dict)
    welcome: TextTable = Field(default_factory=dict)
    """What somebody reads who subscribes for the first time; without it a sentence of ours."""


class TreffpunktPart(_Table):
    """`[[treffpunkte]]`."""

    slug: Slug
    name: Short
    quartier: Slug
    carrier: Annotated[str, Field(max_length=200)] = ""
    address: Long
    hours: TextTable = Field(default_factory=dict)
    phone: Phone = ""
    email: Email = ""
    accessibility: TextTable = Field(default_factory=dict)
    pauses: list[Span] = Field(default_factory=list)
    """Closed on these days: none of its offers takes place."""


class OrganisationPart(_Table):
    """`[[organisations]]`: each verified by a Treffpunkt."""

    slug: Slug
    name: Short
    kind: Literal["association", "shop", "company", "artists", "institution", "administration"]
    treffpunkt: Slug


class OfferPart(_Table):
    """`[[offers]]`."""

    slug: Annotated[str, Field(max_length=60), AfterValidator(_slug)]
    treffpunkt: Slug | None = None
    whole_city: bool = False
    title: TextTable
    note: TextTable = Field(default_factory=dict)
    place: Annotated[str, Field(max_length=200)] = ""
    cost: Cost = ""
    when: list[When] = Field(min_length=1)
    pauses: list[Span] = Field(default_factory=list)


class Facts(_Table):
    """What the city says of itself; also how it is kept in the city's row."""

    contact: Contact
    imprint: Imprint | None = None
    privacy: Privacy | None = None
    accessibility: Accessibility | None = None
    rules: list[HouseRule] = Field(default_factory=list)


class CityFile(Facts):
    """The whole file."""

    sample: bool = False
    """Invented or possibly outdated data: pages say so."""
    city: CityPart
    quartiere: list[QuartierPart] = Field(min_length=1)
    treffpunkte: list[TreffpunktPart] = Field(default_factory=list)
    organisations: list[OrganisationPart] = Field(default_factory=list)
    offers: list[OfferPart] = Field(default_factory=list)


def read(path: Path) -> CityFile:
    """Read a city's file. Raises `CityFileError`."""
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CityFileError(str(path), ["there is no such file"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CityFileError(str(path), [f"it can't be read: {error}"]) from error
    return parse(content, str(path))


def parse(content: str, source: str = "city.toml") -> CityFile:
    """Read the text of a city's file; `source` names it in errors. Raises `CityFileError`."""
    try:
        raw = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise CityFileError(
            source, [f'it is not TOML: {error}. A line looks so: name = "Nordstadt"']
        ) from None
    try:
        parsed = CityFile.model_validate(raw, context={"first": _first_language(raw)})
    except ValidationError as error:
        raise CityFileError(source, faults_of(error)) from None
    faults: list[Fault] = crosscheck(parsed)
    if faults:
        raise CityFileError(source, faults)
    return parsed


def missing_duties(facts: Facts) -> list[str]:
    """Which of "imprint", "privacy", "rules" are missing; while any is, only the local page may start."""
    present = {"imprint": facts.imprint, "privacy": facts.privacy, "rules": facts.rules}
    return [name for name, value in present.items() if not value]


def _first_language(raw: dict[str, object]) -> str:
    city = raw.get("city")
    languages = city.get("languages") if isinstance(city, dict) else None
    first = languages[0] if isinstance(languages, list) and languages else None
    return first if isinstance(first, str) else "de"
