"""Matrix's door: direct rooms, encrypted or not, over a homeserver's client API.

It translates to the contract and back and holds no rule of the neighbourhood. It never repeats a send by itself; the
delivery's key is Matrix's transaction id, so a repeat on the same device arrives once.
"""

from __future__ import annotations

from adapters.matrix.platform import Matrix
from adapters.matrix.settings import MatrixSettings
from bot.contract import Platform
from bot.host import Host
from bot.settings import adapter_section

__all__ = ["Matrix", "MatrixSettings", "build"]


def build(host: Host) -> Platform | None:
    """The platform, or None when no account is set. Raises `SettingsError` for bad settings."""
    section = {"folder": host.folder, **host.settings} if host.folder else host.settings
    settings = adapter_section(MatrixSettings, "matrix", section)
    if not settings.is_asked_for:
        return None
    return Matrix(settings.complete(), host.store, host.media, well=host.well)
