"""The house's own sections, by type.

Each field carries what it must be and an example, for the sentence about a mistake.
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot import this_machine
from bot.settings.faults import PREFIX, is_secret

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DatabaseSettings(_Section):
    """Where the rows are. Empty: the embedded SQLite in the data folder."""

    url: str = Field(
        default="",
        description="the address of a SQLite or PostgreSQL database",
        examples=["sqlite:///data/quartierbote.sqlite3"],
        repr=False,
    )
    lease: float = Field(
        default=12.0,
        ge=2,
        le=300,
        description="the seconds after which another process takes over from one that died, from 2 to 300",
        examples=["12"],
    )
    connections: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="the most connections one process opens, from 6 to 1000, or 0 for what its role needs",
        examples=["20"],
    )

    @field_validator("connections")
    @classmethod
    def _not_too_few(cls, connections: int) -> int:
        if 0 < connections < 6:
            raise ValueError("too few")
        return connections

    @field_validator("url")
    @classmethod
    def _with_our_driver(cls, url: str) -> str:
        if not url:
            return url
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise ValueError("unreadable") from None
        driver = _DRIVERS.get(parsed.drivername.split("+")[0])
        if driver is None:
            raise ValueError("another kind of database")
        return parsed.set(drivername=driver).render_as_string(hide_password=False)


class WebSettings(_Section):
    """The page: where it listens, and how the world calls it."""

    host: str = Field(
        default="127.0.0.1",
        pattern=r"^[^\s/]+$",
        description="the address of this machine on which the page listens",
        examples=["127.0.0.1"],
    )
    port: int = Field(
        default=8080, ge=1, le=65535, description="a whole number from 1 to 65535", examples=["8080"]
    )
    public_url: str = Field(
        default="",
        pattern=r"^$|^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description="the page's address as readers type it, with http:// or https://",
        examples=["https://quartier.example.org"],
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="the IP addresses of your reverse proxies, with commas between them",
        examples=["127.0.0.1,10.0.0.5"],
    )

    metrics_token: str = Field(
        default="",
        pattern=r"^$|^\S{16,200}$",
        description="a secret of your own, 16 characters or more without spaces",
        examples=["a-long-random-word-of-yours"],
        repr=False,
    )

    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="a whole number from 1 to 65535, or 0 for none",
        examples=["9101"],
    )

    @field_validator("public_url")
    @classmethod
    def _without_last_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _addresses(cls, value: object) -> object:
        listed = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        if isinstance(listed, list | tuple):
            for part in listed:
                ipaddress.ip_network(part)
        return listed

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the page."""
        return this_machine.is_loopback(self.host)

    @property
    def address(self) -> str:
        """The page's address for a person at this machine, or as the operator published it."""
        if self.public_url:
            return self.public_url
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # read, not listened on
        host = everywhere.get(self.host, self.host).strip("[]")
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


class CitySettings(_Section):
    """Which city is loaded when there is none yet. Empty: the sample."""

    file: Path | None = Field(default=None, description="the path of your city file", examples=["city.toml"])


class DataSettings(_Section):
    """The folder for whatever the program keeps as files, the embedded database among them."""

    folder: Path = Field(default=Path("data"), description="the path of a folder", examples=["data"])


class LogLevel(StrEnum):
    """From all to little."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """Lines for a person, or JSON for a collector."""

    TEXT = "text"
    JSON = "json"


class LogSettings(_Section):
    """What the program says about itself on standard error."""

    level: LogLevel = Field(
        default=LogLevel.INFO, description="one of debug, info, warning, error", examples=["info"]
    )
    format: LogFormat = Field(default=LogFormat.TEXT, description="one of text, json", examples=["text"])


class Settings(BaseSettings):
    """All settings, checked. `load_settings` fills them from file and environment; tests build them by keyword."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    demo: bool = Field(default=False, description="true or false", examples=["true"])
    database: DatabaseSettings = DatabaseSettings()
    web: WebSettings = WebSettings()
    city: CitySettings = CitySettings()
    data: DataSettings = DataSettings()
    log: LogSettings = LogSettings()
    platforms: dict[str, dict[str, object]] = Field(default_factory=dict, repr=False)
    """Each adapter's own section, unparsed, by the adapter's name; see `platform`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the caller gives: the machine's environment is read by `load_settings` alone."""
        return (init_settings,)

    @property
    def database_url(self) -> URL:
        """The database to open, with an async driver. The demo has its own."""
        if self.database.url:
            return make_url(self.database.url)
        name = "demo.sqlite3" if self.demo else "quartierbote.sqlite3"
        return URL.create("sqlite+aiosqlite", database=str(self.data.folder / name))

    def platform(self, name: str) -> dict[str, object]:
        """The section the adapter `name` gets. The page's is typed here because the house prints its address."""
        if name == "web":
            return self.web.model_dump() | self.platforms.get("web", {})
        return dict(self.platforms.get(name, {}))

    def secrets(self) -> frozenset[str]:
        """Values that are never shown and never logged."""
        tokens = {
            str(value)
            for section in self.platforms.values()
            for key, value in section.items()
            if is_secret(key)
        }
        return frozenset(tokens | {str(self.database_url.password or ""), self.web.metrics_token}) - {""}
