"""A messenger that exists in memory only: for tests, and the example to copy for a new platform.

Read `platform.py` first: it is the whole contract on one page. `phone.py` is what a person would see.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from adapters.memory.faults import Fault
from adapters.memory.phone import Call, Phone, Shown
from adapters.memory.platform import MemoryPlatform
from bot.contract import Platform
from bot.host import Host
from bot.settings import adapter_section

__all__ = ["Call", "Fault", "MemoryPlatform", "Phone", "Shown", "build"]


class MemorySettings(BaseModel):
    """An adapter's own section of the settings; a platform of the world has its token here."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool = False
    buttons: bool = True


def build(host: Host) -> Platform | None:
    """The platform "memory"; None unless the settings ask for it. Raises `SettingsError` for bad ones."""
    settings = adapter_section(MemorySettings, "memory", host.settings)
    return MemoryPlatform(buttons=settings.buttons) if settings.enabled else None
