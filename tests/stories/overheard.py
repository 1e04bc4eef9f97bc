"""What people typed and who they are, in every story; and whether any of it stands in the log.

The log is written as in a real city with everything switched on: JSON, our own rooms at DEBUG. Ids of people and
chats begin at conspicuous numbers, so that they are recognised, too.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot import logs
from bot.settings import LogSettings

PERSON_IDS, CHAT_IDS = 8_870_000, 8_880_000
_IDS = re.compile(r"\b88[78]\d{4}\b")
_WORD = re.compile(r"\w{6,}")
_COMMAND = re.compile(r"/\w+")


class Overheard:
    """Everything that must not be in the log."""

    def __init__(self) -> None:
        self._marked: set[str] = set()
        self._log = io.StringIO()

    def somebody(self, name: str, *addresses: str) -> None:
        """A person, and where they are on their platform."""
        self._marked |= {name, *addresses}

    def typed(self, words: str) -> None:
        """What somebody wrote: the whole, and every longer word of it. A command's name is no secret, its rest is."""
        rest = _COMMAND.sub("", words, count=1).strip()
        self._marked |= {part for part in (rest, *rest.splitlines(), *_WORD.findall(rest)) if len(part) >= 4}

    def leaks(self) -> list[str]:
        """Each line of the log with something marked in it, and what."""
        marks = {mark: re.compile(rf"(?<!\w){re.escape(mark)}(?!\w)", re.IGNORECASE) for mark in self._marked}
        found = []
        for line in self._log.getvalue().splitlines():
            said = " ".join(str(value) for key, value in json.loads(line).items() if key != "time")
            found += [f"{mark!r} in: {said}" for mark, pattern in marks.items() if pattern.search(said)]
            found += [f"the id {number} in: {said}" for number in _IDS.findall(said)]
        return found

    def written(self) -> str:
        """The log so far."""
        return self._log.getvalue()

    def forget_log(self) -> None:
        """For the tests of this very check."""
        self._log.truncate(0)
        self._log.seek(0)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Write the log here, beside whoever reads it otherwise."""
        self._marked.clear()
        self.forget_log()
        root = logging.getLogger()
        before = list(root.handlers)
        logs.set_up(LogSettings.model_validate({"format": "json", "level": "debug"}), stream=self._log)
        for handler in before:
            root.addHandler(handler)
        try:
            yield
        finally:
            logging.captureWarnings(False)


OVERHEARD = Overheard()


async def conspicuous(session: AsyncSession) -> None:
    """People's and chats' ids begin where no other number is. On a database with nobody in it."""
    if session.get_bind().dialect.name == "sqlite":
        for table, first in (("person", PERSON_IDS), ("chat", CHAT_IDS)):
            known = await session.scalar(text("SELECT 1 FROM sqlite_sequence WHERE name = :t"), {"t": table})
            if known is None:
                begin = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :n)")
                await session.execute(begin, {"t": table, "n": first})
