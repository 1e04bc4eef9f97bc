"""The page: what is on in every Quartier, for anyone, and the bot as a chat for those who have no messenger."""

from __future__ import annotations

from adapters.web.platform import WebPlatform
from bot.clock import RandomIds, SystemClock
from bot.contract import Platform
from bot.host import Host
from bot.settings import WebSettings, adapter_section


def build(host: Host) -> Platform:
    """The platform "web"; it needs no settings. Raises `SettingsError` for bad ones."""
    settings = adapter_section(WebSettings, "web", host.settings)
    return WebPlatform(host, settings, SystemClock(), RandomIds())
