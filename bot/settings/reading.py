"""From what the operator wrote to `Settings`, or to a sentence that says what to change."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableVariable

from bot.settings.faults import CONFIG, PREFIX, SettingsError, Sources, is_secret, read_toml, strangers, told
from bot.settings.sections import Settings

Section = TypeVar("Section", bound=BaseModel)

_HARMLESS = {"CONFIG", "WEB__HOST", "WEB__PORT", "DATA__FOLDER", "LOG__LEVEL", "LOG__FORMAT"}
"""Variables that don't turn the demo off: they change where it is shown, not what it is."""


def load_settings(adapters: Collection[str] | None = None) -> Settings:
    """Read file and environment. `adapters`: names whose sections are allowed; by default those installed.

    Raises `SettingsError`, whose message names every faulty setting as the operator wrote it. Who configured nothing
    gets the demo.
    """
    sources = _sources()
    installed = {entry.name for entry in entry_points(group="quartierbote.adapters")}
    faults = strangers(sources, Settings, installed if adapters is None else adapters)
    if faults:
        raise SettingsError(faults)
    try:
        read = _Read()
    except ValidationError as error:
        raise SettingsError(told(error, Settings, sources)) from None
    except UnreadableVariable:
        raise SettingsError(_whole_sections(sources)) from None
    settings = read.model_copy(update={"demo": True}) if _is_untouched(read, sources) else read
    faults = _faults_of_demo(settings, sources) if settings.demo else []
    if faults:
        raise SettingsError(faults)
    return settings


def adapter_section(model: type[Section], name: str, values: Mapping[str, object]) -> Section:
    """An adapter's section checked by its model, for use in `build`. Raises `SettingsError` in the same words."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise SettingsError(told(error, model, _sources(), above=(name,))) from None


def _sources() -> Sources:
    path = _config_path()
    return Sources(os.environ, read_toml(path) if path else {}, path)


def _config_path() -> Path | None:
    """The settings file: named by QUARTIERBOTE_CONFIG, else quartierbote.toml where we are, else none."""
    named = os.environ.get(CONFIG)
    usual = Path("quartierbote.toml")
    if not named:
        return usual if usual.is_file() else None
    if not Path(named).is_file():
        raise SettingsError(
            [f"{CONFIG} names {named}, but there is no such file. Example: {CONFIG}=/etc/quartierbote.toml"]
        )
    return Path(named)


def _is_untouched(settings: Settings, sources: Sources) -> bool:
    names = {name.upper().removeprefix(PREFIX) for name in _set(sources.environ)}
    return sources.path is None and names <= _HARMLESS and settings.web.is_loopback


def _faults_of_demo(settings: Settings, sources: Sources) -> list[str]:
    """The demo hands out roles to whoever looks, so it stays on this machine and away from real people."""
    faults = []
    if not settings.web.is_loopback:
        name = sources.name(("web", "host"))
        example = sources.example(("web", "host"), "127.0.0.1")
        faults.append(f"{name}: the demo is shown on this machine only. Example: {example}")
    for platform, values in settings.platforms.items():
        for key in values:
            if is_secret(key):
                name = sources.name((platform, key))
                faults.append(
                    f"{name}: the demo writes to no real messenger. Remove it, or set {PREFIX}DEMO=false"
                )
    return faults


def _whole_sections(sources: Sources) -> list[str]:
    """A section given as one variable must be JSON; say which isn't."""
    sections = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} - {f"{PREFIX}DEMO"}
    return [
        f"{name} is a section, not a setting. Name the setting too. Example: {PREFIX}WEB__PORT=8080"
        for name in _set(sources.environ)
        if name.upper() in sections
    ]


def _set(environ: Mapping[str, str]) -> list[str]:
    return sorted(name for name, value in environ.items() if value and name.upper().startswith(PREFIX))


class _Environment(EnvSettingsSource):
    """The environment's variables; sections the house doesn't know are gathered under `platforms`."""

    def __call__(self) -> dict[str, Any]:
        platforms: dict[str, dict[str, object]] = {}
        for name, value in self.env_vars.items():
            section, _, key = name.removeprefix(PREFIX.lower()).partition("__")
            if name.startswith(PREFIX.lower()) and key and value and section not in Settings.model_fields:
                _put(platforms.setdefault(section, {}), key.split("__"), value)
        return super().__call__() | ({"platforms": platforms} if platforms else {})


class _File(TomlConfigSettingsSource):
    """The TOML file; its unknown tables likewise."""

    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        own = {name: value for name, value in values.items() if name in Settings.model_fields}
        platforms = {name: value for name, value in values.items() if name not in own}
        return own | ({"platforms": platforms} if platforms else {})


def _put(section: dict[str, object], keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        deeper = section.setdefault(key, {})
        if not isinstance(deeper, dict):
            return
        section = deeper
    section[keys[-1]] = value


class _Read(Settings):
    """Settings as file and environment have them; the environment wins."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = _config_path()
        environment = _Environment(settings_cls)
        return (environment, _File(settings_cls, toml_file=path)) if path else (environment,)
