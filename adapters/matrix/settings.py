"""The section `matrix` of the settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bot.settings import LimitSettings, SettingsError

_USER = re.compile(r"@[^\s:@]+:\S+")
_SHORTEST_SECRET = 16


class MatrixSettings(BaseModel):
    """What Matrix needs. No homeserver: the platform stays off."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")

    homeserver: str = Field(
        default="",
        description="the address of your homeserver, with http:// or https://",
        examples=["https://matrix.example.org"],
    )
    user: str = Field(
        default="",
        description="the bot's full name on Matrix, with @ and server",
        examples=["@quartierbote:example.org"],
    )
    password: SecretStr | None = Field(
        default=None, description="the password of the bot's account", examples=["correct horse battery"]
    )
    token: SecretStr | None = Field(
        default=None,
        description="an access token of the bot's account, instead of a password",
        examples=["syt_cXVhcnRpZXI_..."],
    )
    store_secret: SecretStr | None = Field(
        default=None,
        description=f"a secret of your own of at least {_SHORTEST_SECRET} characters; it locks the encryption keys",
        examples=["the output of: openssl rand -base64 32"],
    )
    folder: Path = Field(
        default=Path("data/matrix"),
        description="the path of a folder for the encryption keys",
        examples=["data/matrix"],
    )

    new_device: bool = Field(
        default=False,
        description="true, when the folder of the encryption keys is lost and several processes run",
        examples=["true"],
    )
    limits: LimitSettings = Field(default=LimitSettings(), description="how fast it may send")

    @field_validator("homeserver")
    @classmethod
    def _is_a_root(cls, url: str) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an address")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("more than a root")
        return url.rstrip("/")

    @field_validator("user")
    @classmethod
    def _is_a_full_name(cls, user: str) -> str:
        if user and not _USER.fullmatch(user):
            raise ValueError("not a full name")
        return user

    @field_validator("password", "token")
    @classmethod
    def _empty_is_none(cls, secret: SecretStr | None) -> SecretStr | None:
        return secret if secret is not None and secret.get_secret_value() else None

    @field_validator("store_secret")
    @classmethod
    def _is_long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is None or not secret.get_secret_value():
            return None
        if len(secret.get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError("too short")
        return secret

    @property
    def is_asked_for(self) -> bool:
        return bool(self.homeserver or self.user or self.password or self.token)

    def complete(self) -> Self:
        """These settings, if nothing is missing. Raises `SettingsError` naming what is."""
        missing = [
            name
            for name, is_there in (
                ("homeserver", self.homeserver),
                ("user", self.user),
                ("password", self.password or self.token),
                ("store_secret", self.store_secret),
            )
            if not is_there
        ]
        if missing:
            raise SettingsError(self._missing(name) for name in missing)
        return self

    def _missing(self, name: str) -> str:
        field = type(self).model_fields[name]
        variable = f"QUARTIERBOTE_MATRIX__{name.upper()}"
        example = (field.examples or [""])[0]
        return f"{variable} is missing: {field.description}. Example: {variable}={example}"
