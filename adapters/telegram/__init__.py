"""Telegram's door: the Bot API by long polling, in and out.

It translates to the contract and back and holds no rule of the neighbourhood. It never repeats a send by itself, and
says of each failure whether the message surely didn't go out or perhaps did: Telegram has no idempotency key.
"""

from __future__ import annotations

from adapters.telegram.platform import LIMITS, PAID_LIMITS, Telegram
from adapters.telegram.settings import TelegramSettings
from bot.contract import Limits, Platform
from bot.host import Host
from bot.settings import adapter_section

__all__ = ["Telegram", "TelegramSettings", "build"]


def build(host: Host) -> Platform | None:
    """The platform, or None when no token is set. Raises `SettingsError` for bad ones."""
    settings = adapter_section(TelegramSettings, "telegram", host.settings)
    if settings.token is None:
        return None
    return Telegram(
        settings.token.get_secret_value(),
        settings.base_url,
        host.store,
        host.media,
        limits=limits(settings),
        pays=settings.paid_broadcast,
        well=host.well,
    )


def limits(settings: TelegramSettings) -> Limits:
    """How fast it may send: what is set, else Telegram's own figures."""
    return settings.limits.applied_to(PAID_LIMITS if settings.paid_broadcast else LIMITS)
