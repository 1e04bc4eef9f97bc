"""What is wrong with the settings, in sentences: the name as the operator wrote it, the fault, an example.

A value is repeated only where it can't be a secret.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

PREFIX = "QUARTIERBOTE_"
CONFIG = "QUARTIERBOTE_CONFIG"
_SECRET = re.compile(r"token|secret|password|passphrase|key|credential", re.IGNORECASE)

Place = tuple[str, ...]
"""Where a setting is: ("web", "port")."""


class SettingsError(Exception):
    """The program can't start with these settings; the message is for the operator, one fault a line."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class Sources:
    """What the operator wrote, and where: to call a setting by that name."""

    environ: Mapping[str, str]
    file: Mapping[str, object]
    path: Path | None

    def name(self, place: Place) -> str:
        """The setting as the operator wrote it; one that is written nowhere is named as a variable."""
        variable = self.variable(place)
        if variable or not self._is_in_file(place):
            return variable or spelled(place)
        where = f'"{place[-1]}" under [{".".join(place[:-1])}]' if place[1:] else f'"{place[0]}"'
        return f"{self.path}: {where}"

    def example(self, place: Place, value: str) -> str:
        if self.variable(place) or not self._is_in_file(place):
            return f"{spelled(place)}={value}"
        plain = value in ("true", "false") or value.isdigit()
        return f"{place[-1]} = {value if plain else json.dumps(value, ensure_ascii=False)}"

    def variable(self, place: Place) -> str:
        """The variable that sets this place or one above it (as JSON), as it is spelled in the environment."""
        names = {spelled(place[:length]) for length in range(1, len(place) + 1)}
        found = sorted(name for name, value in self.environ.items() if value and name.upper() in names)
        return found[-1] if found else ""

    def _is_in_file(self, place: Place) -> bool:
        at: object = self.file
        for part in place:
            if not isinstance(at, Mapping):
                return True  # the fault is that there is a value where a table should be
            if part not in at:
                return False
            at = at[part]
        return True


def spelled(place: Place) -> str:
    """The variable of a place."""
    return PREFIX + "__".join(place).upper()


def is_secret(name: str) -> bool:
    """Whether a setting of this name holds something nobody may see."""
    return bool(_SECRET.search(name))


def read_toml(path: Path) -> dict[str, object]:
    """The file's tables. Raises `SettingsError` naming the file and the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            [f"{path} can't be read as TOML: {error}. Example of a line: port = 8080"]
        ) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            [f"{path} can't be read. Is it a text file in UTF-8 that you may open?"]
        ) from None


def strangers(sources: Sources, model: type[BaseModel], adapters: Collection[str]) -> list[str]:
    """Sections nobody knows: a typo there would otherwise be a setting that silently does nothing."""
    sections = {name for name, field in model.model_fields.items() if _model_of(field)}
    alone = set(model.model_fields) - sections - {"platforms"}
    faults = []
    for name in sorted(sources.environ):
        place = tuple(name.upper().removeprefix(PREFIX).lower().split("__"))
        if not name.upper().startswith(PREFIX) or name.upper() == CONFIG:
            continue
        if place[0] in alone and not place[1:]:
            continue
        if place[0] in sections or (place[0] in adapters and place[1:]):
            continue
        known = [spelled(each) for each in known_places(model)] + [
            f"{spelled((each,))}__" for each in adapters
        ]
        faults.append(f"{name} is not a setting.{_nearest(name.upper(), known)}")
    for name, value in sources.file.items():
        if name in alone | sections or (name in adapters and isinstance(value, dict)):
            continue
        kind = f"[{name}]" if isinstance(value, dict) else f'"{name}"'
        faults.append(
            f"{sources.path}: {kind} is not a setting.{_nearest(name, alone | sections | set(adapters))}"
        )
    return faults


def told(error: ValidationError, model: type[BaseModel], sources: Sources, above: Place = ()) -> list[str]:
    """One sentence for each fault that pydantic found in `model`, which stands at `above`."""
    return [
        _fault(fault["loc"], fault["type"], fault["input"], model, sources, above) for fault in error.errors()
    ]


def _fault(
    loc: tuple[int | str, ...],
    kind: str,
    value: object,
    model: type[BaseModel],
    sources: Sources,
    above: Place,
) -> str:
    inner = tuple(part for part in loc if isinstance(part, str))
    field, inner = _field(model, inner)
    place = above + inner
    if field is None:
        siblings = [spelled(above + each) for each in known_places(model) if each[:-1] == inner[:-1]]
        name = sources.name(place)
        return f"{name} is not a setting.{_nearest(spelled(place), siblings)}"
    rule = field.description or "something else"
    if _model_of(field):
        return f"{sources.name(place)} must be a table of settings. Example: [{'.'.join(place)}]"
    example = f" Example: {sources.example(place, str(field.examples[0]))}" if field.examples else ""
    if kind == "missing":
        return f"{sources.name(place)} is missing: {rule}.{example}"
    shown = isinstance(value, str | int) and field.repr and not is_secret(place[-1])
    return (
        f"{sources.name(place)} must be {rule}{f', not {json.dumps(value)[:80]}' if shown else ''}.{example}"
    )


def known_places(model: type[BaseModel], above: Place = ()) -> Iterator[Place]:
    """Every setting of the model."""
    for name, field in model.model_fields.items():
        inner = _model_of(field)
        if inner:
            yield from known_places(inner, (*above, name))
        elif name != "platforms":
            yield (*above, name)


def _field(model: type[BaseModel], place: Place) -> tuple[FieldInfo | None, Place]:
    """The field a fault is about; the place is cut where the model ends (inside a list, say)."""
    at: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for depth, part in enumerate(place):
        if at is None:
            return field, place[:depth]
        field = at.model_fields.get(part)
        if field is None:
            return None, place[: depth + 1]
        at = _model_of(field)
    return field, place


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    annotation: Any = field.annotation
    options = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    return next((each for each in options if isinstance(each, type) and issubclass(each, BaseModel)), None)


def _nearest(name: str, known: Iterable[str]) -> str:
    by_core = {each.removeprefix(PREFIX): each for each in known}
    near = difflib.get_close_matches(name.removeprefix(PREFIX), by_core, n=1)
    return f" Did you mean {by_core[near[0]]}?" if near else " docs/settings.md lists them all."
