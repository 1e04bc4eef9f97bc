"""The section `telegram` of the settings."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bot.settings import LimitSettings

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")


class TelegramSettings(BaseModel):
    """What Telegram needs. No token: the platform stays off."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")

    token: SecretStr | None = Field(
        default=None,
        description="the token that @BotFather gave you for your bot",
        examples=["123456789:AAE-kQ3x..."],
    )
    base_url: str = Field(
        default="https://api.telegram.org",
        description="the root of a Bot API server, with http:// or https://",
        examples=["http://127.0.0.1:8081"],
    )
    paid_broadcast: bool = Field(
        default=False, description="true or false: pay Telegram to send faster", examples=["true"]
    )
    """Needs "Paid Broadcasts" switched on at @BotFather, and Stars (https://core.telegram.org/bots/faq)."""
    limits: LimitSettings = Field(default=LimitSettings(), description="how fast it may send")

    @field_validator("token")
    @classmethod
    def _looks_like_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is None or not token.get_secret_value():
            return None
        if not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("not a token")
        return token

    @field_validator("base_url")
    @classmethod
    def _is_a_root(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an address")
        if "{" in url or parts.query or parts.fragment or parts.username:
            raise ValueError("more than a root")
        return url.rstrip("/")
