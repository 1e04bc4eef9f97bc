"""What an operator can set: one TOML file and the environment, which wins.

The house knows its own sections by type. Any other section belongs to an adapter of that name and is handed to it as
it stands, so that a new messenger needs no change here. A mistake stops the start and is called by the name the
operator wrote.
"""

from bot.settings.faults import SettingsError
from bot.settings.limits import LimitSettings
from bot.settings.reading import adapter_section, load_settings
from bot.settings.sections import (
    CitySettings,
    DatabaseSettings,
    DataSettings,
    LogFormat,
    LogLevel,
    LogSettings,
    Settings,
    WebSettings,
)

__all__ = [
    "CitySettings",
    "DataSettings",
    "DatabaseSettings",
    "LimitSettings",
    "LogFormat",
    "LogLevel",
    "LogSettings",
    "Settings",
    "SettingsError",
    "WebSettings",
    "adapter_section",
    "load_settings",
]
