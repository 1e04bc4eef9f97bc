"""The settings as a list, with nothing in it that must stay secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.settings.faults import is_secret
from bot.settings.sections import Settings

HIDDEN = "(set, not shown)"


def shown(settings: Settings) -> Iterator[str]:
    """One line a setting, as in the file: `web.port = 8080`."""
    values = settings.model_dump(mode="json", exclude={"platforms", "database"})
    values["database"] = {"url": settings.database_url.render_as_string(hide_password=True)}
    for place, value in _flat(values | settings.platforms):
        yield f"{place} = {HIDDEN if is_secret(place) and value else _written(value)}"


def _flat(values: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield above + name, value


def _written(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case None | "" | []:
            return "(not set)"
        case list():
            return ", ".join(str(part) for part in value)
        case _:
            return str(value)
