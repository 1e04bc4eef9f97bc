"""Where the files lie that ship with the program: catalogues, migrations, the sample city.

An installed package carries them in `bot/_data`; in a checkout they are folders beside `bot`.
"""

from __future__ import annotations

from pathlib import Path

_ROOM = Path(__file__).parent


def shipped(name: str) -> Path:
    """The folder `name` ("locales", "migrations", "cities"); it need not exist."""
    installed = _ROOM / "_data" / name
    return installed if installed.is_dir() else _ROOM.parent / name
