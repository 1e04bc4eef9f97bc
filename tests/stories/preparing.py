"""The tables and the sample city in a fresh database: made once per moment, then copied; every story needs them."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from bot.clock import ManualClock
from bot.files import shipped
from bot.quartiere import cityfile
from bot.quartiere.service import Quartiere
from bot.settings import Settings
from bot.storage import Database
from bot.storage.schema import upgrade

_FOLDER = TemporaryDirectory(prefix="quartierbote-tests-")
_MADE: dict[datetime, Path] = {}


async def prepared(settings: Settings, clock: ManualClock) -> None:
    """The tables and the sample city; a database that is there already keeps what it has."""
    url = settings.database_url
    file = Path(url.database or "")
    if url.get_backend_name() != "sqlite" or file.exists():
        await _prepare(url, clock)
        return
    now = clock.now()
    if now not in _MADE:
        made = Path(_FOLDER.name) / f"{len(_MADE)}.sqlite3"
        await _prepare(url.set(database=str(made)), clock)
        _MADE[now] = made
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_MADE[now], file)


async def _prepare(url: URL, clock: ManualClock) -> None:
    database = Database(url.render_as_string(hide_password=False))
    try:
        await upgrade(database)
        async with database.write() as session:
            await Quartiere(clock).load(session, cityfile.read(shipped("cities") / "hameln.toml"))
    finally:
        await database.close()
